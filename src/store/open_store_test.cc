#include "store/open_store.h"

#include <gmock/gmock.h>

#include <fstream>

#include "base/scratch_folder.h"
#include "store/store_contract_test.h"

namespace hubkeep {
namespace {

using ::testing::HasSubstr;

TEST(OpenStore, TakesAPathAndMakesTheFolder) {
  const ScratchFolder scratch;
  const auto path = (scratch.path() / "new" / "vault").string();

  const auto store = open_store(path, OpenMode::create);

  EXPECT_EQ(store->description(), path);
  EXPECT_TRUE(std::filesystem::is_directory(path));
}

TEST(OpenStore, TakesAPathWithASlashAtItsEnd) {
  const ScratchFolder scratch;

  const auto store = open_store((scratch.path() / "a" / "b").string() + "/", OpenMode::create);

  EXPECT_EQ(put(*store, "x", "1"), CommitResult::committed);
  EXPECT_TRUE(std::filesystem::exists(scratch.path() / "a" / "b" / "x"));
}

TEST(OpenStore, TakesAFileUrl) {
  const ScratchFolder scratch;
  const auto path = (scratch.path() / "a vault%").string();

  open_store("file://" + scratch.path().string() + "/a%20vault%25", OpenMode::create);
  open_store("FILE://localhost" + scratch.path().string() + "/a%20vault%25", OpenMode::read);

  EXPECT_TRUE(std::filesystem::is_directory(path));
}

TEST(OpenStore, RefusesWhatItCannotServeAndSaysWhatToDo) {
  struct Case {
    std::string location;
    const char* words;
  };
  for (const Case& c :
       {Case{"", "--to DIR"}, Case{"s3://bucket/prefix", "s3:// yet"}, Case{"S3://bucket", "s3:// yet"},
        Case{"s3:bucket", "s3:// yet"}, Case{"gs://bucket", "gs:// yet"},
        Case{"file:relative", "file:// yet"}, Case{"file://host/vault", "file:///path/to/folder"},
        Case{"file://vault", "file:///path/to/folder"}, Case{"file:///vault?x", "%3F"},
        Case{"file:///vault%2", "hexadecimal"}, Case{"file:///vault%zz", "hexadecimal"},
        Case{"file:///vault%00", "NUL"}, Case{std::string("/vault\0x", 8), "NUL"}}) {
    const auto open = [&] { open_store(c.location, OpenMode::create); };

    EXPECT_EQ(kind_of_error(open), ErrorKind::invalid) << c.location;
    EXPECT_THAT(message_of_error(open), HasSubstr(c.words));
  }
}

TEST(OpenStore, TakesAFolderWhoseNameHasAColonBehindDotSlash) {
  const ScratchFolder scratch;

  EXPECT_EQ(kind_of_error(
                [&] { open_store("./" + scratch.path().string().substr(1) + "/no:such", OpenMode::read); }),
            ErrorKind::not_found);
}

TEST(OpenStore, SaysWhatIsMissingWhenItShallOnlyRead) {
  const ScratchFolder scratch;
  const auto path = (scratch.path() / "missing").string();
  const auto open = [&] { open_store(path, OpenMode::read); };

  EXPECT_EQ(kind_of_error(open), ErrorKind::not_found);
  EXPECT_THAT(message_of_error(open), HasSubstr(path));
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(OpenStore, NamesAFileInTheWay) {
  const ScratchFolder scratch;
  const auto file = (scratch.path() / "file").string();
  std::ofstream(file) << "mine";

  for (const auto& path : {file, file + "/vault"}) {
    const auto open = [&] { open_store(path, OpenMode::create); };
    EXPECT_EQ(kind_of_error(open), ErrorKind::invalid) << path;
    EXPECT_THAT(message_of_error(open), HasSubstr(file));
  }
}

}  // namespace
}  // namespace hubkeep
