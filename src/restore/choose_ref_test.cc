#include "restore/choose_ref.h"

#include <gmock/gmock.h>

#include "base/error_of.h"

namespace hubkeep {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

Oid oid(char digit) {
  return *Oid::parse(std::string(40, digit));
}

const RefState kAll{.format = ObjectFormat::sha1,
                    .head = {.symref_target = "refs/heads/main", .oid = {}},
                    .refs = {{"refs/heads/Release-1", oid('1')},
                             {"refs/heads/both", oid('2')},
                             {"refs/heads/main", oid('3')},
                             {"refs/heads/refs/tags/both", oid('4')},
                             {"refs/heads/tags/v2", oid('5')},
                             {"refs/heads/topic/one", oid('6')},
                             {"refs/pull/7/head", oid('7')},
                             {"refs/tags/both", oid('8')},
                             {"refs/tags/v1", oid('9')},
                             {"refs/tags/v2", oid('a')}}};

TEST(ChooseRef, TakesABranchATagOrAFullName) {
  for (const auto& [name, full, digit] : std::vector<std::tuple<std::string, std::string, char>>{
           {"main", "refs/heads/main", '3'},
           {"topic/one", "refs/heads/topic/one", '6'},
           {"v1", "refs/tags/v1", '9'},
           {"refs/tags/both", "refs/tags/both", '8'},
           {"heads/both", "refs/heads/both", '2'},
           {"pull/7/head", "refs/pull/7/head", '7'},
           {"refs/pull/7/head", "refs/pull/7/head", '7'}}) {
    const RefState chosen = choose_ref(kAll, name);

    const bool is_branch = full.starts_with("refs/heads/");
    EXPECT_EQ(chosen, (RefState{.format = ObjectFormat::sha1,
                                .head = {.symref_target = is_branch ? full : "", .oid = oid(digit)},
                                .refs = {{full, oid(digit)}}}))
        << name;
  }
}

TEST(ChooseRef, RefusesANameThatMeansSeveral) {
  const auto both = error_of([] { choose_ref(kAll, "both"); });
  const auto below = error_of([] { choose_ref(kAll, "tags/v2"); });

  EXPECT_EQ(both.kind(), ErrorKind::invalid);
  EXPECT_EQ(both.message(),
            "both means several refs, refs/heads/both and refs/tags/both: give the full name");
  EXPECT_THAT(below.message(), HasSubstr("refs/heads/tags/v2 and refs/tags/v2"));
}

TEST(ChooseRef, NamesWhatIsClose) {
  const auto close_to = [](const std::string& name) {
    const auto error = error_of([&] { choose_ref(kAll, name); });
    EXPECT_EQ(error.kind(), ErrorKind::invalid);
    return error.message();
  };

  EXPECT_EQ(close_to("master-of-all"), "the snapshot has no ref master-of-all");
  EXPECT_EQ(close_to("mian"), "the snapshot has no ref mian; it has refs/heads/main");
  EXPECT_EQ(close_to("release-1"), "the snapshot has no ref release-1; it has refs/heads/Release-1");
  EXPECT_EQ(close_to("refs/tags/main"), "the snapshot has no ref refs/tags/main; it has refs/heads/main");
  EXPECT_EQ(close_to("one"), "the snapshot has no ref one; it has refs/heads/topic/one");
  EXPECT_THAT(close_to("v"), AllOf(HasSubstr("refs/tags/v1, refs/tags/v2"), Not(HasSubstr("main"))));
  EXPECT_EQ(close_to("x\n"), "the snapshot has no ref x\\x0a");
}

TEST(ChooseRef, NamesAFewOfMany) {
  RefState many;
  for (int i = 100; i < 200; ++i) many.refs.add("refs/heads/topic-" + std::to_string(i), oid('1'));

  const auto error = error_of([&] { choose_ref(many, "topic-1x0"); });

  EXPECT_EQ(error.message(),
            "the snapshot has no ref topic-1x0; it has refs/heads/topic-100, refs/heads/topic-110, "
            "refs/heads/topic-120, refs/heads/topic-130, refs/heads/topic-140");
}

}  // namespace
}  // namespace hubkeep
