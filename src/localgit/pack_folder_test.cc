// Packs that come with the index of them as they are: what git would have made of them is the measure.
#include "localgit/pack_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "base/error_of.h"
#include "base/text.h"
#include "localgit/git_fixture.h"
#include "localgit/mapped_file.h"
#include "pack/pack_indexer.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::SizeIs;

std::string many_lines(int changed) {
  std::string text;
  for (int i = 0; i < 500; ++i) text += "line " + std::to_string(i == changed ? -i : i) + " of a file\n";
  return text;
}

/// All files of a folder, by their names.
std::map<std::string, std::string> files_in(const fs::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::directory_iterator(folder))
    files[entry.path().filename().string()] = read_file(entry.path());
  return files;
}

class PackFolderTest : public testing::TestWithParam<ObjectFormat> {
 protected:
  PackFolderTest() {
    fs::create_directory(packs_folder());
    for (const char* name : {"a", "b", "c"}) source_.commit(name, many_lines(0) + name);
    base_ = source_.pack();
    const auto before = head();
    for (const char* name : {"a", "b", "c"}) source_.commit(name, many_lines(250) + name);
    thin_ = source_.pack({before});
    const auto middle = head();
    source_.commit("a", many_lines(100) + "a");
    source_.commit("d", "new");
    next_ = source_.pack({middle});
  }

  std::string head() const { return std::string(trim(source_.run({"rev-parse", "HEAD"}))); }
  fs::path packs_folder() const { return scratch_.path() / "pack"; }

  // The pack and the index of it as it is, as backup stores them.
  PackFiles store(const std::string& name, const std::string& pack) {
    const PackFiles files{scratch_.path() / (name + ".pack"), scratch_.path() / (name + ".idx")};
    write_file(files.pack, pack);
    PackIndexer indexer(GetParam(), nullptr, {});
    indexer.write(pack);
    indexer.finish();
    FileSource written(files.pack);
    auto indexed = indexer.resolve(written, packs_, {});
    write_index_file({.entries = std::move(indexed->entries), .checksum = indexed->checksum}, files.index);
    return files;
  }
  void add(const std::string& name, const std::string& pack) { packs_.add(store(name, pack), {}); }

  // What git makes of packs that come one after the other.
  std::map<std::string, std::string> made_by_git(const std::vector<std::string>& packs) const {
    const ScratchFolder target;
    git(target.path(),
        {"init", "--quiet", "--bare", "--object-format=" + std::string(to_string(GetParam()))});
    for (const auto& pack : packs)
      git(target.path(), {"-c", "pack.writeReverseIndex=false", "index-pack", "--stdin", "--fix-thin"}, pack);
    return files_in(target.path() / "objects" / "pack");
  }

  SourceRepository source_{GetParam()};
  ScratchFolder scratch_;
  PackFolder packs_{packs_folder(), GetParam()};
  std::string base_;
  std::string thin_;
  std::string next_;
};

INSTANTIATE_TEST_SUITE_P(Format, PackFolderTest, testing::Values(ObjectFormat::sha1, ObjectFormat::sha256),
                         [](const auto& format) { return std::string(to_string(format.param)); });

TEST_P(PackFolderTest, CompletesThinPacksByteForByteAsGitDoes) {
  add("base", base_);
  add("thin", thin_);
  add("next", next_);

  EXPECT_EQ(files_in(packs_folder()), made_by_git({base_, thin_, next_}));
  EXPECT_GT(fs::file_size(scratch_.path() / "thin.pack"), thin_.size());
}

TEST_P(PackFolderTest, TakesAPackAgainThatIsCompleteAlready) {
  add("base", base_);
  const PackFiles files = store("thin", thin_);
  packs_.add(files, {});
  const auto complete = files_in(packs_folder());
  fs::remove_all(packs_folder());
  fs::create_directory(packs_folder());

  PackFolder again(packs_folder(), GetParam());
  again.add({scratch_.path() / "base.pack", scratch_.path() / "base.idx"}, {});
  again.add(files, {});

  EXPECT_EQ(files_in(packs_folder()), complete);
}

TEST_P(PackFolderTest, LeavesOutAPackThatHoldsNothing) {
  add("base", base_);
  add("empty", source_.pack({head()}));

  EXPECT_THAT(files_in(packs_folder()), SizeIs(2));
}

TEST_P(PackFolderTest, RefusesAnIndexOfAnotherPack) {
  const PackFiles base = store("base", base_);
  packs_.add(base, {});
  const PackFiles thin = store("thin", thin_);
  add("again", thin_);
  const PackFiles next = store("next", next_);

  const auto refusal = [&](const PackFiles& files) { return error_of([&] { packs_.add(files, {}); }); };

  EXPECT_EQ(refusal({thin.pack, next.index}).kind(), ErrorKind::corrupt);
  EXPECT_EQ(refusal({thin.pack, base.index}).kind(), ErrorKind::corrupt);
  fs::resize_file(thin.pack, thin_.size() - 1);
  EXPECT_EQ(refusal(thin).kind(), ErrorKind::corrupt);
  fs::resize_file(thin.pack, 3);
  EXPECT_EQ(refusal(thin).kind(), ErrorKind::corrupt);
}

TEST_P(PackFolderTest, NamesABaseThatIsNowhere) {
  add("base", base_);
  const PackFiles thin = store("thin", thin_);
  fs::remove_all(packs_folder());
  fs::create_directory(packs_folder());
  PackFolder another(packs_folder(), GetParam());
  source_.run({"checkout", "--quiet", "--orphan", "other"});
  source_.run({"rm", "-rfq", "."});
  source_.commit("x", "of another history");
  another.add(store("other", source_.run({"pack-objects", "--quiet", "--revs", "--stdout"}, "other\n")), {});

  const Error error = error_of([&] { another.add(thin, {}); });

  EXPECT_EQ(error.kind(), ErrorKind::corrupt);
  EXPECT_THAT(error.message(), HasSubstr("which is not in the backup"));
}

TEST_P(PackFolderTest, KnowsAWholePairFromOneThatIsNot) {
  const PackFiles files = store("base", base_);
  ASSERT_TRUE(are_whole(files, GetParam(), {}));

  std::string flipped = base_;
  flipped[flipped.size() / 2] = static_cast<char>(flipped[flipped.size() / 2] ^ 1);
  write_file(files.pack, flipped);
  EXPECT_FALSE(are_whole(files, GetParam(), {}));
  write_file(files.pack, base_.substr(0, base_.size() / 2));
  EXPECT_FALSE(are_whole(files, GetParam(), {}));
  write_file(files.pack, base_);
  EXPECT_TRUE(are_whole(files, GetParam(), {}));
  write_file(files.index, read_file(files.index).substr(1));
  EXPECT_FALSE(are_whole(files, GetParam(), {}));
  fs::remove(files.index);
  EXPECT_FALSE(are_whole(files, GetParam(), {}));
}

TEST_P(PackFolderTest, ClosesLinksByWhatIsThere) {
  PackIndexer indexer(GetParam(), nullptr, {});
  add("base", base_);
  const PackFiles files{scratch_.path() / "thin.pack", scratch_.path() / "thin.idx"};
  write_file(files.pack, thin_);
  indexer.write(thin_);
  indexer.finish();
  FileSource written(files.pack);
  auto indexed = indexer.resolve(written, packs_, {});
  ASSERT_GT(indexed->links.open(), 0U);

  PackFolder(packs_folder(), GetParam()).close(indexed->links);
  EXPECT_GT(indexed->links.open(), 0U);
  packs_.close(indexed->links);
  EXPECT_EQ(indexed->links.open(), 0U);
}

}  // namespace
}  // namespace hubkeep
