// Which of many objects are there, in few requests.
#pragma once

#include <functional>
#include <vector>

#include "store/object_store.h"

namespace hubkeep {

/// Visits those of `keys` that are there, in byte order of their keys, as ObjectStore::list() knows them. A
/// list of a bucket gives a thousand objects a request: keys that are close together share one, and no
/// stretch of other objects is read that is longer than that. At most one request for each key.
void find_objects(ObjectStore& store, std::vector<ObjectKey> keys,
                  const std::function<void(const ObjectInfo&)>& visit);

}  // namespace hubkeep
