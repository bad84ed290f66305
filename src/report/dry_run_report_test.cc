#include "report/dry_run_report.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace hubkeep {
namespace {

DryRun some_of_each() {
  DryRun run{.vault = "/srv/va\x1bult", .requests = 7, .asked = 1, .history = 2048, .unknown = 2};
  run.items = {{.repository = "acme/new",
                .id = 1,
                .is_new = true,
                .parts = {{.part = "git"}, {.part = "lfs"}, {.part = "wiki"}},
                .history = 2048,
                .is_lfs_unknown = true,
                .requests = 3},
               {.repository = "acme/known",
                .id = 2,
                .parts = {{.part = "git", .why = "the listing differs"}, {.part = "zip"}}},
               {.repository = "acme/lfs",
                .id = 3,
                .parts = {{.part = "lfs", .why = "the last snapshot is incomplete"}},
                .lfs = {.files = 3, .bytes = 3072}},
               {.repository = "acme/gone", .id = 4, .kind = WorkKind::mark_gone},
               {.repository = "acme/as-before", .id = 5}};
  run.lfs = {.files = 3, .bytes = 3072};
  run.lfs_unknown = 1;
  run.told = {
      {.repository = "acme/x", .kind = OutcomeKind::failed, .error = Error(ErrorKind::forbidden, "no")}};
  return run;
}

TEST(DescribeDryRun, HasALineForEachThatHasSomethingToDo) {
  EXPECT_EQ(
      describe(some_of_each()),
      "acme/new: new, about 2.0 KiB: git, lfs, wiki\n"
      "acme/known: git (the listing differs), zip\n"
      "acme/lfs: lfs (the last snapshot is incomplete); 3 LFS objects of 3.0 KiB to come\n"
      "acme/gone: to be marked as gone from GitHub or hidden\n"
      "acme/x: failed: no\n"
      "4 repositories to look at, 1 of them new; 1 unchanged, 1 failed\n"
      "about 2.0 KiB of new histories, as GitHub estimates them, and 3 LFS objects of 3.0 KiB; not known: "
      "what is new in 2 repositories that are known, the LFS objects of 1 repository whose history is not "
      "read yet\n"
      "at least 7 requests, beside 1 for this list\n"
      "nothing was written; a run would write into /srv/va\\x1bult\n");
}

TEST(DescribeDryRun, OfAnAccountWithNothingToDoSaysSo) {
  const DryRun run{.items = {{.repository = "acme/as-before", .id = 5}}, .vault = "v", .vault_is_new = true};

  EXPECT_EQ(describe(run),
            "0 repositories to look at, 0 of them new; 1 unchanged\n"
            "about 0 B of new histories, as GitHub estimates them\n"
            "at least 0 requests, beside 0 for this list\n"
            "nothing was written; a run would make a vault in v\n");
}

TEST(DryRunJson, HasThoseThatHaveNothingToDoToo) {
  const auto json = nlohmann::ordered_json::parse(to_json_text(some_of_each()));

  ASSERT_EQ(json.at("repositories").size(), 5U);
  EXPECT_EQ(json.at("due"), 4);
  EXPECT_EQ(json.at("history_unknown"), 2);
  EXPECT_EQ(
      json["repositories"][0].dump(),
      R"({"repository":"acme/new","id":1,"new":true,"parts":[{"part":"git"},{"part":"lfs"},{"part":"wiki"}],)"
      R"("history_bytes":2048,"lfs_objects":null,"lfs_bytes":null,"requests_at_least":3})");
  EXPECT_EQ(json["repositories"][1]["history_bytes"], nullptr);
  EXPECT_EQ(json["told"][0]["error"]["kind"], "forbidden");
}

}  // namespace
}  // namespace hubkeep
