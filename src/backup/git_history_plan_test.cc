#include "backup/git_history_plan.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

#include "vault/git_part.h"

namespace hubkeep {
namespace {

// A history of commits by number, each with parents of lower numbers, served as git does: depths are counted
// by steps, and nothing is sent that the haves lead to.
class History {
 public:
  unsigned add(std::vector<unsigned> parents) {
    parents_.push_back(std::move(parents));
    return static_cast<unsigned>(parents_.size() - 1);
  }
  unsigned size() const { return static_cast<unsigned>(parents_.size()); }
  static Oid oid(unsigned number) { return *Oid::parse(fmt::format("{:040x}", number + 1)); }
  static unsigned number(const Oid& oid) {
    return static_cast<unsigned>(std::stoul(oid.hex().substr(32), nullptr, 16)) - 1;
  }

  std::vector<bool> behind(const std::vector<Oid>& tips) const {
    std::vector<bool> reached(size());
    for (const Oid& tip : tips) reached[number(tip)] = true;
    for (unsigned i = size(); i-- > 0;)
      if (reached[i])
        for (const unsigned parent : parents_[i]) reached[parent] = true;
    return reached;
  }
  HistoryAnswer within(const Oid& tip, std::uint32_t depth) const {
    std::vector<std::uint32_t> depths(size(), 0);
    std::vector<unsigned> level = {number(tip)};
    HistoryAnswer answer{.boundary = {}, .commits = 0};
    depths[level.front()] = 1;
    for (std::uint32_t at = 1; at <= depth && !level.empty(); ++at) {
      std::vector<unsigned> next;
      for (const unsigned commit : level) {
        ++*answer.commits;
        if (at == depth) {
          answer.boundary.push_back(oid(commit));
          continue;
        }
        for (const unsigned parent : parents_[commit])
          if (depths[parent] == 0) {
            depths[parent] = at + 1;
            next.push_back(parent);
          }
      }
      level = std::move(next);
    }
    if (answer.boundary.size() > kMostBoundaryCommits) answer.boundary.resize(kMostBoundaryCommits);
    return answer;
  }

 private:
  std::vector<std::vector<unsigned>> parents_;
};

History line(unsigned length) {
  History history;
  for (unsigned i = 0; i < length; ++i)
    history.add(i == 0 ? std::vector<unsigned>{} : std::vector<unsigned>{i - 1});
  return history;
}

History random_history(unsigned seed, unsigned length) {
  std::mt19937 engine(seed);
  const auto random = [&] { return static_cast<unsigned>(engine()); };
  const unsigned spread = 1 + random() % 40;
  History history;
  for (unsigned i = 0; i < length; ++i) {
    std::vector<unsigned> parents;
    if (i > 0) parents.push_back(i - 1 - random() % std::min(i, spread));
    if (i > 1 && random() % 3 == 0) parents.push_back(i - 1 - random() % std::min(i, 4 * spread));
    history.add(parents);
  }
  return history;
}

struct Connection {
  bool counts = true;
  std::uint64_t holds = 1'000'000;  // commits; more break it
  unsigned never = 1'000'000;       // a commit that breaks it
};

struct Course {
  std::vector<std::uint64_t> slices;
  std::uint64_t cuts = 0;
  std::uint64_t cut_commits = 0;
  int questions = 0;
  std::size_t most_held = 0;
  std::optional<HistoryPlan::Stuck> stuck;
  std::vector<Oid> open;
  std::vector<bool> reached;

  std::uint64_t commits() const { return std::accumulate(slices.begin(), slices.end(), std::uint64_t{0}); }
  std::uint64_t largest() const {
    return slices.empty() ? 0 : *std::max_element(slices.begin(), slices.end());
  }
};

// Takes what the plan asks for; `ends_after` slices it is cut off.
class Fetching {
 public:
  Fetching(const History& history, Connection connection) : history_(history), connection_(connection) {}

  Course go(const std::vector<Oid>& wants, std::size_t ends_after = 1'000'000) {
    Course course;
    SlicePace pace(kSlicesOfAHistory);
    std::vector<bool> there = history_.behind(held_);
    HistoryPlan plan(wants, held_, pace, [&](const Oid& commit) { return there[History::number(commit)]; },
                     {.counts = connection_.counts});
    const auto lacking = [&](const std::vector<Oid>& commits) {
      const auto behind = history_.behind(commits);
      const auto held = history_.behind(plan.held());
      std::uint64_t count = 0;
      for (unsigned i = 0; i < history_.size(); ++i) count += behind[i] && !held[i] ? 1 : 0;
      return count;
    };
    for (int step = 0; step < 100'000; ++step) {
      const auto next = plan.next();
      if (std::holds_alternative<HistoryPlan::Done>(next) || course.slices.size() >= ends_after) break;
      if (const auto* count = std::get_if<HistoryPlan::Count>(&next)) {
        ++course.questions;
        plan.counted(lacking(count->wants));
      } else if (const auto* ask = std::get_if<HistoryPlan::Ask>(&next)) {
        ++course.questions;
        HistoryAnswer answer = history_.within(ask->want, ask->depth);
        if (!connection_.counts) answer.commits.reset();
        plan.answered(ask->depth, answer);
      } else if (const auto* stuck = std::get_if<HistoryPlan::Stuck>(&next)) {
        course.stuck = *stuck;
        break;
      } else {
        const auto& take = std::get<HistoryPlan::Take>(next);
        const std::uint64_t size = lacking(take.wants);
        const auto behind = history_.behind(take.wants);
        const bool never_comes =
            connection_.never < history_.size() && behind[connection_.never] && !there[connection_.never];
        if (size > connection_.holds || never_comes) {
          ++course.cuts;
          course.cut_commits += size;
          plan.cut();
          continue;
        }
        const auto held = plan.held_if_arrives();
        plan.arrived();
        EXPECT_EQ(plan.held(), held);
        course.slices.push_back(size);
        course.most_held = std::max(course.most_held, held.size());
        for (unsigned i = 0; i < history_.size(); ++i) there[i] = there[i] || behind[i];
      }
    }
    held_ = plan.held();
    course.open = plan.open();
    course.reached = there;
    return course;
  }

 private:
  const History& history_;
  const Connection connection_;
  std::vector<Oid> held_;
};

void expect_all(const Course& course, const History& history, unsigned tip) {
  EXPECT_FALSE(course.stuck);
  EXPECT_TRUE(course.open.empty());
  EXPECT_TRUE(course.reached[tip]);
  EXPECT_LE(course.most_held, kMaxHeld);
  const auto behind = history.behind({History::oid(tip)});
  for (unsigned i = 0; i < history.size(); ++i) EXPECT_EQ(course.reached[i], behind[i]) << i;
}

TEST(HistoryPlan, CutsALineIntoSlicesOfTheSameSize) {
  const History history = line(16'000);

  const Course course = Fetching(history, {}).go({History::oid(15'999)});

  expect_all(course, history, 15'999);
  EXPECT_EQ(course.commits(), 16'000U);
  EXPECT_LE(course.largest(), 1'500U);
  EXPECT_LE(course.slices.size(), 24U);
  EXPECT_LE(course.questions, 60);
}

TEST(HistoryPlan, CutsByDepthWhereNothingIsCounted) {
  const History history = line(16'000);

  const Course course = Fetching(history, {.counts = false}).go({History::oid(15'999)});

  expect_all(course, history, 15'999);
  EXPECT_EQ(course.commits(), 16'000U);
  EXPECT_LE(course.largest(), 2'500U);
  EXPECT_LE(course.questions, 60);
}

// As in redis: one step of depth hides a third of it, nearly all behind one commit.
TEST(HistoryPlan, FindsWhatOneStepOfDepthHides) {
  History history;
  for (unsigned i = 0; i < 4'000; ++i)
    history.add(i == 0 ? std::vector<unsigned>{} : std::vector<unsigned>{i - 1});
  unsigned tip = history.add({});  // another root
  for (unsigned i = 0; i < 8'000; ++i)
    tip = history.add(i == 2'000 ? std::vector<unsigned>{tip, 3'999} : std::vector<unsigned>{tip});
  // A merge of the whole first line, near to its root.

  for (const bool counts : {true, false}) {
    const Course course = Fetching(history, {.counts = counts, .holds = 1'500}).go({History::oid(tip)});

    expect_all(course, history, tip);
    EXPECT_EQ(course.commits(), history.size());
    if (counts) {
      EXPECT_EQ(course.cuts, 0U);
    }
    EXPECT_LE(course.cuts, 8U);
  }
}

TEST(HistoryPlan, EndsWithEveryCommitWhateverTheHistory) {
  for (unsigned seed = 0; seed < 30; ++seed) {
    const History history = random_history(seed, 200 + 30 * seed);
    const unsigned tip = history.size() - 1;
    for (const bool counts : {true, false}) {
      SCOPED_TRACE(fmt::format("seed {} counts {}", seed, counts));
      const Course course =
          Fetching(history, {.counts = counts, .holds = 20 + seed * 10}).go({History::oid(tip)});

      expect_all(course, history, tip);
      const auto behind = history.behind({History::oid(tip)});
      const auto size = static_cast<std::uint64_t>(std::count(behind.begin(), behind.end(), true));
      EXPECT_EQ(course.commits(), size);
      if (counts) {
        EXPECT_LE(course.cuts, 6U);
      }
    }
  }
}

TEST(HistoryPlan, GoesOnFromWhatIsOpenAndHeld) {
  for (unsigned seed = 0; seed < 20; ++seed) {
    const History history = random_history(seed, 500);
    const unsigned tip = history.size() - 1;
    const auto behind = history.behind({History::oid(tip)});
    const auto size = static_cast<std::uint64_t>(std::count(behind.begin(), behind.end(), true));
    for (const bool counts : {true, false}) {
      SCOPED_TRACE(fmt::format("seed {} counts {}", seed, counts));
      Fetching fetching(history, {.counts = counts});
      std::vector<Oid> wants = {History::oid(tip)};
      std::uint64_t commits = 0;
      Course course;
      int attempts = 0;
      do {
        course = fetching.go(wants, 3);
        commits += course.commits();
        wants = course.open;
      } while (!wants.empty() && ++attempts < 200);

      EXPECT_TRUE(wants.empty());
      EXPECT_EQ(commits, size);
    }
  }
}

TEST(HistoryPlan, NamesTheCommitThatDoesNotCome) {
  const History history = line(3'000);

  for (const bool counts : {true, false}) {
    const Course course = Fetching(history, {.counts = counts, .never = 1'234}).go({History::oid(2'999)});

    ASSERT_TRUE(course.stuck);
    EXPECT_EQ(course.stuck->commit, History::oid(1'234));
    EXPECT_TRUE(course.stuck->is_single);
    EXPECT_TRUE(course.reached[1'233]);
    EXPECT_EQ(course.commits(), 1'234U);
    EXPECT_LE(course.cuts, 14U);
  }
}

// 600 branches side by side, merged at last: at most depths there are too many commits to be held.
TEST(HistoryPlan, TakesAnotherDepthWhereTooManyCommitsLieAtOne) {
  History history;
  unsigned root = history.add({});
  for (unsigned i = 0; i < 500; ++i) root = history.add({root});
  std::vector<unsigned> tips(600, root);
  for (int step = 0; step < 20; ++step)
    for (unsigned& tip : tips) tip = history.add({tip});
  unsigned tip = root;
  for (const unsigned each : tips) tip = history.add({tip, each});
  for (unsigned i = 0; i < 500; ++i) tip = history.add({tip});

  for (const bool counts : {true, false}) {
    const Course course = Fetching(history, {.counts = counts}).go({History::oid(tip)});

    expect_all(course, history, tip);
    EXPECT_EQ(course.commits(), history.size());
    EXPECT_GE(course.slices.size(), 4U);
  }
}

TEST(HistoryPlan, AServerThatNamesEverOtherCommitsComesToAnEnd) {
  SlicePace pace(kSlicesOfAHistory);
  HistoryPlan plan({History::oid(0)}, {}, pace, [](const Oid&) { return false; }, {.counts = true});
  unsigned number = 1;
  int steps = 0;
  bool is_stuck = false;
  for (; steps < 200'000 && !is_stuck; ++steps) {
    const auto next = plan.next();
    ASSERT_FALSE(std::holds_alternative<HistoryPlan::Done>(next));
    if (std::holds_alternative<HistoryPlan::Count>(next))
      plan.counted(1'000);
    else if (const auto* ask = std::get_if<HistoryPlan::Ask>(&next))
      plan.answered(ask->depth,
                    {.boundary = {History::oid(number++)}, .commits = ask->depth < 100 ? 1 : 1'000});
    else if (std::holds_alternative<HistoryPlan::Take>(next))
      plan.cut();
    else
      is_stuck = true;
  }

  EXPECT_TRUE(is_stuck);
}

TEST(SlicePace, ShrinksWhereASliceWasCutAndGrowsAgainEverMoreSlowly) {
  SlicePace pace(16);
  pace.begin(1'600);
  EXPECT_EQ(pace.slice(), 100U);

  pace.cut(80);
  EXPECT_EQ(pace.slice(), 20U);
  pace.begin(16'000);
  EXPECT_EQ(pace.slice(), 20U);
  const auto arrivals_until = [&](std::uint64_t slice) {
    int arrivals = 0;
    for (; pace.slice() < slice && arrivals < 1'000; ++arrivals) pace.arrived();
    return arrivals;
  };
  EXPECT_EQ(arrivals_until(100), 5);
  EXPECT_EQ(pace.slice(), 100U);

  for (int i = 0; i < 3; ++i) pace.cut(100);
  EXPECT_EQ(pace.slice(), 1U);
  EXPECT_GE(arrivals_until(100), 17);
}

}  // namespace
}  // namespace hubkeep
