#include "vault/object_list.h"

#include <gmock/gmock.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "base/scratch_folder.h"
#include "base/zstd.h"
#include "store/folder/folder_store.h"

namespace hubkeep {
namespace {

using Json = nlohmann::ordered_json;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

const std::string kFolder = "repos/github.com/acme/site.7/";

class ObjectList : public testing::Test {
 protected:
  static Json record(const std::string& key, const std::string& encoding = "identity") {
    return {{"key", key}, {"size", 3}, {"sha256", std::string(64, 'a')}, {"encoding", encoding}};
  }

  ObjectRecord write(const std::string& lines, const std::string& encoding = "zstd") {
    RecordedWriter writer = objects_.create_stored(kFolder, "x/list." + std::to_string(++lists_));
    writer.write(encoding == "zstd" ? zstd_compress(lines) : lines);
    ObjectRecord list = writer.commit();
    list.encoding = encoding;
    return list;
  }

  Manifest manifest_with(const ObjectRecord& list) const {
    Json json = to_json(list);
    json["lists"] = true;
    return {.program = "hubkeep 9.1", .parts = {{"x", Part({{"status", "ok"}, {"all", json}})}}};
  }

  std::vector<std::string> keys_of(const ObjectRecord& list) {
    std::vector<std::string> keys;
    visit_objects(manifest_with(list), read_lists(objects_, kFolder, stop_),
                  [&](const ObjectRecord& record) { keys.push_back(record.key); });
    return keys;
  }

  Error error_of(const ObjectRecord& list) {
    try {
      keys_of(list);
    } catch (const Error& error) {
      return error;
    }
    ADD_FAILURE() << "it did not fail";
    return {ErrorKind::internal, ""};
  }

  /// Replaces one letter by another, wherever it first stands.
  void damage(const ObjectRecord& list, const std::string& from, char to) {
    std::fstream file(folder_.path() / (kFolder + list.key), std::ios::in | std::ios::out);
    std::string text(list.size, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    file.seekp(static_cast<std::streamoff>(text.find(from)));
    file.put(to);
  }

  ScratchFolder folder_;
  VaultObjects objects_{std::make_unique<FolderStore>(folder_.path().string(), OpenMode::create)};
  const std::stop_token stop_;
  int lists_ = 0;
};

TEST_F(ObjectList, IsReadWhateverItsEncoding) {
  const std::string lines = record("a").dump() + "\n" + record("/lfs/b").dump() + "\n";
  for (const char* encoding : {"zstd", "identity"}) {
    const ObjectRecord list = write(lines, encoding);

    EXPECT_THAT(keys_of(list), ElementsAre(list.key, "a", "/lfs/b"));
  }
  EXPECT_THAT(keys_of(write("")), testing::SizeIs(1));
}

TEST_F(ObjectList, RefusesWhatALaterVersionNamesInItAndSaysWhich) {
  const ObjectRecord list = write(record("a").dump() + "\n" + record("b", "age").dump() + "\n");

  EXPECT_EQ(error_of(list).kind(), ErrorKind::invalid);
  EXPECT_THAT(error_of(list).message(),
              AllOf(HasSubstr("age"), HasSubstr("b was written by hubkeep 9.1: use that version")));
}

// "identity" and "idantity" differ in a bit.
TEST_F(ObjectList, IsDamagedRatherThanOfALaterVersionWhereItsBytesAreNotWhatWasWritten) {
  const ObjectRecord list = write(record("a").dump() + "\n", "identity");
  damage(list, "entity", 'a');

  EXPECT_EQ(error_of(list).kind(), ErrorKind::corrupt);
  EXPECT_THAT(error_of(list).message(), HasSubstr("its SHA-256 differs"));
}

TEST_F(ObjectList, IsDamagedWhereItsLinesAreNone) {
  for (const std::string lines :
       {"no JSON\n", "{\"name\": 1}\n", "[]\n", "{\"key\": \"a\", \"size\": 1}\n", "\n"}) {
    const Error error = error_of(write(lines));

    EXPECT_EQ(error.kind(), ErrorKind::corrupt) << lines;
    EXPECT_THAT(error.message(), HasSubstr("is as it was written, but cannot be used")) << lines;
  }
  EXPECT_EQ(error_of(write(record("a").dump())).kind(), ErrorKind::corrupt);  // a last line without its end
}

TEST_F(ObjectList, IsMissedWhereItIsMissing) {
  const ObjectRecord list = write("");
  std::filesystem::remove(folder_.path() / (kFolder + list.key));

  EXPECT_EQ(error_of(list).kind(), ErrorKind::not_found);
}

TEST_F(ObjectList, IsRequiredToBeKnownAsFarAsItCanBeRead) {
  const ListReader lists = read_lists(objects_, kFolder, stop_);
  const ObjectRecord later = write(record("b", "age").dump() + "\n");
  const ObjectRecord missing = write("");
  std::filesystem::remove(folder_.path() / (kFolder + missing.key));

  EXPECT_THROW(require_known(manifest_with(later), lists), Error);
  EXPECT_NO_THROW(require_known(manifest_with(missing), lists));
  EXPECT_NO_THROW(require_known(manifest_with(write("no JSON\n")), lists));
  EXPECT_NO_THROW(require_known(manifest_with(write(record("a").dump() + "\n")), lists));
}

}  // namespace
}  // namespace hubkeep
