#include "report/progress.h"

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "store/leftovers.h"

namespace hubkeep {
namespace {

std::string lfs_pointers_text(std::uint64_t count, bool may_be_more) {
  return fmt::format("{}{}: what {} at is not saved", may_be_more ? "at least " : "",
                     count_of(count, "LFS pointer"), count == 1 ? "it points" : "they point");
}

struct FileKind {
  std::string_view part;
  std::string_view name;
};
constexpr std::array kFileKinds = {FileKind{"lfs", "LFS object"}, FileKind{"releases", "release asset"},
                                   FileKind{"attachments", "attachment"}};

std::size_t wikis_saved(const std::vector<Outcome>& outcomes) {
  std::size_t wikis = 0;
  for (const Outcome& outcome : outcomes)
    for (const PartOutcome& part : outcome.parts)
      wikis += part.part == "wiki" && part.kind == PartOutcomeKind::saved ? 1 : 0;
  return wikis;
}

// ", 2 wikis, 12 LFS objects": what came beside histories.
std::string describe_contents(const RunSummary& summary) {
  std::string text;
  if (const std::size_t wikis = wikis_saved(summary.outcomes); wikis > 0)
    text += ", " + count_of(wikis, "wiki");
  for (const FileKind& kind : kFileKinds)
    if (const auto saved = summary.files(kind.part).saved; saved > 0)
      text += ", " + count_of(saved, kind.name);
  if (const auto saved = summary.documents().saved; saved > 0) text += ", " + count_of(saved, "document");
  return text;
}

// What GitHub counts and the vault does not have, or the other way round.
std::string describe_differences(const RunSummary& summary, const std::string& list_missing) {
  std::vector<std::string> repositories;
  for (const Outcome& outcome : summary.outcomes)
    if (std::any_of(outcome.parts.begin(), outcome.parts.end(),
                    [](const PartOutcome& part) { return part.documents.unexplained > 0; }))
      repositories.push_back(outcome.repository);
  const std::uint64_t count = summary.documents().unexplained;
  if (count == 0) return "";
  return fmt::format("\nOTHER NUMBERS THAN GITHUB'S: {} of {} and nothing explains it; to see which:\n  {}",
                     count_of(count, "document"), some_of(repositories), list_missing);
}

// What the server does not have, or does not give, is told once.
std::string describe_lacks(const RunSummary& summary) {
  std::string text;
  for (const FileKind& kind : kFileKinds) {
    const std::uint64_t lacking = summary.files(kind.part).newly_lacking;
    if (lacking == 0) continue;
    std::vector<std::string> repositories;
    for (const Outcome& outcome : summary.outcomes)
      for (const PartOutcome& part : outcome.parts)
        if (part.part == kind.part && part.files.newly_lacking > 0)
          repositories.push_back(outcome.repository);
    text += fmt::format("\nNOT TO BE HAD: {} of {}; later runs ask for {} again",
                        count_of(lacking, kind.name), some_of(repositories), lacking == 1 ? "it" : "them");
  }
  return text;
}

// What a good run has to say of what it saved, and a bad one of why it was bad.
std::string describe_doubts(const std::vector<Outcome>& outcomes, const std::string& prove) {
  std::uint64_t not_proved = 0;
  std::uint64_t lfs_pointers = 0;
  bool may_be_more = false;
  std::vector<std::string> emptied;
  std::vector<std::string> unproved;
  std::vector<std::string> lacking;
  for (const Outcome& outcome : outcomes) {
    not_proved += outcome.not_proved;
    lfs_pointers += outcome.lfs_pointers;
    may_be_more = may_be_more || (outcome.lfs_pointers > 0 && outcome.lfs_pointers_may_be_more);
    if (outcome.refs_vanished) emptied.push_back(outcome.repository);
    if (outcome.missing_objects > 0)
      lacking.push_back(outcome.repository);
    else if (!outcome.not_proved_because.empty())
      unproved.push_back(outcome.repository);
  }
  std::string text;
  if (not_proved > 0)
    text += fmt::format("\n{} could not be seen in what the server sent; to prove that all is there:\n  {}",
                        count_of(not_proved, "tip"), prove);
  if (!unproved.empty())
    text += fmt::format("\nNOT PROVED to be whole: {}: {}; to prove it:\n  {}",
                        count_of(unproved.size(), "repository", "repositories"), some_of(unproved), prove);
  if (!lacking.empty())
    text += fmt::format("\nOBJECTS MISSING: {}: the server does not hand them out; the rest is saved",
                        some_of(lacking));
  if (lfs_pointers > 0) text += "\n" + lfs_pointers_text(lfs_pointers, may_be_more);
  if (!emptied.empty())
    text += fmt::format(
        "\nEMPTIED: {}: the server lists no ref any more, asked twice; what was saved stays in the "
        "snapshots before",
        some_of(emptied));
  return text;
}

std::string describe(const LostForGood& lost) {
  const std::string count = count_of(lost.objects.size(), "object");
  if (lost.id == 0 && lost.repository.empty())
    return fmt::format("{} of the vault itself: lost for good, and known to be from now on", count);
  if (lost.is_whole_again)
    return fmt::format(
        "{}: repaired: {} of it {} lost or damaged; what GitHub has now is in the vault, and only what "
        "older snapshots had besides is lost for good",
        printable(lost.repository), count, lost.objects.size() == 1 ? "was" : "were");
  std::string text = fmt::format("{}: lost for good: {}", printable(lost.repository), count);
  text += "; GitHub does not have it any more, or hides it from this token; ";
  return text + (lost.newest_restorable
                     ? fmt::format("the newest complete snapshot that can be restored is {}",
                                   lost.newest_restorable->str())
                     : "no complete snapshot of it can be restored");
}

}  // namespace

void Progress::started(const std::string& repository) {
  log_.event(LogLevel::verbose, Severity::debug, printable(repository) + ": started",
             {{"event", "started"}, {"repository", repository}});
}

void Progress::finished(const Outcome& outcome) {
  const bool news = outcome.kind != OutcomeKind::unchanged && outcome.kind != OutcomeKind::not_done;
  const bool bad =
      outcome.kind == OutcomeKind::failed || !outcome.left_out.empty() || outcome.missing_objects > 0;
  log_.finished(describe(outcome),
                bad    ? NewsValue::bad
                : news ? NewsValue::news
                       : NewsValue::none,
                to_json(outcome));
}

void Progress::lost(const OpenLosses& losses) {
  if (log_format() == LogFormat::text) return;  // the last lines say it
  log_.event(LogLevel::quiet, Severity::error, describe(losses),
             {{"event", "lost"}, {"repository", losses.repository}, {"objects", losses.losses.size()}});
}

std::string describe(const Outcome& outcome) {
  std::string text = fmt::format("{}: {}", printable(outcome.repository), to_string(outcome.kind));
  if (outcome.error) text += ": " + printable(outcome.error->message());
  if (!outcome.detail.empty()) text += fmt::format(" ({})", printable(outcome.detail));
  if (outcome.kind == OutcomeKind::saved && (!outcome.snapshot.empty() || !outcome.zip)) {
    text += fmt::format(", {}, {} received", count_of(outcome.objects, "object"),
                        human_size(outcome.bytes_received));
  }
  if (!outcome.left_out.empty()) text += "; " + describe(outcome.left_out);
  if (outcome.missing_objects > 0)
    text += "; " + describe_missing(outcome.missing, outcome.missing_objects);
  else if (!outcome.not_proved_because.empty())
    text += "; not proved to be whole: " + printable(outcome.not_proved_because);
  if (outcome.zip) text += fmt::format(", a zip of {}", human_size(outcome.zip->object.size));
  if (outcome.not_proved > 0) text += fmt::format("; {} not proved", count_of(outcome.not_proved, "tip"));
  if (outcome.lfs_pointers > 0)
    text += "; " + lfs_pointers_text(outcome.lfs_pointers, outcome.lfs_pointers_may_be_more);
  if (outcome.refs_vanished)
    text += "; the server lists no ref any more, asked twice: what was saved stays in the snapshots before";
  return text;
}

std::string describe(const OpenLosses& losses) {
  const std::size_t count = losses.losses.size();
  return fmt::format("{}: {} that the vault had {} lost or damaged, the first is {}",
                     losses.repository.empty() ? "the vault itself" : printable(losses.repository),
                     count_of(count, "object"), count == 1 ? "is" : "are",
                     printable(losses.losses.front().key));
}

std::string describe(const RunSummary& summary, const BackupAdvice& advice) {
  ByteCount received = 0;
  ByteCount stored = 0;
  std::size_t zips = 0;
  for (const auto& outcome : summary.outcomes) {
    zips += outcome.zip ? 1 : 0;
    received += outcome.bytes_received;
    stored += outcome.bytes_stored;
  }
  std::string text = fmt::format("{} saved, {} unchanged, {} failed", summary.count(OutcomeKind::saved),
                                 summary.count(OutcomeKind::unchanged), summary.count(OutcomeKind::failed));
  if (const auto gone = summary.count(OutcomeKind::gone); gone > 0)
    text += fmt::format(", {} gone from GitHub or hidden", gone);
  if (const auto left = summary.count(OutcomeKind::not_done); left > 0)
    text += fmt::format(", {} not done", left);
  if (zips > 0) text += ", " + count_of(zips, "zip");
  text += describe_contents(summary);
  text += fmt::format("; {} received, {} stored; {}, {}; {} s", human_size(received), human_size(stored),
                      count_of(summary.api_requests, "API request"),
                      count_of(summary.git_requests(), "git request"),
                      (summary.finished - summary.started).count());
  text += describe_doubts(summary.outcomes, advice.prove);
  text += describe_lacks(summary);
  text += describe_differences(summary, advice.list_missing);
  if (const auto& found = summary.leftovers; found.removed > 0)
    text += fmt::format("\nremoved what killed runs had left: {}",
                        describe_leftovers(found.removed, found.removed_bytes));
  if (const auto& found = summary.leftovers; found.left > 0)
    text += fmt::format("\nleft over: {}, of another run that is under way, or younger than --stale-after",
                        describe_leftovers(found.left, found.bytes));
  for (const AbsenceAlarm& alarm : summary.alarms)
    text += fmt::format("\nMISSED: {}: {}", some_of(alarm.repositories), alarm.text);
  if (!summary.alarms.empty())
    text +=
        "\nlook whether the token still reaches them; if they are meant to be gone, run `hubkeep backup "
        "--accept-gone` once, with the settings of this run";
  if (summary.stopped) text += "\nstopped: what is finished is kept, the next run goes on from there";
  for (const auto& problem : summary.run_problems) text += "\n" + printable(problem);
  for (const auto& lost : summary.lost_for_good) text += "\n" + describe(lost);
  for (const auto& losses : summary.losses) text += "\n" + describe(losses);
  if (!summary.losses.empty())
    text += fmt::format(
        "\nput that back from a copy; or, to fetch again what GitHub has and accept what is lost for good:\n "
        " {}",
        advice.repair);
  return text;
}

}  // namespace hubkeep
