// Trees that name each other more often than any disk could hold, planned with small limits.

#include "localgit/work_tree_plan.h"

#include <gmock/gmock.h>

#include <map>
#include <optional>
#include <stop_token>

#include "base/error.h"
#include "crypto/hash.h"

namespace hubkeep {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

class WorkTreePlanTest : public testing::Test {
 protected:
  Oid tree(const std::string& content) {
    Hasher hasher(HashKind::sha1);
    hasher.write(content);
    const auto oid = Oid::from_raw(hasher.finish(), ObjectFormat::sha1);
    trees_[oid.hex()] = content;
    return oid;
  }
  static std::string entry(const std::string& mode, const std::string& name, const Oid& oid) {
    return mode + " " + name + '\0' + std::string(oid.raw());
  }
  static std::string file(const std::string& name) {
    return entry("100644", name, Oid::from_raw(std::string(20, '1'), ObjectFormat::sha1));
  }
  // A tree that names the next one by each of the names, and so on.
  Oid nested(int levels, const std::string& names, const std::string& innermost) {
    Oid next = tree(innermost);
    for (int level = 0; level < levels; ++level) {
      std::string content;
      for (const char name : names) content += entry("40000", std::string(1, name), next);
      next = tree(content);
    }
    return next;
  }
  std::vector<PlannedEntry> plan(const Oid& root, const WorkTreeLimits& limits) {
    const auto read = [&](const Oid& oid) {
      if (++read_ == stop_at_) stop_.request_stop();
      return trees_.at(oid.hex());
    };
    return plan_work_tree(root, read, report_, limits, stop_.get_token());
  }

  std::map<std::string, std::string> trees_;
  CheckOutReport report_;
  std::stop_source stop_;
  int read_ = 0;
  int stop_at_ = 0;
};

TEST_F(WorkTreePlanTest, TakesAsMuchAsTheLimitAndSaysNothing) {
  const auto root = tree(file("a") + entry("40000", "b", tree(file("c") + file("d"))));

  EXPECT_THAT(plan(root, {.entries = 4}), SizeIs(3));
  EXPECT_THAT(report_.named, IsEmpty());
}

TEST_F(WorkTreePlanTest, OpensNoTreeBeyondTheLimitOfEntries) {
  const auto bomb = nested(12, "abcdefghij", file("f"));

  const auto planned = plan(tree(entry("40000", "bomb", bomb) + file("z")), {.entries = 1000});

  ASSERT_THAT(report_.named, SizeIs(1));
  EXPECT_EQ(report_.count, 1U);
  EXPECT_EQ(report_.named.front().path, "HEAD");
  EXPECT_EQ(planned.back().path, "z");
  EXPECT_LE(planned.size(), 1000U);
  EXPECT_LE(read_, 1001);
}

TEST_F(WorkTreePlanTest, OpensNoTreeBeyondTheLimitOfBytes) {
  const auto root = nested(2000, "ab", file("f"));

  const auto planned = plan(root, {.bytes = ByteCount{16} << 20U});

  std::size_t bytes = 0;
  for (const auto& entry : planned) bytes += entry.path.size();
  EXPECT_EQ(report_.count, 1U);
  EXPECT_FALSE(planned.empty());
  EXPECT_LE(bytes, std::size_t{16} << 20U);
}

// What is deeper than Linux goes is left out one by one: that has an end, too, and is not all that is named.
TEST_F(WorkTreePlanTest, CountsWhatIsLeftOut) {
  const auto root = nested(3000, "ab", file("f"));

  EXPECT_THAT(plan(root, {.entries = 10'000}), IsEmpty());

  EXPECT_GT(report_.count, CheckOutReport::kMaxNamed);
  EXPECT_LE(report_.count, 10'001U);
  EXPECT_THAT(report_.named, SizeIs(CheckOutReport::kMaxNamed));
  EXPECT_EQ(report_.named.front().path, "HEAD");
}

TEST_F(WorkTreePlanTest, StopsWhenTold) {
  const auto root = nested(12, "abcdefghij", file("f"));
  stop_at_ = 100;
  std::optional<ErrorKind> kind;

  try {
    plan(root, {});
  } catch (const Error& error) {
    kind = error.kind();
  }

  EXPECT_EQ(kind, ErrorKind::cancelled);
  EXPECT_EQ(read_, 100);
}

}  // namespace
}  // namespace hubkeep
