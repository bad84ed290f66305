// Day by day, the oldest first: what metadata.json names here and the other vault does not name is copied,
// then named there, so that nothing is named before it is there. Zips expire by age in each vault for itself.
// As long as the other vault has no zip of a day nor of any before it, what it names has expired there and is
// not brought back; after that, what it names and does not have is lost, and is copied again
// (CopyOntoADamagedVault.LostZipsOfADayAreCopiedAgainUnlessAllBeforeThemAreGone).
#include "copy/copy_zips.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>

#include "base/text.h"
#include "vault/key_kind.h"
#include "vault/zip_record.h"

namespace hubkeep {
namespace {

class ZipCopier {
 public:
  ZipCopier(const CopyContext& context, const std::stop_token& stop) : context_(context), stop_(stop) {}

  void run(const std::optional<std::set<SubjectKey>>& wanted) {
    std::map<std::string, bool> days;  // whether there is something to copy
    for (const std::string& day : list_zip_days(context_.to.objects())) days[day] = false;
    for (const std::string& day : list_zip_days(context_.from.objects())) days[day] = true;
    for (const auto& [day, is_here] : days) {
      if (is_here) {
        copy_day(day, wanted);
      } else if (only_expired_) {
        only_expired_ = list_there(day).empty();
      }
    }
  }

  ZipCopy take() { return std::move(result_); }

 private:
  using Sizes = std::map<std::string, ByteCount>;  // of zips, by the key as records have it

  void copy_day(const std::string& day, const std::optional<std::set<SubjectKey>>& wanted) {
    const Sizes listed = list_there(day);
    only_expired_ = only_expired_ && listed.empty();
    auto named = names_here(day);
    if (!named) return;
    const auto is_wanted = [&](const ZipRecord& record) {
      return !wanted || wanted->contains({record.host, record.id});
    };
    std::erase_if(*named, [&](const ZipRecord& record) { return !is_wanted(record); });
    auto there = names_there(day, *named, listed);
    if (!there) return;
    std::set<std::string> lost = look_at(*there, is_wanted, listed);
    std::vector<ZipRecord> copied;
    for (const ZipRecord& record : *named) {
      if (result_.there.contains(record.object.key) || !copy(record)) continue;
      lost.erase(record.object.key);
      copied.push_back(record);
    }
    add_to_zip_metadata(context_.to.objects(), day, copied, stop_);
    for (const ZipRecord& record : copied) result_.there.insert(record.object.key);
    for (const std::string& key : lost)
      result_.problems.push_back(
          fmt::format("{} is named in {} and is in neither vault", resolve_key("", key), place()));
  }

  // What the other vault names: what is there, has expired or is told of needs no copy. Returns the others.
  std::set<std::string> look_at(const std::vector<ZipRecord>& named,
                                const std::function<bool(const ZipRecord&)>& is_wanted, const Sizes& listed) {
    std::set<std::string> lost;
    for (const ZipRecord& record : named) {
      const ObjectRecord& object = record.object;
      const auto found = listed.find(object.key);
      if (found == listed.end() && !only_expired_ && !record.is_lost) {
        if (is_wanted(record)) lost.insert(object.key);
        continue;
      }
      result_.there.insert(object.key);
      if (found == listed.end() || found->second == object.size || !is_wanted(record)) continue;
      result_.problems.push_back(fmt::format("{} is in {} with {} bytes where {} were written: {}",
                                             resolve_key("", object.key), place(), found->second, object.size,
                                             kRemoveAndCopy));
    }
    return lost;
  }

  Sizes list_there(const std::string& day) {
    Sizes sizes;
    context_.to.objects().list("zip/" + day + "/", "", [&](const ObjectInfo& object) {
      if (kind_of(object.key) == KeyKind::zip) sizes.emplace("/" + object.key, object.size);
      return true;
    });
    return sizes;
  }

  std::string place() const { return printable(context_.to.objects().description()); }

  // Nothing where it is not known what the day has.
  std::optional<std::vector<ZipRecord>> names_here(const std::string& day) {
    try {
      ZipDay named = read_zip_metadata(context_.from.objects(), day, stop_);
      // A day without metadata.json may be of a run that was killed. That it had one is known when the next
      // day says so.
      if (!without_names_.empty() && named.previous == without_names_)
        result_.problems.push_back(fmt::format("the zips of {} are left out: {} is missing", without_names_,
                                               zip_metadata_key(without_names_)));
      without_names_.clear();
      return std::move(named.zips);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::not_found) return left_out(day, error);
      without_names_ = day;
      return std::vector<ZipRecord>();
    }
  }

  // Of the other vault. What it names may have gone to an archive class: then it has what was wanted when
  // each of these zips is listed there, and nothing is to be done.
  std::optional<std::vector<ZipRecord>> names_there(const std::string& day,
                                                    const std::vector<ZipRecord>& wanted,
                                                    const Sizes& listed) {
    try {
      return read_zip_metadata(context_.to.objects(), day, stop_).zips;
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::not_found) return std::vector<ZipRecord>();
      if (error.kind() == ErrorKind::cold && are_all_in(listed, wanted)) return wanted;
      return left_out(day, error.kind() == ErrorKind::corrupt ? other_bytes_there(context_, error) : error);
    }
  }

  static bool are_all_in(const Sizes& listed, const std::vector<ZipRecord>& wanted) {
    return std::all_of(wanted.begin(), wanted.end(), [&](const ZipRecord& record) {
      if (record.is_lost) return true;
      const auto found = listed.find(record.object.key);
      return found != listed.end() && found->second == record.object.size;
    });
  }

  std::nullopt_t left_out(const std::string& day, const Error& error) {
    if (error.kind() != ErrorKind::corrupt && error.kind() != ErrorKind::cold) throw Error(error);
    result_.problems.push_back(fmt::format("the zips of {} are left out: {}", day, error.message()));
    return std::nullopt;
  }

  // Of a lost one there is only its record.
  bool copy(const ZipRecord& record) {
    if (record.is_lost) return true;
    try {
      RecordedWriter writer = context_.to.objects().create_stored("", record.object.key, record.object.size);
      context_.from.objects().read_stored("", record.object, writer, stop_);
      if (!commit(writer, record.object)) return true;
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::not_found) return false;
      if (error.kind() != ErrorKind::corrupt && error.kind() != ErrorKind::cold) throw;
      result_.problems.push_back("a zip is left out: " + error.message());
      return false;
    }
    ++result_.zips;
    result_.bytes += record.object.size;
    context_.observer.moved(record.object.size);
    return true;
  }

  bool commit(RecordedWriter& writer, const ObjectRecord& object) {
    try {
      return writer.commit_as(object, stop_);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::corrupt) throw;
      throw other_bytes_there(context_, error);
    }
  }

  const CopyContext& context_;
  const std::stop_token& stop_;
  bool only_expired_ = true;   // of the days so far, the other vault has no zip
  std::string without_names_;  // the day before, where nothing names what it has
  ZipCopy result_;
};

}  // namespace

ZipCopy copy_zips(const CopyContext& context, const std::optional<std::set<SubjectKey>>& wanted,
                  const std::stop_token& stop) {
  ZipCopier copier(context, stop);
  copier.run(wanted);
  return copier.take();
}

}  // namespace hubkeep
