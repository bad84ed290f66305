#include "report/dry_run_report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "base/text.h"
#include "report/progress.h"
#include "vault/subject.h"

namespace hubkeep {
namespace {

using Json = nlohmann::ordered_json;

std::string describe(const PendingFiles& lfs) {
  return fmt::format("{} of {}", count_of(lfs.files, "LFS object"), human_size(lfs.bytes));
}

// "git (the listing differs), wiki (due for a check)"
std::string describe(const std::vector<ForetoldPart>& parts) {
  std::string text;
  for (const ForetoldPart& part : parts) {
    text += fmt::format("{}{}", text.empty() ? "" : ", ", part.part);
    if (!part.why.empty()) text += fmt::format(" ({})", part.why);
  }
  return text;
}

std::string describe(const Foretold& item) {
  const std::string name = printable(item.repository);
  if (item.kind == WorkKind::mark_gone) return name + ": to be marked as gone from GitHub or hidden";
  if (item.kind == WorkKind::extend_lock) return name + ": gone; what is kept of it is to be locked longer";
  std::string text = name + ": ";
  if (item.is_new) text += fmt::format("new, about {}: ", human_size(item.history.value_or(0)));
  text += describe(item.parts);
  if (item.lfs.files > 0) text += fmt::format("; {} to come", describe(item.lfs));
  return text;
}

std::string describe_counts(const DryRun& run) {
  std::size_t made = 0;
  std::size_t failed = 0;
  for (const Foretold& item : run.items) made += item.is_new ? 1 : 0;
  for (const Outcome& outcome : run.told) failed += outcome.error ? 1 : 0;
  std::string text =
      fmt::format("{} to look at, {} of them new; {} unchanged",
                  count_of(run.due(), "repository", "repositories"), made, run.items.size() - run.due());
  if (failed > 0) text += fmt::format(", {} failed", failed);
  if (const std::size_t gone = run.told.size() - failed; gone > 0) text += fmt::format(", {} gone", gone);
  return text;
}

std::string describe_bytes(const DryRun& run) {
  std::string text =
      fmt::format("about {} of new histories, as GitHub estimates them", human_size(run.history));
  if (run.lfs.files > 0) text += ", and " + describe(run.lfs);
  std::vector<std::string> unknown;
  if (run.unknown > 0)
    unknown.push_back(fmt::format("what is new in {}", count_of(run.unknown, "repository that is known",
                                                                "repositories that are known")));
  if (run.lfs_unknown > 0)
    unknown.push_back(fmt::format("the LFS objects of {}",
                                  count_of(run.lfs_unknown, "repository whose history is not read yet",
                                           "repositories whose history is not read yet")));
  if (!unknown.empty()) text += fmt::format("; not known: {}", fmt::join(unknown, ", "));
  return text;
}

Json to_json(const Foretold& item) {
  Json json = {{"repository", item.repository}, {"id", item.id}};
  add_kind(json, item.id);
  if (item.is_private) json["private"] = true;
  json["new"] = item.is_new;
  if (item.kind == WorkKind::mark_gone) json["mark_gone"] = true;
  if (item.kind == WorkKind::extend_lock) json["extend_lock"] = true;
  json["parts"] = Json::array();
  for (const ForetoldPart& part : item.parts) {
    json["parts"].push_back({{"part", part.part}});
    if (!part.why.empty()) json["parts"].back()["why"] = part.why;
  }
  json["history_bytes"] = item.history ? Json(*item.history) : Json(nullptr);
  json["lfs_objects"] = item.is_lfs_unknown ? Json(nullptr) : Json(item.lfs.files);
  json["lfs_bytes"] = item.is_lfs_unknown ? Json(nullptr) : Json(item.lfs.bytes);
  json["requests_at_least"] = item.requests;
  return json;
}

}  // namespace

std::string describe(const DryRun& run) {
  std::string text;
  for (const Foretold& item : run.items)
    if (!item.has_nothing_to_do()) text += describe(item) + "\n";
  for (const Outcome& outcome : run.told) text += describe(outcome) + "\n";
  text += describe_counts(run) + "\n" + describe_bytes(run) + "\n";
  text += fmt::format("at least {}, beside {} for this list\n", count_of(run.requests, "request"), run.asked);
  return text + fmt::format("nothing was written; a run would {} {}\n",
                            run.vault_is_new ? "make a vault in" : "write into", printable(run.vault));
}

std::string to_json_text(const DryRun& run) {
  Json json = {{"dry_run", true},
               {"vault", run.vault},
               {"vault_is_new", run.vault_is_new},
               {"requests_at_least", run.requests},
               {"api_requests", run.asked},
               {"due", run.due()},
               {"history_bytes", run.history},
               {"history_unknown", run.unknown},
               {"lfs_objects", run.lfs.files},
               {"lfs_bytes", run.lfs.bytes},
               {"lfs_unknown", run.lfs_unknown},
               {"repositories", Json::array()},
               {"told", Json::array()}};
  for (const Foretold& item : run.items) json["repositories"].push_back(to_json(item));
  for (const Outcome& outcome : run.told) json["told"].push_back(to_json(outcome));
  return format_json_to_print(json) + "\n";
}

}  // namespace hubkeep
