// Verifies zips: those that each day's metadata.json names. They stand alone and may be deleted by age, so
// what has expired is told from what is lost.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "vault/vault.h"
#include "vault/zip_record.h"
#include "verify/verdict.h"
#include "verify/verify_repository.h"

namespace hubkeep {

struct ZipVerdict {
  std::size_t zips = 0;  // there
  ByteCount bytes = 0;
  std::size_t zips_read = 0;
  ByteCount bytes_read = 0;
  std::size_t cold = 0;
  std::size_t cold_days = 0;  // whose metadata.json is in an archive class: their zips are counted as listed
  std::size_t expired = 0;
  std::string expired_until;  // the last day of those
  std::vector<Damage> damages;
  std::vector<Unnamed> unnamed;  // on days whose metadata.json can be read
  std::optional<Error> error;    // why they were not looked at to the end
  bool stopped = false;          // before all had been looked at
  /// Where to go on: "zip/<day>/" when all up to that day have expired, or the key of the last zip looked at.
  /// Empty when none was. Comes after every repository's folder, in byte order.
  std::string verified_up_to;
  std::string cut;  // the key of the one that was being looked at when it was stopped

  /// Whole, as far as they were looked at; what was accepted before counts as well.
  bool is_good() const;
  bool is_empty() const { return zips == 0 && expired == 0 && cold_days == 0 && damages.empty() && !error; }
};

/// A day's zips have expired when none of them and none of an older day is there: age takes the oldest days
/// first, and whole. Whatever else is missing is lost: zips that are named, and names of which the catalog or
/// a later day says that they were there.
class ZipVerification {
 public:
  using Filter = std::optional<std::set<SubjectKey>>;  // nothing: all

  /// Reads what is named. `after` is ZipVerdict::verified_up_to of the run before, or comes before all zips.
  /// Keeps references, but not to `catalog`. Throws Error(cancelled).
  ZipVerification(Vault& vault, const Catalog& catalog, Filter filter, std::string after,
                  const std::stop_token& stop);

  /// Of all that is to be looked at.
  ByteCount size() const;

  ZipVerdict run(const VerifyContext& context);

 private:
  enum class Names { read, cold, missing, damaged };
  struct Day {
    Names names = Names::read;
    std::string why = {};                 // names are damaged
    std::vector<ZipRecord> records = {};  // by key
    std::set<std::string> unnamed = {};   // by key in a record: the catalog has them, the records do not
  };
  using Listed = std::map<std::string, ObjectInfo>;  // by the key in a record

  using Expected = std::map<std::string, std::set<std::string>>;  // the catalog's zips, by day

  Expected expected_of(const Catalog& catalog) const;
  bool is_over(const std::string& day) const;
  void read_day(const std::string& day, const std::set<std::string>& expected,
                std::set<std::string>& days_before);
  void miss_metadata(const std::string& day, bool is_expected);
  void check_day(const VerifyContext& context, const std::string& day, const Day& named);
  void check_without_names(const std::string& day, const Day& named, const Listed& there);
  void tell_of_unnamed(const Day& named);
  Listed list_day(const std::string& day);
  void count_cold_day(const Listed& there);
  void find_unnamed(const std::vector<ZipRecord>& records, const Listed& there);
  void check_records(const VerifyContext& context, const std::vector<ZipRecord>& records,
                     const Listed& there);
  void check(const VerifyContext& context, const ZipRecord& record, const std::optional<ObjectInfo>& info);
  void tell_of_lost(const ZipRecord& record);
  void add_damage(const ObjectKey& key, DamageKind kind, std::string detail);

  Vault& vault_;
  const Filter filter_;
  const std::string after_;
  const std::stop_token& stop_;
  std::map<std::string, Day> days_;
  bool only_expired_;  // of the days so far
  ZipVerdict verdict_;
};

}  // namespace hubkeep
