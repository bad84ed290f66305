#include "vault/vault_history.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>

#include "base/clock.h"
#include "base/error.h"
#include "store/forwarding_store.h"
#include "store/memory_store.h"
#include "vault/stored_objects.h"

namespace hubkeep {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

const std::string kFolder = "repos/github.com/acme/site.7/";
const std::string kHeader = "# v2 git bundle\n\n";
// A pack's start, a blob of one letter as a stored block (RFC 1951, 3.2.4), and what stands for the trailer.
std::string pack_of(char letter) {
  const auto a = static_cast<unsigned char>(letter);
  const std::string adler = {'\0', static_cast<char>(a + 1), '\0', static_cast<char>(a + 1)};
  return std::string("PACK\0\0\0\2\0\0\0\1\x31\x78\x01\1\1\0\xfe\xff", 20) + letter + adler +
         std::string(20, 'x');
}

Oid blob_of(char letter) {
  return name_of(ObjectType::blob, {&letter, 1}, ObjectFormat::sha1);
}

class VaultHistory : public testing::Test {
 protected:
  ObjectRecord write(const std::string& key, const std::string& bytes) {
    RecordedWriter writer = objects_.create(kFolder, key);
    writer.write(bytes);
    return writer.commit();
  }
  // As many bundles as letters, base first.
  GitPart history_of(const std::string& letters) {
    GitPart git;
    for (const char letter : letters) {
      const std::string id = std::string("20261123T184501Z-00000") + letter;
      StringSink index;
      write_pack_index({{blob_of(letter), 0, 12}}, Oid(), index);
      git.bundles.push_back({.snapshot = SnapshotId::parse(id).value(),
                             .builds_on = {},
                             .pack_offset = kHeader.size(),
                             .objects = 1,
                             .record = write("git/" + id + ".bundle", kHeader + pack_of(letter)),
                             .index = write("git/" + id + ".idx", index.take())});
    }
    return git;
  }
  std::string failure_of(const std::function<void()>& action) {
    try {
      action();
      return "none";
    } catch (const Error& error) {
      return std::string(to_string(error.kind())) + ": " + error.message();
    }
  }

  SystemClock clock_;
  VaultObjects objects_{std::make_unique<MemoryStore>(clock_)};
  ReadBudget budget_;
};

TEST_F(VaultHistory, ReadsObjectsOfAnyBundleAndOnlyThoseBundles) {
  const GitPart git = history_of("abc");
  const auto chain = open_chain(objects_, kFolder, git, budget_, {}, {});

  EXPECT_EQ(budget_.requests(), 3U);  // the indexes
  EXPECT_EQ(chain->read(blob_of('b'), {})->content, "b");
  EXPECT_EQ(budget_.requests(), 4U);
  EXPECT_EQ(chain->size_of(blob_of('b'), {}), 1U);
  EXPECT_EQ(budget_.requests(), 4U);
  EXPECT_FALSE(chain->read(blob_of('d'), {}));
  EXPECT_EQ(budget_.requests(), 4U);
}

TEST_F(VaultHistory, NamesWhatIsDamagedOrNotThere) {
  GitPart git = history_of("abc");
  const auto read_of = [&](char letter) {
    return failure_of(
        [&] { open_chain(objects_, kFolder, git, budget_, {}, {})->read(blob_of(letter), {}); });
  };
  overwrite_object(objects_, kFolder + git.bundles[0].record.key, kHeader + pack_of('b'));
  overwrite_object(objects_, kFolder + git.bundles[1].record.key, kHeader);
  remove_object(objects_, kFolder + git.bundles[2].record.key);

  EXPECT_THAT(read_of('a'), HasSubstr("corrupt: object " + blob_of('a').hex() + " at offset 12"));
  EXPECT_THAT(read_of('b'), HasSubstr(git.bundles[1].record.key));
  EXPECT_THAT(read_of('c'), HasSubstr(git.bundles[2].record.key));

  overwrite_object(objects_, kFolder + git.bundles[1].index->key, "another");
  EXPECT_THAT(read_of('a'), AllOf(HasSubstr("corrupt: "), HasSubstr(git.bundles[1].index->key)));
  git.bundles[1].index = std::nullopt;
  EXPECT_EQ(read_of('a'), "corrupt: " + git.bundles[1].record.key + " has no index");
}

TEST_F(VaultHistory, EndsWhereTheBudgetDoes) {
  const GitPart git = history_of("ab");
  ReadBudget budget({.requests = 2});
  const auto chain = open_chain(objects_, kFolder, git, budget, {}, {});

  EXPECT_THAT(failure_of([&] { chain->read(blob_of('a'), {}); }), HasSubstr("more than is allowed"));
  EXPECT_TRUE(budget.was_exceeded());
}

/// Lets nobody out who reads an index until another does, or a minute has passed.
class MeetingStore final : public ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;

  void read(const ObjectKey& key, ByteCount offset, std::optional<ByteCount> length, ByteSink& sink,
            const std::stop_token& stop) override {
    ForwardingStore::read(key, offset, length, sink, stop);
    if (!key.ends_with(".idx")) return;
    std::unique_lock lock(mutex_);
    most_inside = std::max(most_inside, ++inside_);
    met_.notify_all();
    met_.wait_for(lock, std::chrono::minutes(1), [&] { return most_inside > 1; });
    --inside_;
  }

  int most_inside = 0;  // read it when nobody reads

 private:
  std::mutex mutex_;
  std::condition_variable met_;
  int inside_ = 0;
};

TEST_F(VaultHistory, ReadsAFewIndexesAtOnceAndKeepsTheirOrder) {
  auto memory = std::make_shared<MemoryStore>(clock_);
  auto made = std::make_unique<MeetingStore>(memory);
  MeetingStore& store = *made;
  VaultObjects objects(std::move(made));
  const GitPart git = history_of("abcdef");
  std::vector<const Bundle*> bundles;
  for (const Bundle& bundle : git.bundles) {
    StringSink bytes;
    objects_.read_stored(kFolder, *bundle.index, bytes, {});
    RecordedWriter writer = objects.create(kFolder, bundle.index->key);
    writer.write(bytes.str());
    EXPECT_EQ(writer.commit(), *bundle.index);
    bundles.push_back(&bundle);
  }

  const auto indexes = read_bundle_indexes(objects, kFolder, bundles, budget_, {});

  ASSERT_EQ(indexes.size(), 6U);
  for (std::size_t i = 0; i < indexes.size(); ++i)
    EXPECT_TRUE(PackIndex(indexes[i].bytes, ObjectFormat::sha1).contains(blob_of("abcdef"[i])));
  EXPECT_GE(store.most_inside, 2);
  EXPECT_LE(store.most_inside, 4);
  EXPECT_EQ(budget_.requests(), 6U);
}

TEST_F(VaultHistory, AnIndexThatIsGoneIsToldBesideThoseThatAreThere) {
  const GitPart git = history_of("abc");
  remove_object(objects_, kFolder + git.bundles[1].index->key);

  const auto indexes = read_bundle_indexes(
      objects_, kFolder, std::vector{&git.bundles[0], &git.bundles[1], &git.bundles[2]}, budget_, {});

  EXPECT_FALSE(indexes[0].error);
  ASSERT_TRUE(indexes[1].error);
  EXPECT_EQ(indexes[1].error->kind(), ErrorKind::not_found);
  EXPECT_FALSE(indexes[2].error);
}

TEST_F(VaultHistory, ABundleKeepsWhyItIsNotProved) {
  GitPart git = history_of("a");
  git.bundles.front().not_proved_because = "tree 12: a tree is cut short";

  EXPECT_EQ(git_part(to_part(git)), git);
}

}  // namespace
}  // namespace hubkeep
