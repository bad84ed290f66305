#include "backup/git_chain_plan.h"

#include <gtest/gtest.h>

#include <numeric>
#include <random>

namespace hubkeep {
namespace {

std::vector<ByteCount> chain(ByteCount base, std::size_t increments, ByteCount size) {
  std::vector<ByteCount> sizes(increments + 1, size);
  sizes.front() = base;
  return sizes;
}

TEST(BundlesToKeep, HasATableOfCases) {
  auto with_last = [](std::vector<ByteCount> sizes, std::vector<ByteCount> last) {
    sizes.insert(sizes.end(), last.begin(), last.end());
    return sizes;
  };
  struct Case {
    const char* what;
    std::vector<ByteCount> sizes;
    std::size_t keep;
  };
  for (const Case& c : {
           Case{"nothing yet", {}, 0},
           Case{"a base alone", {1000}, 1},
           Case{"a hundred increments stay", chain(1'000'000, 100, 10), 101},
           Case{"past a hundred equal ones, all become one", chain(1'000'000, 101, 10), 1},
           Case{"increments larger than the base: a new base", chain(1000, 101, 10), 0},
           Case{"increments as large as the base: a new base", chain(1010, 101, 10), 0},
           Case{"a little smaller than the base: the base stays", chain(1011, 101, 10), 1},
           Case{"a large one before stays", with_last(chain(1'000'000, 100, 1000), {500}), 101},
           Case{"only the tail that is not larger than the one before",
                with_last(chain(1'000'000, 99, 1000), {400, 300}), 101},
           Case{"a tail that outgrows the one before takes it along",
                with_last(chain(1'000'000, 99, 1000), {400, 700}), 1},
       }) {
    EXPECT_EQ(bundles_to_keep(c.sizes), c.keep) << c.what;
  }
}

TEST(BundlesToKeep, KeepsChainsShortAndFetchesLittleAgain) {
  std::mt19937 random(7);
  std::vector<ByteCount> sizes = {100'000'000};
  ByteCount pushed = 0;
  ByteCount fetched = 0;
  std::size_t longest = 0;
  for (int run = 0; run < 5000; ++run) {
    const ByteCount size = 1000 + random() % 20'000;
    const std::size_t keep = bundles_to_keep(sizes);
    ASSERT_GT(keep, 0U);
    const ByteCount merged =
        std::accumulate(sizes.begin() + static_cast<std::ptrdiff_t>(keep), sizes.end(), size);
    sizes.resize(keep);
    sizes.push_back(merged);
    pushed += size;
    fetched += merged;
    longest = std::max(longest, sizes.size());
  }

  EXPECT_LE(longest, kMaxIncrements + 1 + 1);
  EXPECT_LT(fetched, 4 * pushed);
}

}  // namespace
}  // namespace hubkeep
