// Removing many objects one by one, where a store has nothing better: what each key comes to.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <vector>

#include "store/object_store.h"

namespace hubkeep {

/// Whether an Error says something about one object only, so that others may be removed all the same.
bool is_about_one_object(ErrorKind kind);

/// As ObjectStore::remove(), with `remove_one` for each key, which may throw Error.
std::vector<std::optional<Error>> remove_each(std::span<const ObjectKey> keys, const std::stop_token& stop,
                                              const std::function<void(const ObjectKey&)>& remove_one);

}  // namespace hubkeep
