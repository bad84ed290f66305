// Every fuzz target with every file of its corpus: what fuzzing has found once stays found.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "fuzz_targets.h"

namespace hubkeep::fuzz {
namespace {

std::vector<std::filesystem::path> corpus_of(const std::string& target) {
  const auto folder = std::filesystem::path(HUBKEEP_CORPUS) / target;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<std::uint8_t> content_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

class FuzzCorpus : public testing::TestWithParam<Target> {};

TEST_P(FuzzCorpus, HoldsTheTargetsProperty) {
  const auto files = corpus_of(GetParam().name);

  ASSERT_FALSE(files.empty());
  for (const auto& path : files) {
    SCOPED_TRACE(path.filename());
    const auto bytes = content_of(path);
    EXPECT_NO_THROW(GetParam().run(bytes.data(), bytes.size()));
  }
}

INSTANTIATE_TEST_SUITE_P(All, FuzzCorpus, testing::ValuesIn(kTargets),
                         [](const auto& target) { return std::string(target.param.name); });

TEST(FuzzCorpusFolder, HoldsNothingButTheTargets) {
  for (const auto& folder : std::filesystem::directory_iterator(HUBKEEP_CORPUS)) {
    const auto name = folder.path().filename().string();

    EXPECT_TRUE(std::any_of(std::begin(kTargets), std::end(kTargets), [&](const Target& target) {
      return target.name == name;
    })) << name;
  }
}

}  // namespace
}  // namespace hubkeep::fuzz
