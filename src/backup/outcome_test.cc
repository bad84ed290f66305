#include "backup/outcome.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace hubkeep {
namespace {

using Json = nlohmann::ordered_json;

const SnapshotId kSnapshot = *SnapshotId::parse("20261123T120000Z-00000a");

PartOutcome part(PartOutcomeKind kind, const std::string& name = "git") {
  return {.part = name, .kind = kind};
}
PartOutcome failed_part(ErrorKind kind, const std::string& name = "git") {
  PartOutcome outcome = part(PartOutcomeKind::failed, name);
  outcome.error = Error(kind, "no");
  return outcome;
}

TEST(SumUp, MakesOneResultOfAllParts) {
  using Kind = PartOutcomeKind;
  const PartOutcome broken = failed_part(ErrorKind::transient);
  const PartOutcome x_broken = failed_part(ErrorKind::forbidden, "x");
  const PartOutcome x_stopped = failed_part(ErrorKind::cancelled, "x");
  const PartOutcome x_waited = failed_part(ErrorKind::rate_limited, "x");
  struct Case {
    std::vector<PartOutcome> parts;
    bool has_snapshot;
    bool is_stopping;
    OutcomeKind expected;
    const char* error;
  };
  const std::vector<Case> cases = {
      {{part(Kind::unchanged)}, false, false, OutcomeKind::unchanged, ""},
      {{part(Kind::saved)}, true, false, OutcomeKind::saved, ""},
      {{part(Kind::unchanged)}, true, false, OutcomeKind::saved, ""},  // renamed
      {{broken}, false, false, OutcomeKind::failed, "no"},
      {{broken}, true, false, OutcomeKind::failed, "no"},  // after slices
      {{part(Kind::unchanged), part(Kind::absent, "x")}, true, false, OutcomeKind::saved, ""},
      {{part(Kind::unchanged), part(Kind::not_permitted, "x")}, false, false, OutcomeKind::unchanged, ""},
      {{part(Kind::saved), x_broken}, true, false, OutcomeKind::failed, "x: no"},
      {{broken, part(Kind::saved, "x")}, true, false, OutcomeKind::failed, "no"},
      {{broken, x_broken}, false, false, OutcomeKind::failed, "no"},
      {{part(Kind::saved), x_stopped}, true, true, OutcomeKind::not_done, ""},
      {{part(Kind::saved), x_stopped}, true, false, OutcomeKind::failed, "x: no"},
      {{part(Kind::saved), x_waited}, true, true, OutcomeKind::not_done, ""},
      {{part(Kind::saved), x_waited}, true, false, OutcomeKind::failed, "x: no"},
      {{failed_part(ErrorKind::cancelled), x_broken}, false, true, OutcomeKind::failed, "x: no"},
  };
  for (const Case& each : cases) {
    SCOPED_TRACE(&each - cases.data());
    Outcome whole;
    if (each.has_snapshot) whole.snapshot = kSnapshot;

    whole = sum_up(whole, each.parts, each.is_stopping);

    EXPECT_EQ(whole.kind, each.expected);
    EXPECT_EQ(whole.error ? whole.error->message() : "", each.error);
    EXPECT_EQ(whole.parts.size(), each.parts.size());
  }
}

TEST(MergeAttempts, AddsFilesAndKeepsWhatEitherHasSaved) {
  PartOutcome lfs = part(PartOutcomeKind::saved, "lfs");
  lfs.files = {.saved = 2, .bytes = 20, .newly_lacking = 1};
  PartOutcome more = failed_part(ErrorKind::transient, "lfs");
  more.files = {.saved = 1, .bytes = 10};

  const auto merged =
      merge_attempts({part(PartOutcomeKind::saved), lfs},
                     {part(PartOutcomeKind::unchanged), more, part(PartOutcomeKind::saved, "x")});

  ASSERT_EQ(merged.size(), 3U);
  EXPECT_EQ(merged[0].kind, PartOutcomeKind::saved);
  EXPECT_EQ(merged[1].kind, PartOutcomeKind::failed);
  EXPECT_EQ(merged[1].error->message(), "no");
  EXPECT_EQ(merged[1].files, (FileCounts{.saved = 3, .bytes = 30, .newly_lacking = 1}));
  EXPECT_EQ(merged[2].part, "x");
}

TEST(OutcomeJson, HasTheFilesOfAPart) {
  PartOutcome lfs = part(PartOutcomeKind::unchanged, "lfs");
  lfs.files = {.saved = 2, .bytes = 20, .newly_lacking = 1};
  const Outcome outcome{.repository = "a/b", .id = 7, .parts = {part(PartOutcomeKind::saved), lfs}};

  const Outcome read = outcome_from_json(to_json(outcome));

  ASSERT_EQ(read.parts.size(), 2U);
  EXPECT_EQ(read.parts[1].files, lfs.files);
  EXPECT_EQ(to_json(outcome)["parts"][1].dump(),
            R"({"part":"lfs","result":"unchanged","files":2,"file_bytes":20,"newly_lacking":1})");
}

TEST(MergeAttempts, AddsDocumentsAndBelievesTheSecondOfWhatIsUnexplained) {
  PartOutcome first = part(PartOutcomeKind::saved, "meta");
  first.documents = {.saved = 2, .newly_gone = 1, .unexplained = 3};
  PartOutcome second = part(PartOutcomeKind::saved, "meta");
  second.documents = {.saved = 1, .newly_gone = 0, .unexplained = 1};

  EXPECT_EQ(merge_attempts({first}, {second}).front().documents,
            (DocumentCounts{.saved = 3, .newly_gone = 1, .unexplained = 1}));
}

TEST(OutcomeJson, HasTheDocumentsOfAPart) {
  PartOutcome meta = part(PartOutcomeKind::unchanged, "meta");
  meta.documents = {.saved = 2, .newly_gone = 1, .unexplained = 3};
  const Outcome outcome{.repository = "a/b", .id = 7, .parts = {part(PartOutcomeKind::saved), meta}};

  EXPECT_EQ(outcome_from_json(to_json(outcome)).parts[1].documents, meta.documents);
  EXPECT_EQ(
      to_json(outcome)["parts"][1].dump(),
      R"({"part":"meta","result":"unchanged","documents":2,"documents_gone":1,"documents_unexplained":3})");
}

TEST(SumUp, LeavesGoneWhatIsGone) {
  Outcome gone{.kind = OutcomeKind::gone, .snapshot = kSnapshot};

  EXPECT_EQ(sum_up(gone, {part(PartOutcomeKind::unchanged)}, false).kind, OutcomeKind::gone);
}

TEST(SumUp, AnErrorOfTheRepositoryComesFirst) {
  Outcome whole{.error = Error(ErrorKind::internal, "disk full")};

  whole = sum_up(whole, {failed_part(ErrorKind::transient)}, false);

  EXPECT_EQ(whole.kind, OutcomeKind::failed);
  EXPECT_EQ(whole.error->message(), "disk full");
}

TEST(SumUp, AddsWhatPartsTook) {
  PartOutcome git = part(PartOutcomeKind::saved);
  git.requests = 2;
  git.bytes_received = 10;
  git.bytes_stored = 8;
  git.objects = 5;
  git.proof_reads = {.requests = 1, .bytes = 4};
  git.left_out = {{.name = "refs/heads/a", .oid = {}, .why = "lost"}};
  PartOutcome x = part(PartOutcomeKind::saved, "x");
  x.requests = 3;
  x.bytes_received = 20;
  x.bytes_stored = 16;
  x.refs_vanished = true;
  x.proof_reads = {.requests = 2, .bytes = 6};

  const Outcome whole = sum_up({.requests = 1}, {git, x}, false);

  EXPECT_EQ(whole.requests, 6U);
  EXPECT_EQ(whole.bytes_received, 30U);
  EXPECT_EQ(whole.bytes_stored, 24U);
  EXPECT_EQ(whole.objects, 5U);
  EXPECT_EQ(whole.proof_reads.requests, 3U);
  EXPECT_EQ(whole.proof_reads.bytes, 10U);
  EXPECT_EQ(whole.left_out, git.left_out);
  EXPECT_TRUE(whole.refs_vanished);
}

TEST(SumUp, NamesThePartsOfADetailWhereThereAreSeveral) {
  PartOutcome git = part(PartOutcomeKind::saved);
  git.detail = "pushed recently";
  PartOutcome x = part(PartOutcomeKind::not_permitted, "x");
  x.permission = "issues=read";

  EXPECT_EQ(sum_up({}, {git}, false).detail, "pushed recently");
  EXPECT_EQ(sum_up({}, {git, x}, false).detail, "pushed recently; x: the token lacks issues=read");
  EXPECT_EQ(sum_up({.detail = "interrupted"}, {git, x}, false).detail, "interrupted");
}

TEST(Failed, KeepsTheFirstError) {
  const Outcome first = failed({}, Error(ErrorKind::transient, "first"), false);

  EXPECT_EQ(failed(first, Error(ErrorKind::transient, "second"), false).error->message(), "first");
}

TEST(Failed, WasNotBegunWhereItWaitedForOthers) {
  Outcome begun;
  begun.was_begun = true;

  EXPECT_FALSE(failed(begun, Error(ErrorKind::rate_limited, "wait"), true).was_begun);
  EXPECT_TRUE(failed(begun, Error(ErrorKind::cancelled, "stopped"), true).was_begun);
}

TEST(OutcomeJson, HasPartsWhereThereAreSeveral) {
  PartOutcome x = failed_part(ErrorKind::forbidden, "x");
  PartOutcome y = part(PartOutcomeKind::not_permitted, "y");
  y.permission = "issues=read";

  const Json alone = to_json(sum_up({.repository = "acme/site"}, {part(PartOutcomeKind::saved)}, false));
  const Outcome three = sum_up({.repository = "acme/site"}, {part(PartOutcomeKind::saved), x, y}, false);
  const Outcome read = outcome_from_json(Json::parse(to_json(three).dump()));

  EXPECT_FALSE(alone.contains("parts"));
  EXPECT_EQ(to_json(three)["parts"], Json::parse(R"([{"part": "git", "result": "saved"},
                            {"part": "x", "result": "failed", "error": {"kind": "forbidden", "message": "no"}},
                            {"part": "y", "result": "not_permitted", "permission": "issues=read"}])"));
  EXPECT_EQ(to_json(read), to_json(three));
}

TEST(OutcomeJson, RefusesAResultOfAPartThatItDoesNotKnow) {
  Json json = to_json(sum_up({.repository = "acme/site"},
                             {part(PartOutcomeKind::saved), part(PartOutcomeKind::saved, "x")}, false));
  json["parts"][1]["result"] = "perhaps";

  EXPECT_THROW(outcome_from_json(json), Error);
}

}  // namespace
}  // namespace hubkeep
