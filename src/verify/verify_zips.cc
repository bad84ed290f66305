// The days with zips come from the listing, the catalog and the `previous` of later days, so that the loss of
// a whole day is missed. They are walked from the oldest on. As long as nothing of a day is there, it has
// expired, for age takes the oldest days first; from the first zip that is there, whatever is missing is lost
// (VerifyZips.CallsWholeOldestDaysExpired, CallsLostWhatIsMissingBesideOthersOrAfterThem).
//
// A run may go on where another ended. verified_up_to ends with a slash while all days so far had expired, so
// that this is known again.
#include "verify/verify_zips.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "vault/key_kind.h"
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

bool ZipVerdict::is_good() const {
  return !error && std::all_of(damages.begin(), damages.end(), [](const Damage& d) { return d.accepted; });
}

ZipVerification::ZipVerification(Vault& vault, const Catalog& catalog, Filter filter, std::string after,
                                 const std::stop_token& stop)
    : vault_(vault),
      filter_(std::move(filter)),
      after_(std::move(after)),
      stop_(stop),
      only_expired_(after_.empty() || after_.ends_with('/')) {
  try {
    Expected expected = expected_of(catalog);
    for (const std::string& day : list_zip_days(vault.objects())) expected.try_emplace(day);
    std::set<std::string> days_before;
    for (const auto& [day, zips] : expected)
      if (!is_over(day)) read_day(day, zips, days_before);
    if (filter_) return;  // whose zips were on a day that a later one names is not known
    for (const std::string& day : days_before)
      if (!is_over(day)) days_.try_emplace(day, Day{.names = Names::missing});
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::cancelled) throw;
    verdict_.error = error;
  }
}

ZipVerification::Expected ZipVerification::expected_of(const Catalog& catalog) const {
  Expected expected;
  for (const auto& [key, entry] : catalog)
    if (entry.zip && (!filter_ || filter_->contains(key)))
      expected[std::string(day_of_zip(entry.zip->key))].insert(entry.zip->key);
  return expected;
}

bool ZipVerification::is_over(const std::string& day) const {
  const std::string folder = folder_of(day);
  return after_ == folder || (after_ > folder && !after_.starts_with(folder));
}

// A day without metadata.json of which nothing says that it had one has zips that nothing names: leftovers of
// a run that was killed, those of a run that is under way, or of a day that is expiring.
void ZipVerification::read_day(const std::string& day, const std::set<std::string>& expected,
                               std::set<std::string>& days_before) {
  try {
    ZipDay named = read_zip_metadata(vault_.objects(), day, stop_);
    Day& read = days_[day];
    for (const std::string& key : expected)
      if (!named.find(key) && resolve_key("", key) > after_) read.unnamed.insert(key);
    std::erase_if(named.zips,
                  [&](const ZipRecord& record) { return resolve_key("", record.object.key) <= after_; });
    read.records = std::move(named.zips);
    if (!named.previous.empty()) days_before.insert(named.previous);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::not_found) {
      miss_metadata(day, !expected.empty());
    } else if (error.kind() == ErrorKind::cold) {
      days_.emplace(day, Day{.names = Names::cold});
    } else if (error.kind() == ErrorKind::corrupt) {
      days_.emplace(day, Day{.names = Names::damaged, .why = error.message()});
    } else {
      throw;
    }
  }
}

void ZipVerification::miss_metadata(const std::string& day, bool is_expected) {
  const ObjectKey key = zip_metadata_key(day);
  if (!vault_.objects().obstacle(key).empty())
    add_damage(key, DamageKind::missing, vault_.objects().describe_absence(key));
  else if (is_expected)
    days_.emplace(day, Day{.names = Names::missing});
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
  if (named.names == Names::cold) return count_cold_day(there);
  if (named.names != Names::read) return check_without_names(day, named, there);
  const std::vector<ZipRecord>& records = named.records;
  const auto is_there = [&](const ZipRecord& record) {
    return !record.is_lost && there.contains(record.object.key);
  };
  const bool none = std::none_of(records.begin(), records.end(), is_there) &&
                    std::none_of(named.unnamed.begin(), named.unnamed.end(),
                                 [&](const std::string& key) { return there.contains(key); });
  only_expired_ = only_expired_ && none;
  if (only_expired_ && std::any_of(records.begin(), records.end(), [](const auto& r) { return !r.is_lost; }))
    verdict_.expired_until = day;
  if (!only_expired_) tell_of_unnamed(named);
  check_records(context, records, there);
  if (!filter_) find_unnamed(records, there);
  if (only_expired_)
    verdict_.verified_up_to = folder_of(day);
  else if (!records.empty())
    verdict_.verified_up_to = resolve_key("", records.back().object.key);
}

// Told once for each day, also where a run goes on within that day.
void ZipVerification::check_without_names(const std::string& day, const Day& named, const Listed& there) {
  only_expired_ = only_expired_ && there.empty();
  const ObjectKey key = zip_metadata_key(day);
  if (!named.why.empty()) {
    if (after_ < key) add_damage(key, DamageKind::content, "cannot be read: " + named.why);
  } else if (!only_expired_ && after_ < key) {
    add_damage(key, DamageKind::missing, "is missing: nothing says what zips there were on that day");
  }
  verdict_.verified_up_to = only_expired_ ? folder_of(day) : key;
}

void ZipVerification::tell_of_unnamed(const Day& named) {
  for (const std::string& key : named.unnamed)
    add_damage(resolve_key("", key), DamageKind::missing,
               fmt::format("is in the catalog, but {} does not name it", kZipMetadataName));
}

ZipVerification::Listed ZipVerification::list_day(const std::string& day) {
  const std::string folder = folder_of(day);
  Listed there;
  vault_.objects().list(folder, after_.starts_with(folder) ? after_ : "", [&](const ObjectInfo& object) {
    if (kind_of(object.key) == KeyKind::zip) there.emplace("/" + object.key, object);
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

void ZipVerification::find_unnamed(const std::vector<ZipRecord>& records, const Listed& there) {
  std::set<std::string> named;
  for (const ZipRecord& record : records) named.insert(record.object.key);
  for (const auto& [key, object] : there)
    if (!named.contains(key)) verdict_.unnamed.push_back({object.key, object.size, ""});
}

void ZipVerification::check_records(const VerifyContext& context, const std::vector<ZipRecord>& records,
                                    const Listed& there) {
  for (const ZipRecord& record : records) {
    if (filter_ && !filter_->contains({record.host, record.id})) continue;
    if (record.is_lost) {
      if (record.again.empty() && !only_expired_) tell_of_lost(record);
      continue;
    }
    if (only_expired_) {
      ++verdict_.expired;
      continue;
    }
    const auto found = there.find(record.object.key);
    const ObjectKey key = resolve_key("", record.object.key);
    // Should it be stopped now, this is the zip that it was at.
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
  if (checked.damage)
    add_damage(resolve_key("", record.object.key), *checked.damage, std::move(checked.detail));
}

void ZipVerification::tell_of_lost(const ZipRecord& record) {
  add_damage(resolve_key("", record.object.key), DamageKind::missing, "was lost before, and is known to be");
  verdict_.damages.back().accepted = true;
}

void ZipVerification::add_damage(const ObjectKey& key, DamageKind kind, std::string detail) {
  verdict_.damages.push_back({.key = key, .kind = kind, .detail = std::move(detail), .snapshots = {}});
}

}  // namespace hubkeep
