#include "report/verify_progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "report/verify_json.h"

namespace hubkeep {
namespace {

using Json = nlohmann::ordered_json;

// "1 object", "2 objects"
std::string describe(const Damage& damage) {
  std::string text = fmt::format("  {} {}", printable(damage.key), printable(damage.detail));
  const auto& snapshots = damage.snapshots;
  if (snapshots.empty()) return text;
  text += snapshots.size() == 1 ? fmt::format("; snapshot {} needs it", snapshots.front().str())
                                : fmt::format("; {} snapshots from {} to {} need it", snapshots.size(),
                                              snapshots.back().str(), snapshots.front().str());
  return text;
}

// Lists have no place on a line: thousands of damages, each of thousands of snapshots, are an event each.
Json counts_of(const Verdict& verdict) {
  Json json = to_json(verdict);
  json["damages"] = verdict.damages.size();
  json["unnamed"] = verdict.unnamed.size();
  return json;
}

Json event_of(const Verdict& verdict, const Damage& damage) {
  Json json = {{"event", "damage"}, {"repository", verdict.repository}, {"id", verdict.id}};
  json.update(to_json(damage));
  json["snapshots"] = damage.snapshots.size();
  return json;
}

// What cannot be read now cannot be rebuilt either.
std::string what_was_proved(const Verdict& verdict) {
  if (!verdict.proved) return "";
  const std::string_view how = verdict.proof == ProofKind::deep ? "made again" : "rebuilt";
  if (*verdict.proved == verdict.snapshots)
    return fmt::format("{} {} and whole", verdict.snapshots == 1 ? "," : ", each", how);
  return fmt::format(", {} of them {} and whole", *verdict.proved, how);
}

std::string what_remains(const Verdict& verdict) {
  std::string text = fmt::format("{} of {} snapshots can be restored", verdict.restorable, verdict.snapshots);
  if (verdict.newest_restorable)
    return text + fmt::format(", the newest complete one is {}", verdict.newest_restorable->str());
  return text + ", none of them complete";
}

std::string describe(const ZipVerdict& zips) {
  std::string text = fmt::format("{}, {}, of which {} were read", count_of(zips.zips, "zip"),
                                 human_size(zips.bytes), zips.zips_read);
  if (zips.cold > 0) text += fmt::format("; {} are in an archive class and cannot be read now", zips.cold);
  if (zips.cold_days > 0)
    text += fmt::format(
        "; metadata.json of {} days is in an archive class: whether they are complete is not known",
        zips.cold_days);
  if (zips.expired > 0)
    text += fmt::format("; {} more have expired, all up to {}", zips.expired, zips.expired_until);
  for (const Damage& damage : zips.damages)
    text += "\n" + (damage.accepted ? describe(damage).substr(2) : "DAMAGED:" + describe(damage).substr(1));
  if (zips.error) text += "\nthe zips could not be verified: " + printable(zips.error->message());
  return text;
}

bool are_damaged(const ZipVerdict& zips) {
  return std::any_of(zips.damages.begin(), zips.damages.end(), [](const auto& d) { return !d.accepted; });
}

// Killed runs leave some; where snapshots are lost without a trace, what they had is the only one.
std::string describe_unnamed(const VerifySummary& summary) {
  std::size_t objects = 0;
  ByteCount bytes = 0;
  std::size_t obstacles = 0;
  const auto add = [&](const std::vector<Unnamed>& unnamed) {
    for (const Unnamed& one : unnamed) {
      bytes += one.size;
      ++(one.what.empty() ? objects : obstacles);
    }
  };
  for (const Verdict& verdict : summary.verdicts) add(verdict.unnamed);
  add(summary.zips.unnamed);
  std::string text;
  if (objects > 0)
    text += fmt::format(
        "\n{} of {} {} named by nothing (--json lists them): usually a killed run has left them; after a "
        "copy "
        "that was cut short, they are of snapshots that did not arrive",
        count_of(objects, "object"), human_size(bytes), objects == 1 ? "is" : "are");
  for (const Unnamed& other : summary.others)
    text += fmt::format("\n{} is {}, which hubkeep did not put there", printable(other.key), other.what);
  if (obstacles > 0)
    text +=
        fmt::format("\n{} no object but a link, a pipe or the like (--json lists them)",
                    obstacles == 1 ? "1 thing in the repositories' folders is"
                                   : fmt::format("{} things in the repositories' folders are", obstacles));
  return text;
}

bool are_damaged(const std::vector<StateVerdict>& states) {
  return std::any_of(states.begin(), states.end(), [](const auto& verdict) { return !verdict.is_good(); });
}

std::string describe_states(const VerifySummary& summary) {
  std::string text;
  for (const StateVerdict& verdict : summary.states)
    for (const Damage& damage : verdict.damages)
      text += fmt::format("\n{}{}", damage.accepted ? "lost before, and known to be:" : "DAMAGED:",
                          describe(damage).substr(1));
  return text;
}

// Of what is no repository's and can be made again.
std::string describe_root(const VerifySummary& summary, const VerifyAdvice& advice) {
  std::string text;
  for (const auto* damage : {&summary.identity, &summary.readme, &summary.catalog})
    if (*damage) text += "\nDAMAGED: " + printable(**damage);
  return text.empty() ? "" : fmt::format("{}\nto have that made again:\n  {}", text, advice.rebuild);
}

std::string what_was_looked_at(const VerifySummary& summary, const Verdict& sum) {
  std::string text =
      fmt::format("that {} there with the right size",
                  sum.objects == 1 ? "1 object is" : fmt::format("{} objects are", sum.objects));
  if (sum.checksums > 0) text += fmt::format(", the store's checksum of {}", sum.checksums);
  if (sum.proved)
    text += fmt::format(", that {} of {} can be rebuilt with all that {} refs lead to", *sum.proved,
                        count_of(sum.snapshots, "snapshot"), sum.snapshots == 1 ? "its" : "their");
  const bool all = summary.read.kind == DataSubset::Kind::all;
  if (sum.objects_read == 0 && !all) return text + "; none of the history was read, as --read-data does";
  if (!all)
    return text + fmt::format("; {} of {} were read{}", human_size(sum.bytes_read), human_size(sum.bytes),
                              sum.proved && sum.bytes_read < sum.bytes ? ", --read-data reads the rest" : "");
  return text + (sum.cold + summary.zips.cold == 0 ? ", and every byte"
                                                   : ", and every byte of what is in no archive class");
}

std::string describe(const FailingRepository& repository) {
  return fmt::format("fails since {}: {}: {}; what was saved before is there",
                     format_time(repository.failure.since), printable(repository.repository),
                     printable(repository.failure.message));
}

}  // namespace

void VerifyProgress::finished(const Verdict& verdict) {
  const bool news = !verdict.damages.empty();
  log_.finished(describe(verdict),
                !verdict.is_good() ? NewsValue::bad
                : news             ? NewsValue::news
                                   : NewsValue::none,
                counts_of(verdict));
  if (log_format() == LogFormat::text) return;  // the lines above have them
  for (const Damage& damage : verdict.damages)
    log_.event(damage.accepted ? LogLevel::normal : LogLevel::quiet,
               damage.accepted ? Severity::info : Severity::error,
               printable(verdict.repository) + ":" + describe(damage).substr(1), event_of(verdict, damage));
}

std::string describe(const Verdict& verdict) {
  std::string text = printable(verdict.repository) + ": ";
  if (verdict.error) {
    text += "could not be verified: " + printable(verdict.error->message());
  } else if (verdict.damages.empty() && verdict.snapshots == 0 && verdict.id != 0) {
    return text + "no history of it is kept, only zips";
  } else if (verdict.damages.empty()) {
    return text + "good, " + count_of(verdict.snapshots, "snapshot") + what_was_proved(verdict) +
           (verdict.removed > 0 ? fmt::format(", {} removed", verdict.removed) : "");
  } else if (verdict.is_good()) {
    text += "good; lost before, and known to be: " + what_remains(verdict);
  } else {
    text += "DAMAGED: " + what_remains(verdict);
  }
  for (const Damage& damage : verdict.damages) text += "\n" + describe(damage);
  return text;
}

std::string describe(const VerifySummary& summary, const VerifyAdvice& advice) {
  Verdict sum;
  std::size_t damaged = 0;
  std::size_t unclear = 0;
  for (const Verdict& verdict : summary.verdicts) {
    sum.snapshots += verdict.snapshots;
    sum.objects += verdict.objects - verdict.shared_objects;
    sum.bytes += verdict.bytes - verdict.shared_bytes;
    sum.checksums += verdict.checksums;
    sum.objects_read += verdict.objects_read;
    sum.bytes_read += verdict.bytes_read;
    sum.cold += verdict.cold;
    sum.not_proved += verdict.not_proved;
    if (verdict.proved) sum.proved = sum.proved.value_or(0) + *verdict.proved;
    if (verdict.error) {
      ++unclear;
    } else if (!verdict.is_good()) {
      ++damaged;
    }
  }
  std::string text =
      fmt::format("{}, {}: {}, {}, of which {}, {}, were read",
                  count_of(summary.verdicts.size(), "repository", "repositories"),
                  count_of(sum.snapshots, "snapshot"), count_of(sum.objects, "object"), human_size(sum.bytes),
                  count_of(sum.objects_read, "object"), human_size(sum.bytes_read));
  if (sum.cold > 0)
    text += fmt::format("; {} in an archive class and cannot be read now",
                        sum.cold == 1 ? "1 object is" : fmt::format("{} objects are", sum.cold));
  if (!summary.zips.is_empty()) text += "\n" + describe(summary.zips);
  for (const std::string& problem : summary.runs.problems) text += "\n" + problem;
  for (const FailingRepository& repository : summary.runs.never_saved)
    text += "\n" + describe_never_saved(repository);
  for (const FailingRepository& repository : summary.runs.failing) text += "\n" + describe(repository);
  text += describe_unnamed(summary);
  text += describe_states(summary);
  text += describe_root(summary, advice);
  if (unclear > 0)
    text += fmt::format("\n{} could not be verified", count_of(unclear, "repository", "repositories"));
  if (damaged > 0) {
    text += fmt::format(
        "\n{} damaged; to fetch again what was lost, with the flags that your backups have:\n  {}",
        damaged == 1 ? "1 repository is" : fmt::format("{} repositories are", damaged), advice.repair);
  }
  if (damaged == 0 && !are_damaged(summary.zips) && are_damaged(summary.states))
    text += fmt::format(
        "\nwhat the vault remembered is lost for good; to accept that, with the flags that your backups "
        "have:\n  {}",
        advice.repair);
  if (damaged == 0 && are_damaged(summary.zips))
    text += fmt::format(
        "\nzips are damaged; to fetch again what was lost, with the flags that your backups have:\n  {}",
        advice.repair);
  if (sum.not_proved > 0)
    text +=
        fmt::format("\n{} not proved to be whole; to prove it:\n  {}",
                    sum.not_proved == 1 ? "1 snapshot is" : fmt::format("{} snapshots are", sum.not_proved),
                    advice.prove);
  if (summary.stopped) text += "\nstopped before all was looked at";
  if (summary.is_good())
    text += "\neverything that was looked at is good: " + what_was_looked_at(summary, sum);
  return text;
}

}  // namespace hubkeep
