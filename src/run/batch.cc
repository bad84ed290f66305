// Work that travels as JSON: a plan's batches to workers, and their results to the end of the run. Each is
// read back as strictly as anything from outside. Batches are filled one after the other up to the first
// limit; an item that is over a limit by itself has a batch alone (CutIntoBatches.KeepsEachLimit).
#include "run/batch.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "backup/listing_of.h"
#include "backup/share.h"
#include "base/error.h"
#include "base/text.h"
#include "vault/json_fields.h"

namespace hubkeep {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array kWorkKinds = {WorkKind::back_up, WorkKind::mark_gone, WorkKind::extend_lock};

std::string_view to_string(WorkKind kind) {
  switch (kind) {
    case WorkKind::back_up:
      return "back_up";
    case WorkKind::mark_gone:
      return "mark_gone";
    case WorkKind::extend_lock:
      return "extend_lock";
  }
  return "";
}

WorkKind parse_work_kind(const std::string& text) {
  for (const WorkKind kind : kWorkKinds)
    if (to_string(kind) == text) return kind;
  throw Error(ErrorKind::invalid, "unknown kind of work: " + printable(text));
}

std::vector<Oid> open_from_json(const Json& json) {
  if (json.size() > kMaxOpen)
    throw Error(ErrorKind::invalid, fmt::format("an item has more than {} open commits", kMaxOpen));
  std::vector<Oid> open;
  for (const Json& name : json) {
    const auto oid = Oid::parse(name.get_ref<const std::string&>());
    if (!oid) throw Error(ErrorKind::invalid, "an open commit has no name");
    open.push_back(*oid);
  }
  return open;
}

int shares_from_json(const Json& json) {
  const int shares = integer_from_json<int>(json);
  if (shares < 2 || shares > kMostShares)
    throw Error(ErrorKind::invalid, fmt::format("an item cannot have {} shares", shares));
  return shares;
}

}  // namespace

Json to_json(const WorkItem& item) {
  Json json = {{"kind", to_string(item.kind)}};
  if (item.repository) json["repository"] = to_json(*item.repository);
  if (item.known) json["known"] = to_json(*item.known);
  if (item.cuts > 0) json["cuts"] = item.cuts;
  if (item.was_cut_before) json["cut"] = true;
  if (item.has_gained) json["gained"] = true;
  if (!item.given_up.empty()) json["given_up"] = item.given_up;
  if (item.shares > 0) json["shares"] = item.shares;
  for (const Oid& oid : std::span(item.open).first(std::min(item.open.size(), kMaxOpen)))
    json["open"].push_back(oid.hex());
  return json;
}

Batch::Batch(const Json& json) {
  try {
    number_ = integer_from_json<int>(json.at("number"));
    // Of no other would the end of the run read the result as a batch's.
    if (number_ < 1) throw Error(ErrorKind::invalid, fmt::format("its number is {}", number_));
    for (const Json& item : json.at("items")) items_.push_back(item_from_json(item));
  } catch (const nlohmann::json::exception& error) {
    throw Error(ErrorKind::invalid, fmt::format("not a batch of a plan: {}", printable(error.what())));
  } catch (const Error& error) {
    throw Error(ErrorKind::invalid, fmt::format("not a batch of a plan: {}", error.message()));
  }
}

WorkItem Batch::item_from_json(const Json& json) {
  WorkItem item{.kind = parse_work_kind(json.at("kind"))};
  if (json.contains("repository"))
    item.repository = &repositories_.emplace_back(repository_from_json(json.at("repository")));
  if (json.contains("known")) item.known = &known_.emplace_back(catalog_entry_from_json(json.at("known")));
  if (json.contains("cuts")) item.cuts = integer_from_json<int>(json.at("cuts"));
  item.was_cut_before = json.value("cut", false);
  item.has_gained = json.value("gained", false);
  if (json.contains("given_up")) item.given_up = json.at("given_up").get<std::vector<std::string>>();
  if (json.contains("shares")) item.shares = shares_from_json(json.at("shares"));
  if (json.contains("open")) item.open = open_from_json(json.at("open"));
  const bool is_whole = item.kind == WorkKind::back_up ? item.repository != nullptr : item.known != nullptr;
  if (!is_whole) throw Error(ErrorKind::invalid, "an item lacks its repository");
  return item;
}

std::vector<std::size_t> cut_into_batches(std::span<const ItemWeight> items, const BatchLimits& limits) {
  std::vector<std::size_t> counts;
  ItemWeight total;
  for (const ItemWeight& item : items) {
    const bool fits = !counts.empty() && counts.back() < limits.items &&
                      total.fetched + item.fetched <= limits.fetched && total.json + item.json <= limits.json;
    if (!fits) {
      counts.push_back(0);
      total = {};
    }
    ++counts.back();
    total.fetched += item.fetched;
    total.json += item.json;
  }
  return counts;
}

Json to_json(const RepositoryResult& result) {
  Json json = {{"outcome", to_json(result.outcome)}};
  if (!result.update) return json;
  Json supersedes = Json::array();
  for (const SnapshotId& snapshot : result.update->supersedes) supersedes.push_back(snapshot.str());
  json["update"] = {{"entry", to_json(result.update->entry)},
                    {"supersedes", std::move(supersedes)},
                    {"has_new_snapshot", result.update->has_new_snapshot}};
  return json;
}

RepositoryResult result_from_json(const Json& json) {
  RepositoryResult result{.outcome = outcome_from_json(json.at("outcome")), .update = {}};
  if (!json.contains("update")) return result;
  const Json& update = json.at("update");
  result.update.emplace();
  result.update->entry = catalog_entry_from_json(update.at("entry"));
  for (const Json& snapshot : update.at("supersedes"))
    result.update->supersedes.push_back(snapshot_from_json(snapshot));
  result.update->has_new_snapshot = update.at("has_new_snapshot");
  return result;
}

}  // namespace hubkeep
