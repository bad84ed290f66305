// What lies outside of the repositories' folders is not listed by any repository's copy. Both vaults are
// listed page by page, in step, because both lists are in the order of keys: the other vault is read up to
// the last key of the page from here.
#include "copy/lacks_elsewhere.h"

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <vector>

namespace hubkeep {
namespace {

constexpr std::array<std::string_view, 8> kOthers = {"repos/",  "gists/",  "accounts/", "runs/",
                                                     "drills/", "doctor/", "state/",    "zip/"};
constexpr std::size_t kPage = 1000;  // S3: what ListObjectsV2 gives in one answer

using Sizes = std::map<ObjectKey, ByteCount>;

// The objects after `start_after`: a page of them, or all up to `last`.
Sizes list_some(VaultObjects& store, const std::string& folder, const ObjectKey& start_after,
                const ObjectKey& last) {
  Sizes sizes;
  store.list(folder, start_after, [&](const ObjectInfo& object) {
    if (!last.empty() && object.key > last) return false;
    sizes.emplace(object.key, object.size);
    return last.empty() ? sizes.size() < kPage : object.key != last;
  });
  return sizes;
}

// Page by page, so that no more than that is held of however many.
bool lacks_any(VaultObjects& from, VaultObjects& to, const std::string& folder) {
  ObjectKey last;
  while (true) {
    const Sizes here = list_some(from, folder, last, "");
    if (here.empty()) return false;
    const Sizes there = list_some(to, folder, last, here.rbegin()->first);
    if (!std::includes(there.begin(), there.end(), here.begin(), here.end())) return true;
    last = here.rbegin()->first;
  }
}

}  // namespace

bool lacks_elsewhere(VaultObjects& from, VaultObjects& to) {
  std::vector<std::string> folders;
  from.list_children("", [&](std::string_view name) {
    if (name.ends_with('/') && std::find(kOthers.begin(), kOthers.end(), name) == kOthers.end())
      folders.emplace_back(name);
    return true;
  });
  return std::any_of(folders.begin(), folders.end(),
                     [&](const std::string& folder) { return lacks_any(from, to, folder); });
}

}  // namespace hubkeep
