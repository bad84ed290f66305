#include "http/ca_bundle.h"

#include <gtest/gtest.h>

#include <array>
#include <fstream>

#include "base/scratch_folder.h"

namespace hubkeep {
namespace {

class CaBundleTest : public ::testing::Test {
 protected:
  std::string put(const char* name) {
    const std::string path = folder_.path() / name;
    std::ofstream(path) << "authorities\n";
    return path;
  }

  std::string missing(const char* name) const { return folder_.path() / name; }

 private:
  const ScratchFolder folder_;
};

TEST_F(CaBundleTest, LeavesALibcurlAloneThatFindsItsOwn) {
  const std::string built_in = put("built-in.crt");
  const std::string other = put("other.crt");
  const std::array<std::string_view, 1> places = {other};

  EXPECT_EQ(find_ca_bundle(built_in, places), "");
}

TEST_F(CaBundleTest, TakesTheFirstThatExists) {
  const std::string built_in = missing("built-in.crt"), gone = missing("gone.crt");
  const std::string second = put("second.crt"), third = put("third.crt");
  const std::array<std::string_view, 3> places = {gone, second, third};

  EXPECT_EQ(find_ca_bundle(built_in, places), second);
}

TEST_F(CaBundleTest, FindsNothingWhereThereIsNone) {
  const std::string gone = missing("gone.crt");
  const std::array<std::string_view, 1> places = {gone};

  EXPECT_EQ(find_ca_bundle("", places), "");
}

}  // namespace
}  // namespace hubkeep
