#include "report/verify_json.h"

#include <nlohmann/json.hpp>

#include "base/error_json.h"

namespace hubkeep {
namespace {

using Json = nlohmann::ordered_json;

Json to_json(const std::vector<FailingRepository>& repositories) {
  Json list = Json::array();
  for (const FailingRepository& repository : repositories) {
    list.push_back({{"repository", repository.repository},
                    {"id", repository.id},
                    {"host", repository.host},
                    {"since", format_time(repository.failure.since)},
                    {"kind", to_string(repository.failure.kind)},
                    {"message", repository.failure.message}});
  }
  return list;
}

}  // namespace

Json to_json(const Damage& damage) {
  Json snapshots = Json::array();
  for (const SnapshotId& snapshot : damage.snapshots) snapshots.push_back(snapshot.str());
  return {{"key", damage.key},
          {"kind", to_string(damage.kind)},
          {"detail", damage.detail},
          {"accepted", damage.accepted},
          {"snapshots", std::move(snapshots)}};
}

Json to_json(const Unnamed& unnamed) {
  if (!unnamed.what.empty()) return {{"key", unnamed.key}, {"is", unnamed.what}};
  return {{"key", unnamed.key}, {"size", unnamed.size}};
}

Json to_json(const Verdict& verdict) {
  Json json = {{"repository", verdict.repository},
               {"id", verdict.id},
               {"host", verdict.host},
               {"good", verdict.is_good()},
               {"snapshots", verdict.snapshots},
               {"restorable", verdict.restorable},
               {"newest_restorable",
                verdict.newest_restorable ? Json(verdict.newest_restorable->str()) : Json(nullptr)},
               {"objects", verdict.objects},
               {"bytes", verdict.bytes},
               {"checksums", verdict.checksums},
               {"objects_read", verdict.objects_read},
               {"bytes_read", verdict.bytes_read},
               {"cold", verdict.cold},
               {"damages", Json::array()},
               {"unnamed", Json::array()}};
  add_kind(json, verdict.id);
  if (verdict.shared_objects > 0) {
    json["shared_objects"] = verdict.shared_objects;
    json["shared_bytes"] = verdict.shared_bytes;
  }
  if (verdict.removed > 0) json["removed"] = verdict.removed;
  if (verdict.not_proved > 0) json["not_proved"] = verdict.not_proved;
  if (verdict.proved) json["proved"] = *verdict.proved;
  for (const Damage& damage : verdict.damages) json["damages"].push_back(to_json(damage));
  for (const Unnamed& unnamed : verdict.unnamed) json["unnamed"].push_back(to_json(unnamed));
  if (verdict.error) json["error"] = to_json(*verdict.error);
  return json;
}

Json to_json(const ZipVerdict& verdict) {
  Json json = {{"good", verdict.is_good()},
               {"zips", verdict.zips},
               {"bytes", verdict.bytes},
               {"zips_read", verdict.zips_read},
               {"bytes_read", verdict.bytes_read},
               {"cold", verdict.cold},
               {"cold_days", verdict.cold_days},
               {"expired", verdict.expired},
               {"expired_until", verdict.expired > 0 ? Json(verdict.expired_until) : Json(nullptr)},
               {"damages", Json::array()},
               {"unnamed", Json::array()}};
  for (const Damage& damage : verdict.damages) json["damages"].push_back(to_json(damage));
  for (const Unnamed& unnamed : verdict.unnamed) json["unnamed"].push_back(to_json(unnamed));
  if (verdict.error) json["error"] = to_json(*verdict.error);
  return json;
}

Json to_json(const StateVerdict& verdict) {
  Json json = {{"host", verdict.host}, {"good", verdict.is_good()}, {"damages", Json::array()}};
  for (const Damage& damage : verdict.damages) json["damages"].push_back(to_json(damage));
  return json;
}

Json to_json(const RunsVerdict& verdict) {
  Json json = {{"good", verdict.is_good()}, {"problems", verdict.problems}, {"newest", Json::array()}};
  for (const auto& [host, run] : verdict.newest)
    json["newest"].push_back(
        {{"host", host}, {"run", run.run.str()}, {"finished", format_time(run.finished)}});
  json["never_saved"] = to_json(verdict.never_saved);
  json["failing"] = to_json(verdict.failing);
  return json;
}

Json to_json(const VerifySummary& summary) {
  Json json = {{"good", summary.is_good()},
               {"stopped", summary.stopped},
               {"identity", summary.identity ? Json(*summary.identity) : Json(nullptr)},
               {"readme", summary.readme ? Json(*summary.readme) : Json(nullptr)},
               {"catalog", summary.catalog ? Json(*summary.catalog) : Json(nullptr)},
               {"runs", to_json(summary.runs)},
               {"states", Json::array()},
               {"zips", to_json(summary.zips)},
               {"others", Json::array()},
               {"repositories", Json::array()}};
  for (const StateVerdict& verdict : summary.states) json["states"].push_back(to_json(verdict));
  for (const Unnamed& other : summary.others) json["others"].push_back(to_json(other));
  for (const Verdict& verdict : summary.verdicts) json["repositories"].push_back(to_json(verdict));
  return json;
}

}  // namespace hubkeep
