#include "verify/verify_zips.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "verify/check_object.h"

namespace hubkeep {
namespace {

std::string folder_of(const std::string& day) {
  return "zip/" + day + "/";
}

void stop_if_asked(const std::stop_token& stop) {
  if (stop.stop_requested()) throw Error(ErrorKind::cancelled, "stopped");
}

}  // namespace

ZipVerification::ZipVerification(Vault& vault, Filter filter, std::string after, const std::stop_token& stop)
    : vault_(vault),
      filter_(std::move(filter)),
      after_(std::move(after)),
      stop_(stop),
      only_expired_(after_.empty() || after_.ends_with('/')) {
  try {
    for (const std::string& day : list_zip_days(vault.store()))
      if (!is_over(day)) read_day(day);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::cancelled) throw;
    verdict_.error = error;
  }
}

bool ZipVerification::is_over(const std::string& day) const {
  const std::string folder = folder_of(day);
  return after_ == folder || (after_ > folder && !after_.starts_with(folder));
}

// A day without metadata.json has zips that nothing names: leftovers of a run that was killed, or of a day
// that is expiring.
void ZipVerification::read_day(const std::string& day) {
  try {
    auto records = read_zip_metadata(vault_.store(), day, stop_);
    std::erase_if(records,
                  [&](const ZipRecord& record) { return resolve_key("", record.object.key) <= after_; });
    std::sort(records.begin(), records.end(),
              [](const ZipRecord& a, const ZipRecord& b) { return a.object.key < b.object.key; });
    days_.emplace(day, Day{.records = std::move(records)});
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::not_found) return;
    if (error.kind() == ErrorKind::cold) {
      days_.emplace(day, Day{.is_cold = true});
      return;
    }
    if (error.kind() != ErrorKind::corrupt) throw;
    verdict_.damages.push_back({.key = zip_metadata_key(day),
                                .kind = DamageKind::content,
                                .detail = "cannot be read: " + error.message(),
                                .snapshots = {}});
  }
}

ByteCount ZipVerification::size() const {
  ByteCount size = 0;
  for (const auto& [day, named] : days_)
    for (const ZipRecord& record : named.records) size += record.object.size;
  return size;
}

ZipVerdict ZipVerification::run(const VerifyContext& context) {
  try {
    for (const auto& [day, named] : days_) check_day(context, day, named);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::cancelled)
      verdict_.stopped = true;
    else
      verdict_.error = error;
  }
  return std::move(verdict_);
}

void ZipVerification::check_day(const VerifyContext& context, const std::string& day, const Day& named) {
  stop_if_asked(stop_);
  const Listed there = list_day(day);
  if (named.is_cold) return count_cold_day(there);
  const std::vector<ZipRecord>& records = named.records;
  const bool none = std::none_of(records.begin(), records.end(),
                                 [&](const ZipRecord& record) { return there.contains(record.object.key); });
  only_expired_ = only_expired_ && none;
  if (none && !records.empty() && only_expired_) verdict_.expired_until = day;
  check_records(context, records, there);
  if (only_expired_)
    verdict_.verified_up_to = folder_of(day);
  else if (!records.empty())
    verdict_.verified_up_to = resolve_key("", records.back().object.key);
}

ZipVerification::Listed ZipVerification::list_day(const std::string& day) {
  const std::string folder = folder_of(day);
  Listed there;
  vault_.store().list(folder, after_.starts_with(folder) ? after_ : "", [&](const ObjectInfo& object) {
    if (object.key.ends_with(".zip")) there.emplace("/" + object.key, object);
    return true;
  });
  return there;
}

// Whose they are is not known, so they are no part of what was asked for by name.
void ZipVerification::count_cold_day(const Listed& there) {
  ++verdict_.cold_days;
  only_expired_ = only_expired_ && there.empty();
  if (filter_) return;
  for (const auto& [key, object] : there) {
    ++verdict_.zips;
    verdict_.bytes += object.size;
    verdict_.cold += object.access != Access::at_once ? 1 : 0;
    verdict_.verified_up_to = object.key;
  }
}

void ZipVerification::check_records(const VerifyContext& context, const std::vector<ZipRecord>& records,
                                    const Listed& there) {
  for (const ZipRecord& record : records) {
    if (filter_ && !filter_->contains({record.host, record.id})) continue;
    if (only_expired_) {
      ++verdict_.expired;
      continue;
    }
    const auto found = there.find(record.object.key);
    const ObjectKey key = resolve_key("", record.object.key);
    verdict_.cut = key;
    check(context, record, found == there.end() ? std::nullopt : std::optional(found->second));
    verdict_.cut.clear();
    verdict_.verified_up_to = key;
  }
}

void ZipVerification::check(const VerifyContext& context, const ZipRecord& record,
                            const std::optional<ObjectInfo>& info) {
  stop_if_asked(stop_);
  Checked checked = check_object(context, "", record.object, info, stop_);
  verdict_.zips += checked.is_there ? 1 : 0;
  verdict_.bytes += checked.is_there ? record.object.size : 0;
  verdict_.zips_read += checked.is_read ? 1 : 0;
  verdict_.bytes_read += checked.bytes_read;
  verdict_.cold += checked.is_cold ? 1 : 0;
  if (!checked.damage) return;
  verdict_.damages.push_back({.key = resolve_key("", record.object.key),
                              .kind = *checked.damage,
                              .detail = std::move(checked.detail),
                              .snapshots = {}});
}

nlohmann::ordered_json to_json(const ZipVerdict& verdict) {
  using Json = nlohmann::ordered_json;
  Json json = {{"good", verdict.is_good()},
               {"zips", verdict.zips},
               {"bytes", verdict.bytes},
               {"zips_read", verdict.zips_read},
               {"bytes_read", verdict.bytes_read},
               {"cold", verdict.cold},
               {"cold_days", verdict.cold_days},
               {"expired", verdict.expired},
               {"expired_until", verdict.expired > 0 ? Json(verdict.expired_until) : Json(nullptr)},
               {"damages", Json::array()}};
  for (const Damage& damage : verdict.damages) json["damages"].push_back(to_json(damage));
  if (verdict.error)
    json["error"] = {{"kind", to_string(verdict.error->kind())}, {"message", verdict.error->message()}};
  return json;
}

}  // namespace hubkeep
