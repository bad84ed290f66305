#include "store/open_store.h"

#include <gmock/gmock.h>

#include <fstream>

#include "base/scratch_folder.h"
#include "store/store_contract_test.h"

namespace hubkeep {
namespace {

using ::testing::HasSubstr;

std::unique_ptr<ObjectStore> no_s3(const S3Location& location) {
  throw Error(ErrorKind::internal, "the bucket " + location.bucket + " was not asked for");
}

TEST(OpenStore, TakesAPathAndMakesTheFolder) {
  const ScratchFolder scratch;
  const auto path = (scratch.path() / "new" / "vault").string();

  const auto store = open_store(path, OpenMode::create, no_s3);

  EXPECT_EQ(store->description(), path);
  EXPECT_TRUE(std::filesystem::is_directory(path));
}

TEST(OpenStore, TakesAPathWithASlashAtItsEnd) {
  const ScratchFolder scratch;

  const auto store = open_store((scratch.path() / "a" / "b").string() + "/", OpenMode::create, no_s3);

  EXPECT_EQ(put(*store, "x", "1"), CommitResult::committed);
  EXPECT_TRUE(std::filesystem::exists(scratch.path() / "a" / "b" / "x"));
}

TEST(OpenStore, TakesAFileUrl) {
  const ScratchFolder scratch;
  const auto path = (scratch.path() / "a vault%").string();

  open_store("file://" + scratch.path().string() + "/a%20vault%25", OpenMode::create, no_s3);
  open_store("FILE://localhost" + scratch.path().string() + "/a%20vault%25", OpenMode::read, no_s3);

  EXPECT_TRUE(std::filesystem::is_directory(path));
}

TEST(OpenStore, LeavesABucketToTheOneWhoCanOpenIt) {
  S3Location opened;

  for (const auto* location : {"s3://bucket/prefix", "S3://bucket/prefix/"}) {
    open_store(location, OpenMode::read, [&](const S3Location& asked) {
      opened = asked;
      return nullptr;
    });

    EXPECT_EQ(opened, (S3Location{"bucket", "prefix/"}));
  }
}

TEST(OpenStore, RefusesWhatItCannotServeAndSaysWhatToDo) {
  struct Case {
    std::string location;
    const char* words;
  };
  for (const Case& c :
       {Case{"", "give a folder or s3://BUCKET/PREFIX"}, Case{"s3:bucket", "s3://BUCKET/PREFIX"},
        Case{"s3://", "no name for a bucket"}, Case{"gs://bucket", "cannot use gs://"},
        Case{"file:relative", "cannot use file://"}, Case{"file://host/vault", "file:///path/to/folder"},
        Case{"file://vault", "file:///path/to/folder"}, Case{"file:///vault?x", "%3F"},
        Case{"file:///vault%2", "hexadecimal"}, Case{"file:///vault%zz", "hexadecimal"},
        Case{"file:///vault%00", "NUL"}, Case{std::string("/vault\0x", 8), "NUL"}}) {
    const auto open = [&] { open_store(c.location, OpenMode::create, no_s3); };

    EXPECT_EQ(kind_of_error(open), ErrorKind::invalid) << c.location;
    EXPECT_THAT(message_of_error(open), HasSubstr(c.words));
  }
}

TEST(OpenStore, TakesAFolderWhoseNameHasAColonBehindDotSlash) {
  const ScratchFolder scratch;

  EXPECT_EQ(kind_of_error([&] {
              open_store("./" + scratch.path().string().substr(1) + "/no:such", OpenMode::read, no_s3);
            }),
            ErrorKind::not_found);
}

TEST(OpenStore, SaysWhatIsMissingWhenItShallOnlyRead) {
  const ScratchFolder scratch;
  const auto path = (scratch.path() / "missing").string();
  const auto open = [&] { open_store(path, OpenMode::read, no_s3); };

  EXPECT_EQ(kind_of_error(open), ErrorKind::not_found);
  EXPECT_THAT(message_of_error(open), HasSubstr(path));
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(OpenStore, NamesAFileInTheWay) {
  const ScratchFolder scratch;
  const auto file = (scratch.path() / "file").string();
  std::ofstream(file) << "mine";

  for (const auto& path : {file, file + "/vault"}) {
    const auto open = [&] { open_store(path, OpenMode::create, no_s3); };
    EXPECT_EQ(kind_of_error(open), ErrorKind::invalid) << path;
    EXPECT_THAT(message_of_error(open), HasSubstr(file));
  }
}

}  // namespace
}  // namespace hubkeep
