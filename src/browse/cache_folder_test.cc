#include "browse/cache_folder.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "base/scratch_folder.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;

ByteCount size_of(const fs::path& folder) {
  ByteCount size = 0;
  for (const auto& each : fs::directory_iterator(folder)) size += each.file_size();
  return size;
}

TEST(CacheFolder, FindsWhatItKeptForItsOwnerAlone) {
  const ScratchFolder scratch;
  const fs::path folder = scratch.path() / "a" / "hubkeep";
  CacheFolder(folder).keep("x", "content");
  CacheFolder(folder).keep("empty", "");

  EXPECT_EQ(CacheFolder(folder).find("x"), "content");
  EXPECT_EQ(CacheFolder(folder).find("empty"), "");
  EXPECT_EQ(CacheFolder(folder).find("y"), std::nullopt);
  struct stat state{};
  ASSERT_EQ(::stat(folder.c_str(), &state), 0);
  EXPECT_EQ(state.st_mode & 0777U, 0700U);
  ASSERT_EQ(::stat((folder / "x").c_str(), &state), 0);
  EXPECT_EQ(state.st_mode & 0777U, 0600U);
}

TEST(CacheFolder, DoesNotFindWhatIsDamagedAndReplacesIt) {
  const ScratchFolder scratch;
  CacheFolder cache(scratch.path());
  cache.keep("x", "content");
  const auto damage = [&](const std::string& bytes) {
    std::ofstream(scratch.path() / "x", std::ios::binary) << bytes;
  };

  for (const std::string& bytes : {std::string(), std::string("short"), std::string(40, 'x')}) {
    damage(bytes);
    EXPECT_EQ(cache.find("x"), std::nullopt);
    cache.keep("x", "content");
    EXPECT_EQ(cache.find("x"), "content");
  }
  fs::remove(scratch.path() / "x");
  cache.keep("y", "content");
  fs::create_symlink("y", scratch.path() / "x");
  EXPECT_EQ(cache.find("x"), std::nullopt);
}

TEST(CacheFolder, ForgetsWhatItIsToldTo) {
  const ScratchFolder scratch;
  CacheFolder cache(scratch.path());
  cache.keep("x", "content");
  cache.keep("y", "content");

  cache.forget("x");
  cache.forget("x");

  EXPECT_EQ(cache.find("x"), std::nullopt);
  EXPECT_EQ(cache.find("y"), "content");
}

TEST(CacheFolder, KeepsWithinItsLimitWhatWasUsedLast) {
  const ScratchFolder scratch;
  CacheFolder cache(scratch.path(), 10'000);
  const std::string content(1'000 - 32, 'x');
  const auto name = [](int number) { return std::string(64, 'a') + "." + std::to_string(number); };
  for (int i = 0; i < 10; ++i) {
    cache.keep(name(i), content);
    fs::last_write_time(scratch.path() / name(i),
                        fs::file_time_type::clock::now() - std::chrono::hours(10 - i));
  }
  EXPECT_EQ(size_of(scratch.path()), 10'000U);
  EXPECT_TRUE(cache.find(name(0)));  // used now

  cache.keep(name(10), content);
  EXPECT_LE(size_of(scratch.path()), 8'000U);
  EXPECT_TRUE(cache.find(name(0)));
  EXPECT_FALSE(cache.find(name(1)));
  EXPECT_TRUE(cache.find(name(10)));
  cache.keep(name(11), std::string(10'000, 'x'));
  EXPECT_FALSE(cache.find(name(11)));
}

TEST(CacheFolder, RemovesNothingOfOthers) {
  const ScratchFolder scratch;
  const std::string theirs = std::string(64, 'a') + "b.txt";
  for (const std::string& name : {theirs, std::string("thesis.odt"), std::string("cafe.unfinished")})
    std::ofstream(scratch.path() / name) << std::string(20'000, 'x');
  CacheFolder cache(scratch.path(), 10'000);

  for (int i = 0; i < 20; ++i)
    cache.keep(std::string(64, 'a') + "." + std::to_string(i), std::string(1'000, 'x'));

  EXPECT_EQ(fs::file_size(scratch.path() / theirs), 20'000U);
  EXPECT_TRUE(fs::exists(scratch.path() / "thesis.odt"));
  EXPECT_TRUE(fs::exists(scratch.path() / "cafe.unfinished"));
  EXPECT_LE(size_of(scratch.path()), 70'000U);
}

TEST(CacheFolder, IsNoErrorWhereThereCanBeNone) {
  const ScratchFolder scratch;
  std::ofstream(scratch.path() / "file") << "x";
  for (const fs::path& folder : {fs::path(), scratch.path() / "file", fs::path("/proc/none/hubkeep")}) {
    CacheFolder cache(folder);
    cache.keep("x", "content");
    EXPECT_EQ(cache.find("x"), std::nullopt);
  }
}

}  // namespace
}  // namespace hubkeep
