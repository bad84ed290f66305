// From the cheapest question to the dearest: is the object listed, has it the right size, does the store's
// own checksum agree, are its bytes those that were written. The caller's listing answers the first two. A
// chosen object is read, and then needs no checksum. What lies in an archive class cannot be read now, which
// is no damage.
#include "verify/check_object.h"

#include <fmt/format.h>

#include "base/counted_sink.h"
#include "base/null_sink.h"

namespace hubkeep {
namespace {

// Of an error that usually begins with the object's name: who is told of the damage is told the name as well.
std::string detail_of(const Error& error, const ObjectKey& key) {
  if (error.message().starts_with(key + " ")) return error.message().substr(key.size() + 1);
  return "is not what was written: " + error.message();
}

Checked ask_for_checksum(VaultObjects& objects, std::uint32_t written, const ObjectKey& key) {
  const auto found = objects.find(key);
  if (!found) return Checked::damaged(DamageKind::missing, objects.describe_absence(key));
  Checked checked{.is_there = true,
                  .is_cold = found->access != Access::at_once,
                  .has_checksum = found->crc32.has_value()};
  if (!found->crc32 || *found->crc32 == written) return checked;
  checked.damage = DamageKind::checksum;
  checked.detail =
      fmt::format("has the CRC-32 {:08x} in the store, {:08x} was written", *found->crc32, written);
  return checked;
}

}  // namespace

Checked read_object(const VerifyContext& context, const std::string& folder, const ObjectRecord& record,
                    const std::stop_token& stop) {
  Checked checked{.is_there = true};
  NullSink nowhere;
  CountedSink observed(nowhere, [&](ByteCount bytes) {
    checked.bytes_read += bytes;
    context.observer.moved(bytes);
  });
  try {
    context.vault.objects().read_stored(folder, record, observed, stop);
    checked.is_read = true;
  } catch (const Error& error) {
    switch (error.kind()) {
      case ErrorKind::not_found:
        return Checked::damaged(DamageKind::missing,
                                context.vault.objects().describe_absence(resolve_key(folder, record.key)));
      case ErrorKind::corrupt:
        checked.is_read = true;
        checked.damage = DamageKind::content;
        checked.detail = detail_of(error, resolve_key(folder, record.key));
        break;
      case ErrorKind::cold:
        checked.is_cold = true;
        break;
      default:
        throw;
    }
  }
  return checked;
}

Checked check_object(const VerifyContext& context, const std::string& folder, const ObjectRecord& record,
                     const std::optional<ObjectInfo>& info, const std::stop_token& stop) {
  if (!info)
    return Checked::damaged(DamageKind::missing,
                            context.vault.objects().describe_absence(resolve_key(folder, record.key)));
  if (info->size != record.size)
    return Checked::damaged(DamageKind::size,
                            fmt::format("has {} bytes where {} were written", info->size, record.size));
  if (context.chooser.choose(record)) return read_object(context, folder, record, stop);
  if (record.crc32)
    return ask_for_checksum(context.vault.objects(), *record.crc32, resolve_key(folder, record.key));
  return {.is_there = true, .is_cold = info->access != Access::at_once};
}

}  // namespace hubkeep
