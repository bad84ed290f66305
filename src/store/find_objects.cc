#include "store/find_objects.h"

#include <algorithm>

namespace hubkeep {
namespace {

constexpr int kPage = 1000;  // S3: what ListObjectsV2 gives in one answer

// The first component: what one list can go through.
std::string top_folder(const ObjectKey& key) {
  const auto slash = key.find('/');
  return slash == ObjectKey::npos ? std::string() : key.substr(0, slash + 1);
}

// A text before `key` and after every other key before it, but for those that differ in the last byte alone
// by more than one: no key has a byte as great as '~'.
std::string right_before(const ObjectKey& key) {
  std::string text = key;
  text.back() = static_cast<char>(text.back() - 1);
  return text + '~';
}

}  // namespace

// A list begins right before the next key that is wanted, and goes on for as long as a page has one of the
// wanted keys in it: a page without any costs as much as asking anew.
void find_objects(ObjectStore& store, std::vector<ObjectKey> keys,
                  const std::function<void(const ObjectInfo&)>& visit) {
  std::sort(keys.begin(), keys.end());
  auto next = keys.begin();
  while (next != keys.end()) {
    const std::string folder = top_folder(*next);
    // True unless the visitor has left off: then the list was read to its end.
    bool is_at_end = true;
    int since_found = 0;
    store.list(folder, right_before(*next), [&](const ObjectInfo& object) {
      next = std::lower_bound(next, keys.end(), object.key);
      if (next != keys.end() && *next == object.key) {
        visit(object);
        next = std::upper_bound(next, keys.end(), object.key);
        since_found = 0;
      }
      is_at_end = next != keys.end() && ++since_found < kPage;
      return is_at_end;
    });
    // What is left of this folder is not there.
    while (is_at_end && next != keys.end() && top_folder(*next) == folder) ++next;
  }
}

}  // namespace hubkeep
