#include "vault/vault_objects.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "base/zstd.h"
#include "crypto/hash.h"
#include "store/forwarding_store.h"
#include "store/memory_store.h"
#include "store/store_contract_test.h"
#include "vault/sealed_lines.h"
#include "vault/stored_objects.h"

namespace hubkeep {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Optional;
using ::testing::StartsWith;

const std::string kFolder = "repos/github.com/acme/site.7/";
const std::string kBundle = "git/20261123T184501Z-000001.bundle";
const std::string kRefs = "git/20261123T184501Z-000001.refs.zst";
constexpr auto kState = "state/github.com.jsonl.zst";

/// Says of whatever is written that it is there already, as long as it is told to.
class RefusingStore final : public ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;
  std::unique_ptr<ObjectWriter> create(const ObjectKey& key, std::optional<ByteCount> expected) override {
    if (refusals-- > 0) return std::make_unique<Writer>();
    return ForwardingStore::create(key, expected);
  }

  int refusals = 0;

 private:
  class Writer final : public ObjectWriter {
   public:
    void write(std::string_view) override {}
    CommitResult commit(const Precondition&) override { return CommitResult::precondition_failed; }
  };
};

class Objects : public ::testing::Test {
 protected:
  ObjectRecord write(const std::string& key, const std::string& bytes) {
    RecordedWriter writer = objects_.create(kFolder, key);
    writer.write(bytes);
    return writer.commit();
  }
  std::string stored(const std::string& key) { return objects_.read_if_there(kFolder + key, {}).value(); }
  std::string read(const ObjectRecord& record) {
    StringSink sink;
    objects_.read(kFolder, record, sink, {});
    return sink.take();
  }
  std::string read_stored(const ObjectRecord& record) {
    StringSink sink;
    objects_.read_stored(kFolder, record, sink, {});
    return sink.take();
  }

  SystemClock clock_;
  RefusingStore* const store_ = new RefusingStore(std::make_shared<MemoryStore>(clock_));
  VaultObjects objects_{std::unique_ptr<ObjectStore>(store_)};
};

TEST_F(Objects, AreStoredAsTheirKindSays) {
  const ObjectRecord bundle = write(kBundle, "a pack");
  const ObjectRecord refs = write(kRefs, "many refs");

  EXPECT_EQ(bundle.encoding, "identity");
  EXPECT_EQ(stored(kBundle), "a pack");
  EXPECT_EQ(refs.encoding, "zstd");
  EXPECT_EQ(zstd_decompress(stored(kRefs)), "many refs");
  EXPECT_EQ(read(bundle), "a pack");
  EXPECT_EQ(read(refs), "many refs");
}

TEST_F(Objects, HaveRecordsOfWhatIsStored) {
  const ObjectRecord refs = write(kRefs, "many refs");

  EXPECT_EQ(refs.key, kRefs);
  EXPECT_EQ(refs.size, stored(kRefs).size());
  EXPECT_EQ(refs.sha256, sha256_hex(stored(kRefs)));
  EXPECT_EQ(read_stored(refs), stored(kRefs));
}

TEST_F(Objects, ThatCameFromAnotherVaultAreStoredAsTheyWere) {
  const ObjectRecord refs = write(kRefs, "many refs");
  VaultObjects other(std::make_unique<MemoryStore>(clock_));
  for (const bool is_first : {true, false}) {
    RecordedWriter writer = other.create_stored(kFolder, kRefs);
    objects_.read_stored(kFolder, refs, writer, {});

    EXPECT_EQ(writer.commit_as(refs, {}), is_first);
  }

  EXPECT_EQ(other.read_if_there(kFolder + kRefs, {}), stored(kRefs));
}

TEST_F(Objects, WithoutARecordAreReadAsTheirKindSays) {
  SealedLinesWriter lines("state");
  lines.add({{"host", "github.com"}});
  overwrite_object(objects_, kState, lines.finish());
  write(kRefs, "many refs");
  StringSink refs;
  StringSink state;

  objects_.read(kFolder + kRefs, refs, {});
  objects_.read(kState, state, {});

  EXPECT_EQ(refs.str(), "many refs");
  EXPECT_THAT(state.str(), StartsWith("{\"host\":\"github.com\"}\n"));
}

TEST_F(Objects, AreWrittenUnderKeysOfAKindAlone) {
  for (const char* key : {"photos/a.jpg", "repos/acme/git/a.bundle", "zip/2026/a.zip"})
    EXPECT_EQ(kind_of_error([&] { objects_.create("", key); }), ErrorKind::invalid) << key;
}

TEST_F(Objects, ThatWereChangedAreDamagedByName) {
  const ObjectRecord refs = write(kRefs, "many refs");
  const std::string good = stored(kRefs);
  for (const std::string& bytes : {good + "x", good.substr(1), zstd_compress("other refs")}) {
    overwrite_object(objects_, kFolder + kRefs, bytes);

    EXPECT_EQ(kind_of_error([&] { read(refs); }), ErrorKind::corrupt);
    EXPECT_EQ(kind_of_error([&] { read_stored(refs); }), ErrorKind::corrupt);
    EXPECT_THAT(message_of_error([&] { read(refs); }), StartsWith(kFolder + kRefs));
  }
  remove_object(objects_, kFolder + kRefs);
  EXPECT_EQ(kind_of_error([&] { read(refs); }), ErrorKind::not_found);
}

TEST_F(Objects, AreReadInPieces) {
  const std::string key = "git/20261123T184501Z-3f9a1c.bundle";
  const ObjectRecord bundle = write(key, "header and pack");
  StringSink piece;
  objects_.read_piece(kFolder, bundle, 7, 3, piece, {});
  EXPECT_EQ(piece.str(), "and");
  EXPECT_EQ(kind_of_error([&] { objects_.read_piece(kFolder, bundle, 10, 6, piece, {}); }),
            ErrorKind::corrupt);
}

TEST_F(Objects, InAnEncodingOfLaterVersionsAreNoDamage) {
  ObjectRecord refs = write(kRefs, "many refs");
  refs.encoding = "brotli";

  EXPECT_EQ(kind_of_error([&] { read(refs); }), ErrorKind::invalid);
  EXPECT_EQ(read_stored(refs), stored(kRefs));
}

TEST_F(Objects, OfAnotherWithTheSameBytesAreTakenForTheirOwn) {
  const ObjectRecord first = write(kBundle, "bytes");

  EXPECT_EQ(write(kBundle, "bytes"), first);
}

TEST_F(Objects, OfAnotherWithOtherBytesAreRefusedByName) {
  const ObjectRecord first = write(kBundle, "bytes");

  EXPECT_EQ(first.size, 5U);
  EXPECT_EQ(kind_of_error([&] { write(kBundle, "other"); }), ErrorKind::corrupt);
  EXPECT_THAT(message_of_error([&] { write(kBundle, "other"); }),
              AllOf(HasSubstr(kBundle + " is there already"), HasSubstr("other bytes")));
  EXPECT_THAT(message_of_error([&] { write(kBundle, "more bytes"); }),
              HasSubstr("with 5 bytes where 10 were"));
  RecordedWriter writer = objects_.create(kFolder, kBundle);
  EXPECT_EQ(writer.commit_if_absent(), std::nullopt);
}

TEST_F(Objects, ThatAreNotThereAreNotBelievedToBeThere) {
  store_->refusals = 1;

  EXPECT_EQ(kind_of_error([&] { write(kBundle, "bytes"); }), ErrorKind::transient);
}

TEST_F(Objects, AreChangedAgainWhereAnotherWasFirst) {
  std::vector<std::optional<std::string>> seen;
  const auto add = [&](const std::optional<std::string>& bytes) {
    seen.push_back(bytes);
    if (seen.size() == 1) overwrite_object(objects_, kState, "another's");
    return bytes.value_or("") + " and mine";
  };

  objects_.update(kState, add, {});

  EXPECT_THAT(seen, ElementsAre(std::nullopt, Optional(std::string("another's"))));
  EXPECT_EQ(objects_.read_if_there(kState, {}), "another's and mine");
}

TEST_F(Objects, AreLeftAsTheyAreWhereNothingChanges) {
  overwrite_object(objects_, kState, "as it is");
  store_->refusals = 1;

  objects_.update(kState, [](const auto&) { return std::nullopt; }, {});

  EXPECT_EQ(store_->refusals, 1);
  EXPECT_EQ(objects_.read_if_there(kState, {}), "as it is");
}

TEST_F(Objects, GiveUpWhereOthersAreFirstAgainAndAgain) {
  store_->refusals = 1'000'000;

  EXPECT_EQ(kind_of_error([&] { overwrite_object(objects_, kState, "mine"); }), ErrorKind::transient);
}

TEST_F(Objects, AreRemovedWithAResultForEach) {
  overwrite_object(objects_, kState, "state");
  const std::vector<ObjectKey> keys = {kState, "state/example.com.jsonl.zst"};

  const auto results = objects_.remove(keys, {});

  EXPECT_EQ(results.size(), keys.size());
  for (const auto& result : results) EXPECT_FALSE(result);
  EXPECT_FALSE(objects_.find(kState));
}

}  // namespace
}  // namespace hubkeep
