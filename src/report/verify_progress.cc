#include "report/verify_progress.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace hubkeep {
namespace {

std::string describe(const Damage& damage) {
  std::string text = fmt::format("  {} {}", printable(damage.key), printable(damage.detail));
  const auto& snapshots = damage.snapshots;
  if (snapshots.empty()) return text;
  text += snapshots.size() == 1 ? fmt::format("; snapshot {} needs it", snapshots.front().str())
                                : fmt::format("; {} snapshots from {} to {} need it", snapshots.size(),
                                              snapshots.back().str(), snapshots.front().str());
  return text;
}

std::string what_remains(const Verdict& verdict) {
  std::string text = fmt::format("{} of {} snapshots can be restored", verdict.restorable, verdict.snapshots);
  if (verdict.newest_restorable)
    return text + fmt::format(", the newest complete one is {}", verdict.newest_restorable->str());
  return text + ", none of them complete";
}

std::string describe(const ZipVerdict& zips) {
  std::string text =
      fmt::format("{} zips, {}, of which {} were read", zips.zips, human_size(zips.bytes), zips.zips_read);
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

}  // namespace

void VerifyProgress::finished(const Verdict& verdict) {
  const bool news = !verdict.damages.empty();
  progress_.finished(describe(verdict), !verdict.is_good() ? NewsValue::bad
                                        : news             ? NewsValue::news
                                                           : NewsValue::none);
}

std::string describe(const Verdict& verdict) {
  std::string text = printable(verdict.repository) + ": ";
  if (verdict.error) {
    text += "could not be verified: " + printable(verdict.error->message());
  } else if (verdict.damages.empty() && verdict.snapshots == 0 && verdict.id != 0) {
    return text + "no history of it is kept, only zips";
  } else if (verdict.damages.empty()) {
    return text + fmt::format("good, {} snapshots", verdict.snapshots);
  } else if (verdict.is_good()) {
    text += "good; lost before, and known to be: " + what_remains(verdict);
  } else {
    text += "DAMAGED: " + what_remains(verdict);
  }
  for (const Damage& damage : verdict.damages) text += "\n" + describe(damage);
  return text;
}

std::string describe(const VerifySummary& summary) {
  Verdict sum;
  std::size_t damaged = 0;
  std::size_t unclear = 0;
  for (const Verdict& verdict : summary.verdicts) {
    sum.snapshots += verdict.snapshots;
    sum.objects += verdict.objects;
    sum.bytes += verdict.bytes;
    sum.objects_read += verdict.objects_read;
    sum.bytes_read += verdict.bytes_read;
    sum.cold += verdict.cold;
    if (verdict.error) {
      ++unclear;
    } else if (!verdict.is_good()) {
      ++damaged;
    }
  }
  std::string text =
      fmt::format("{} repositories, {} snapshots: {} objects, {}, of which {} objects, {}, were read",
                  summary.verdicts.size(), sum.snapshots, sum.objects, human_size(sum.bytes),
                  sum.objects_read, human_size(sum.bytes_read));
  if (sum.cold > 0)
    text += fmt::format("; {} objects are in an archive class and cannot be read now", sum.cold);
  if (!summary.zips.is_empty()) text += "\n" + describe(summary.zips);
  if (summary.catalog)
    text += fmt::format("\n{}: hubkeep rebuild-catalog makes it again", printable(*summary.catalog));
  if (unclear > 0) text += fmt::format("\n{} repositories could not be verified", unclear);
  if (damaged > 0) {
    text += fmt::format(
        "\n{} repositories are damaged: hubkeep verify --json > FILE, then hubkeep backup --repair FILE "
        "fetches them again",
        damaged);
  }
  if (damaged == 0 && are_damaged(summary.zips)) {
    text +=
        "\nzips are damaged: hubkeep verify --json > FILE, then hubkeep backup --repair FILE fetches them "
        "again";
  }
  if (summary.stopped) text += "\nstopped before all was looked at";
  if (summary.is_good()) text += "\neverything that was looked at is good";
  return text;
}

}  // namespace hubkeep
