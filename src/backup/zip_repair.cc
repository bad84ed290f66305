// Each damaged zip ends in one of four ways: it is whole by now; GitHub gives its commit again, as a zip of
// today; GitHub has it no more, which ends it for good; or something else is in the way, and it stays damaged
// for the next repair. A key at which something stands is left as it is and the next number taken, for an
// object is written once, and the store may have locked it.
#include "backup/zip_repair.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <mutex>

#include "backup/zip_names.h"
#include "base/error.h"
#include "base/null_sink.h"
#include "base/parallel.h"
#include "base/text.h"

namespace hubkeep {
namespace {

constexpr int kAsked = 2;  // before GitHub is believed that it has a commit no more

ObjectKey key_of(const ZipRecord& record) {
  return resolve_key("", record.object.key);
}

bool is_lost_or_damaged(const Error& error) {
  return error.kind() == ErrorKind::corrupt || error.kind() == ErrorKind::not_found;
}

}  // namespace

ZipRepair::ZipRepair(const BackupContext& context, std::string day, const Catalog& catalog)
    : context_(context), store_(context), day_(std::move(day)), catalog_(catalog) {}

void ZipRepair::find(const DamagedZips& damaged, std::vector<std::string>& problems,
                     const std::stop_token& stop) {
  if (damaged.empty()) return;
  damaged_ = damaged;
  std::set<std::string> days;
  for (const ObjectKey& key : damaged) days.emplace(day_below_zip(key));
  for (const std::string& day : days) {
    try {
      find_in(day, problems, stop);
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::cancelled) throw;
      problems.push_back(fmt::format("the zips of {} could not be repaired: {}", day, error.message()));
    }
  }
  try {
    today_ = read_zip_metadata(context_.vault.objects(), day_, stop);
  } catch (const Error& error) {
    if (!is_lost_or_damaged(error)) throw;  // the end of the run makes it (again)
  }
}

void ZipRepair::find_in(const std::string& day, std::vector<std::string>& problems,
                        const std::stop_token& stop) {
  const bool is_remade = needs_names(day, stop);
  ZipDay named;
  if (is_remade) {
    RemadeZipDay remade;
    const auto remake = [&](const std::optional<std::string>& stored) {
      remade = remake_zip_day(context_.vault, day, stored, {}, stop);
      return remade.named;
    };
    change_zip_metadata(context_.vault.objects(), day, remake, stop);
    named = std::move(remade.named);
    problems.insert(problems.end(), remade.unclear.begin(), remade.unclear.end());
    context_.observer.notice(
        fmt::format("{} is made again; zips named in it: {}", zip_metadata_key(day), named.zips.size()));
  } else {
    named = read_zip_metadata(context_.vault.objects(), day, stop);
  }
  // What a metadata.json named that nobody could read, verify could not look for.
  for (const ZipRecord& record : named.zips)
    if (!record.is_lost && (damaged_.contains(key_of(record)) || (is_remade && !is_there(record.object))))
      zips_.push_back({.day = day, .record = record});
}

// It is lost or damaged, or does not name all that is damaged: it was rolled back.
// ZipRepair.FindsNamesThatWereRolledBack.
bool ZipRepair::needs_names(const std::string& day, const std::stop_token& stop) const {
  try {
    const ZipDay named = read_zip_metadata(context_.vault.objects(), day, stop);
    return std::any_of(damaged_.begin(), damaged_.end(), [&](const ObjectKey& key) {
      return day_of_zip("/" + key) == day && !named.find("/" + key);
    });
  } catch (const Error& error) {
    if (!is_lost_or_damaged(error)) throw;
    return true;
  }
}

bool ZipRepair::is_there(const ObjectRecord& object) const {
  const auto found = context_.vault.objects().find(resolve_key("", object.key));
  return found && found->size == object.size;
}

// Of one in an archive class the store's checksum has to do.
bool ZipRepair::is_whole(const ObjectRecord& object, const std::stop_token& stop) const {
  const auto found = context_.vault.objects().find(resolve_key("", object.key));
  if (!found || found->size != object.size) return false;
  try {
    NullSink nowhere;
    context_.vault.objects().read_stored("", object, nowhere, stop);
    return true;
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::cold) return found->crc32 && found->crc32 == object.crc32;
    if (!is_lost_or_damaged(error)) throw;
    return false;
  }
}

void ZipRepair::fetch(const Means& means, const std::function<void(RepositoryResult)>& visit) {
  std::mutex mutex;  // one result at a time
  work_in_parallel(zips_.size(), means.jobs, [&](std::size_t i) {
    const ZipRecord& record = zips_[i].record;
    RepositoryResult result{.outcome = {.repository = record.owner + "/" + record.name,
                                        .id = record.id,
                                        .is_private = record.is_private,
                                        .is_of_old_zip = true},
                            .update = {}};
    do_one(zips_[i], means, result);
    const Outcome told = result.outcome;
    {
      const std::scoped_lock lock(mutex);
      visit(std::move(result));
    }
    context_.observer.finished(told);
  });
}

// The edge of one zip's work: no error goes beyond it.
void ZipRepair::do_one(DamagedZip& zip, const Means& means, RepositoryResult& result) {
  const auto is_stopped = [&] {
    return means.stops.stop.stop_requested() || means.stops.last_call.stop_requested();
  };
  Outcome& outcome = result.outcome;
  try {
    if (is_stopped()) throw Error(ErrorKind::cancelled, "stopped");
    const auto lease =
        means.memory.acquire(kBackupJobMemory + context_.vault.objects().writer_memory(), means.stops.stop);
    context_.observer.started(outcome.repository);
    mend(zip, means, result);
  } catch (const Error& error) {
    const bool waited = error.kind() == ErrorKind::rate_limited;
    const bool stopped = (waited || error.kind() == ErrorKind::cancelled) && is_stopped();
    outcome.kind = stopped ? OutcomeKind::not_done : OutcomeKind::failed;
    if (!stopped) outcome.error = error.with_context(key_of(zip.record));
  } catch (const std::exception& error) {
    outcome.kind = OutcomeKind::failed;
    outcome.error = Error(ErrorKind::internal, error.what());
  }
}

void ZipRepair::mend(DamagedZip& zip, const Means& means, RepositoryResult& result) {
  Outcome& outcome = result.outcome;
  const ObjectKey key = key_of(zip.record);
  const std::stop_token& stop = means.stops.stop;
  if (is_whole(zip.record.object, stop)) {
    outcome.detail = key + " is whole now";
    return;
  }
  const auto name = name_now(zip.record, means);
  const auto object =
      name ? object_again({zip.record.id, *name, zip.record.commit}, outcome, stop) : std::nullopt;
  if (!object) {
    zip.why_lost =
        name ? fmt::format("GitHub does not have commit {} of {} any more", zip.record.commit, *name)
             : fmt::format("GitHub does not have {} any more, or hides it from this token",
                           outcome.repository);
    outcome.kind = OutcomeKind::gone;
    outcome.detail = key + " is lost";
    return;
  }
  // Beyond this point the zip is in the vault; nothing names it yet.
  const auto slash = name->find('/');
  outcome.kind = OutcomeKind::saved;
  outcome.detail = "in place of " + key;
  outcome.zip = zip.record;
  outcome.zip->owner = name->substr(0, slash);
  outcome.zip->name = name->substr(slash + 1);
  outcome.zip->object = *object;
  zip.again = object->key;
  tell_catalog(zip, result);
}

// Nothing where GitHub does not know it any more.
std::optional<std::string> ZipRepair::name_now(const ZipRecord& record, const Means& means) const {
  if (record.host != context_.host)
    throw Error(ErrorKind::invalid, "it is of " + record.host + ": repair it with a backup of that host");
  const auto& listed = means.list.repositories;
  const auto found =
      std::find_if(listed.begin(), listed.end(), [&](const auto& r) { return r.id == record.id; });
  if (found != listed.end() && found->is_disabled)
    throw Error(ErrorKind::forbidden, "GitHub has disabled access to this repository");
  if (found != listed.end()) return found->full_name;
  if (record.is_private && means.list.public_only)
    throw Error(ErrorKind::unauthorized,
                "it is private, and without a token it cannot be seen: set TOKEN_GITHUB or --token-file, or "
                "--app-id for a GitHub App");
  if (context_.github.full_name_of(record.id, means.stops.stop))
    throw Error(ErrorKind::not_found, "it is damaged, and none of the repositories that this run may fetch");
  return std::nullopt;
}

// Nothing where GitHub does not have it any more, which it has to say twice.
// ZipRepair.BelievesInALossOnlyWhenItHearsItTwice.
std::optional<ObjectRecord> ZipRepair::object_again(const ZipSource& source, Outcome& outcome,
                                                    const std::stop_token& stop) const {
  for (int asked = 1;; ++asked) {
    try {
      return object_of_today(source, outcome, stop);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::not_found) throw;
      if (asked == kAsked) return std::nullopt;
      context_.observer.retrying({.repository = outcome.repository}, error, {});
    }
  }
}

// Under the first key at which nothing is in the way. Of a zip that is there already: of another run of
// today, or of a repair that was killed.
ObjectRecord ZipRepair::object_of_today(const ZipSource& source, Outcome& outcome,
                                        const std::stop_token& stop) const {
  const auto slash = source.full_name.find('/');
  for (int number = 1;; ++number) {
    const ObjectKey key = zip_key(day_, source.full_name.substr(0, slash), source.full_name.substr(slash + 1),
                                  source.commit, number);
    if (damaged_.contains(key)) continue;
    if (const ZipRecord* named = today_.find("/" + key)) {
      if (!named->is_lost && is_whole(named->object, stop)) return named->object;
      continue;
    }
    if (!context_.vault.objects().find(key)) return store_.fetch(source, key, outcome, stop);
    if (const auto object = usable(key, source.commit, stop)) return *object;
  }
}

std::optional<ObjectRecord> ZipRepair::usable(const ObjectKey& key, const std::string& commit,
                                              const std::stop_token& stop) const {
  try {
    return store_.stored(key, commit, stop);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::corrupt && error.kind() != ErrorKind::transient &&
        error.kind() != ErrorKind::cold)
      throw;
    return std::nullopt;
  }
}

void ZipRepair::tell_catalog(const DamagedZip& zip, RepositoryResult& result) const {
  const auto known = catalog_.find({zip.record.host, zip.record.id});
  if (known == catalog_.end()) return;
  CatalogUpdate update{.entry = known->second, .supersedes = {}};
  std::optional<CatalogZip>& last = update.entry.zip;
  if (!last || last->key != zip.record.object.key) return;
  last->key = zip.again;
  result.update = std::move(update);
}

void ZipRepair::write_down(std::vector<std::string>& problems) {
  std::map<std::string, std::vector<const DamagedZip*>> by_day;
  for (const DamagedZip& zip : zips_)
    if (!zip.again.empty() || !zip.why_lost.empty()) by_day[zip.day].push_back(&zip);
  for (const auto& [day, zips] : by_day) {
    try {
      mark(day, zips);
    } catch (const Error& error) {
      problems.push_back(
          fmt::format("what became of the zips of {} could not be written down (a repair with "
                      "what verify finds then does it): {}",
                      day, error.message()));
      continue;
    }
    for (const DamagedZip* zip : zips)
      if (!zip->why_lost.empty())
        problems.push_back(fmt::format("{} is lost: {}. From now on verify calls it known to be lost",
                                       key_of(zip->record), zip->why_lost));
  }
}

// Not stopped by the stop that ended the run: what is finished must be kept.
void ZipRepair::mark(const std::string& day, const std::vector<const DamagedZip*>& zips) {
  ZipDay today;
  if (std::any_of(zips.begin(), zips.end(), [](const DamagedZip* zip) { return !zip->again.empty(); }))
    today = read_zip_metadata(context_.vault.objects(), day_, {});
  const auto change = [&](const std::optional<std::string>& stored) {
    if (!stored) throw Error(ErrorKind::not_found, zip_metadata_key(day) + " is missing");
    ZipDay named = parse_zip_metadata(day, *stored);
    for (const DamagedZip* zip : zips) {
      ZipRecord* record = named.find(zip->record.object.key);
      // Not named today, after all: the mark would point at nothing, and the next repair does it.
      if (!record || (!zip->again.empty() && !today.find(zip->again))) continue;
      record->is_lost = true;
      record->again = zip->again;
    }
    return named;
  };
  change_zip_metadata(context_.vault.objects(), day, change, {});
}

}  // namespace hubkeep
