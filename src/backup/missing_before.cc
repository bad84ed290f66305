#include "backup/missing_before.h"

#include <algorithm>
#include <string_view>

#include "base/error.h"

namespace hubkeep {

void add_once(std::vector<MissingObject>& all, const MissingObject& more) {
  const bool is_known =
      std::any_of(all.begin(), all.end(), [&](const MissingObject& each) { return each.oid == more.oid; });
  if (!is_known && all.size() < kMaxAskedAgain) all.push_back(more);
}

void add_tips(std::vector<MissingObject>& missing, const RefState& state, const ObjectSource& there) {
  for (const Ref& ref : state.refs)
    if (!there.contains(ref.oid)) add_once(missing, {.oid = ref.oid, .type = "", .named_by = ref.name});
  if (state.head.oid && !there.contains(*state.head.oid))
    add_once(missing, {.oid = *state.head.oid, .type = "", .named_by = "HEAD"});
}

bool is_in(const MissingObject& missing, const PackIndex& index, const std::vector<ObjectType>& types) {
  const auto place = index.find(missing.oid);
  return place && (missing.type.empty() || to_string(types[*place]) == missing.type);
}

// Names alone do not tell what stands under them: where a tree was named, no blob will do. An index has no
// types, so the object is read.
bool is_there(const MissingObject& missing, PackChain& chain, const std::stop_token& stop) {
  if (!chain.contains(missing.oid)) return false;
  if (missing.type.empty()) return true;
  try {
    return to_string(chain.read(missing.oid, stop)->type) == missing.type;
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::invalid) return missing.type == "blob";  // too large to be read
    if (error.kind() != ErrorKind::corrupt) throw;
    return false;
  }
}

void restore_names(GitPart& git, const std::vector<MissingObject>& named) {
  const bool is_of_it = git.missing.size() < named.size() && named.size() <= git.missing_objects &&
                        std::equal(git.missing.begin(), git.missing.end(), named.begin());
  if (is_of_it) git.missing = named;
}

}  // namespace hubkeep
