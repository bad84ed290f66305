#include "copy/copy_zips.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "vault/zip_record.h"

namespace hubkeep {
namespace {

class ZipCopier {
 public:
  ZipCopier(const CopyContext& context, const std::stop_token& stop) : context_(context), stop_(stop) {}

  void copy_day(const std::string& day, const std::optional<std::set<RepositoryKey>>& wanted) {
    auto named = names_here(day);
    if (!named) return;
    if (wanted)
      std::erase_if(*named,
                    [&](const ZipRecord& record) { return !wanted->contains({record.host, record.id}); });
    const auto there = names_there(day, *named);
    if (!there) return;
    for (const ZipRecord& record : *there) result_.there.insert(record.object.key);
    std::vector<ZipRecord> copied;
    for (const ZipRecord& record : *named) {
      if (!result_.there.contains(record.object.key) && copy(record)) copied.push_back(record);
    }
    add_to_zip_metadata(context_.to.store(), day, copied, stop_);
    for (const ZipRecord& record : copied) result_.there.insert(record.object.key);
  }

  ZipCopy take() { return std::move(result_); }

 private:
  // Nothing where it is not known what the day has.
  std::optional<std::vector<ZipRecord>> names_here(const std::string& day) {
    try {
      return read_zip_metadata(context_.from.store(), day, stop_);
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::not_found) return std::vector<ZipRecord>();
      return left_out(day, error);
    }
  }

  // Of the other vault. What it names may have gone to an archive class: then it has what was wanted when
  // each of these zips is listed there, and nothing is to be done.
  std::optional<std::vector<ZipRecord>> names_there(const std::string& day,
                                                    const std::vector<ZipRecord>& wanted) {
    try {
      return read_zip_metadata(context_.to.store(), day, stop_);
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::not_found) return std::vector<ZipRecord>();
      if (error.kind() == ErrorKind::cold && are_listed_there(day, wanted)) return wanted;
      return left_out(day, error);
    }
  }

  bool are_listed_there(const std::string& day, const std::vector<ZipRecord>& wanted) {
    std::map<ObjectKey, ByteCount> sizes;
    context_.to.store().list("zip/" + day + "/", "", [&](const ObjectInfo& object) {
      sizes.emplace(object.key, object.size);
      return true;
    });
    return std::all_of(wanted.begin(), wanted.end(), [&](const ZipRecord& record) {
      const auto found = sizes.find(resolve_key("", record.object.key));
      return found != sizes.end() && found->second == record.object.size;
    });
  }

  std::nullopt_t left_out(const std::string& day, const Error& error) {
    if (error.kind() != ErrorKind::corrupt && error.kind() != ErrorKind::cold) throw Error(error);
    result_.problems.push_back(fmt::format("the zips of {} are left out: {}", day, error.message()));
    return std::nullopt;
  }

  // Another copy at the same time may be first: it has written the same bytes.
  bool copy(const ZipRecord& record) {
    try {
      const auto writer = context_.to.store().create(resolve_key("", record.object.key));
      read_checked(context_.from.store(), "", record.object, *writer, stop_);
      writer->commit(Precondition::absent());
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::not_found) return false;
      if (error.kind() != ErrorKind::corrupt && error.kind() != ErrorKind::cold) throw;
      result_.problems.push_back("a zip is left out: " + error.message());
      return false;
    }
    ++result_.zips;
    result_.bytes += record.object.size;
    context_.observer.copied(record.object.size);
    return true;
  }

  const CopyContext& context_;
  const std::stop_token& stop_;
  ZipCopy result_;
};

}  // namespace

ZipCopy copy_zips(const CopyContext& context, const std::optional<std::set<RepositoryKey>>& wanted,
                  const std::stop_token& stop) {
  ZipCopier copier(context, stop);
  for (const std::string& day : list_zip_days(context.from.store())) copier.copy_day(day, wanted);
  return copier.take();
}

}  // namespace hubkeep
