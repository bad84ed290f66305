// A snapshot is at hand when none of its objects lies in an archive class. Without a request to thaw, one
// list of the folder shows which objects are cold, and each of these is looked up, since no list shows that
// one is on its way or back. With a request each object is asked for: S3's INTELLIGENT_TIERING moves objects
// to archive tiers that no list shows (ColdVault.FindsWhatHasSunkIntoATierThatNoListShows).
#include "restore/at_hand.h"

#include <fmt/format.h>

#include <map>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "vault/object_list.h"

namespace hubkeep {
namespace {

// AWS: "Understanding archive retrieval options"
std::string_view usual_time(ThawTier tier) {
  switch (tier) {
    case ThawTier::expedited:
      return "1 to 5 minutes";
    case ThawTier::standard:
      return "3 to 5 hours from GLACIER, 12 hours from DEEP_ARCHIVE";
    case ThawTier::bulk:
      return "5 to 12 hours from GLACIER, 48 hours from DEEP_ARCHIVE";
  }
  return "hours";
}

// A list that cannot be read now is among its own objects; what it names, the next look finds.
std::map<ObjectKey, ByteCount> sizes_of(VaultObjects& objects, const std::string& folder, const Parts& parts,
                                        const std::stop_token& stop) {
  std::map<ObjectKey, ByteCount> sizes;
  const auto add = [&](const ObjectRecord& record) {
    sizes.emplace(resolve_key(folder, record.key), record.size);
  };
  for (const auto& [name, part] : parts) {
    visit_named_objects(part, add);
    try {
      visit_objects(part, read_lists(objects, folder, stop), add);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::corrupt && error.kind() != ErrorKind::not_found &&
          error.kind() != ErrorKind::cold)
        throw;
    }
  }
  return sizes;
}

Access access_of(VaultObjects& objects, const ObjectKey& key) {
  const auto found = objects.find(key);
  return found ? found->access : Access::at_once;
}

std::map<ObjectKey, Access> look(VaultObjects& objects, const std::map<ObjectKey, ByteCount>& sizes) {
  std::vector<ObjectKey> keys;
  for (const auto& [key, size] : sizes) keys.push_back(key);
  std::map<ObjectKey, Access> found;
  objects.find_objects(std::move(keys), [&](const ObjectInfo& object) {
    if (object.access != Access::at_once) found.emplace(object.key, object.access);
  });
  for (auto& [key, access] : found) access = access_of(objects, key);
  return found;
}

std::map<ObjectKey, Access> ask(VaultObjects& objects, const std::map<ObjectKey, ByteCount>& sizes,
                                const ThawRequest& thaw, const std::stop_token& stop) {
  std::map<ObjectKey, Access> found;
  for (const auto& [key, size] : sizes) {
    if (stop.stop_requested()) throw Error(ErrorKind::cancelled, "stopped");
    try {
      found.emplace(key, objects.thaw(key, thaw));
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::not_found) throw;
    }
  }
  return found;
}

}  // namespace

AtHand look_at_hand(VaultObjects& objects, const std::string& folder, const Parts& parts,
                    const std::optional<ThawRequest>& thaw, const std::stop_token& stop) {
  const auto sizes = sizes_of(objects, folder, parts, stop);
  AtHand result;
  for (const auto& [key, access] : thaw ? ask(objects, sizes, *thaw, stop) : look(objects, sizes)) {
    if (access == Access::at_once) continue;
    ++(access == Access::cold ? result.cold : result.thawing);
    result.size += sizes.at(key);
  }
  return result;
}

std::string describe(const AtHand& found, const std::optional<ThawRequest>& thaw) {
  const std::string what = fmt::format("{} of its objects ({}) lie in an archive class of the store",
                                       found.cold + found.thawing, human_size(found.size));
  const std::string again = "run the same command again then";
  if (thaw) {
    return fmt::format("{}: {} asked for now, {} before; that usually takes {}: {}", what, found.cold,
                       found.thawing, usual_time(thaw->tier), again);
  }
  if (found.cold == 0) return fmt::format("{}: all are asked for and on their way; {}", what, again);
  return fmt::format("{}: {}", what, kThawAdvice);
}

}  // namespace hubkeep
