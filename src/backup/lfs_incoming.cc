#include "backup/lfs_incoming.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "backup/repository_work.h"
#include "base/error.h"

namespace hubkeep {

LfsIncoming::LfsIncoming(LfsPointer object, const RepositoryWork& work)
    : object_(std::move(object)),
      work_(work),
      writer_(work.context().vault.objects().create_stored({}, lfs_key(object_.oid), object_.size)) {}

void LfsIncoming::go_on(LfsRemote& remote, const LfsAddress& address) {
  if (arrived_ < object_.size) remote.download(address, arrived_, *this, work_.stop());
  has_other_size_ = arrived_ != object_.size;
  if (has_other_size_)
    throw Error(ErrorKind::corrupt,
                fmt::format("the server sends {} bytes where the object has {}", arrived_, object_.size));
}

void LfsIncoming::write(std::string_view bytes) {
  has_other_size_ = bytes.size() > object_.size - arrived_;
  if (has_other_size_)
    throw Error(ErrorKind::corrupt,
                fmt::format("the server sends more bytes than the {} that the object has", object_.size));
  is_of_store_ = true;  // unless the next line returns
  writer_.write(bytes);
  is_of_store_ = false;
  arrived_ += bytes.size();
  work_.context().observer.moved(bytes.size());
}

KeptLfs LfsIncoming::commit(bool replaces_damaged) {
  is_of_store_ = true;  // unless something else is said
  const ObjectRecord record = writer_.finish();
  if (record.sha256 != object_.oid) {
    is_of_store_ = false;
    throw Error(ErrorKind::corrupt, "the server sends other bytes than those of the object's name");
  }
  if (replaces_damaged) {
    const std::array keys = {resolve_key({}, record.key)};
    if (const auto error = work_.context().vault.objects().remove(keys, work_.stop()).front())
      throw Error(*error);
  }
  writer_.commit_as(record, work_.stop());
  return {.size = record.size, .crc32 = record.crc32};
}

}  // namespace hubkeep
