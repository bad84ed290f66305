#include "store/remove_each.h"

namespace hubkeep {
namespace {

std::optional<Error> error_of_removing(const ObjectKey& key, const std::stop_token& stop,
                                       const std::function<void(const ObjectKey&)>& remove_one) {
  if (stop.stop_requested()) return Error(ErrorKind::cancelled, "stopped before " + key + " was removed");
  try {
    remove_one(key);
    return std::nullopt;
  } catch (const Error& error) {
    return error;
  }
}

}  // namespace

bool is_about_one_object(ErrorKind kind) {
  return kind != ErrorKind::transient && kind != ErrorKind::unauthorized && kind != ErrorKind::cancelled;
}

std::vector<std::optional<Error>> remove_each(std::span<const ObjectKey> keys, const std::stop_token& stop,
                                              const std::function<void(const ObjectKey&)>& remove_one) {
  std::vector<std::optional<Error>> results;
  results.reserve(keys.size());
  for (const ObjectKey& key : keys) {
    results.push_back(error_of_removing(key, stop, remove_one));
    if (results.back() && !is_about_one_object(results.back()->kind())) {
      const Error last = *results.back();
      results.resize(keys.size(), last);
    }
    if (results.size() == keys.size()) break;
  }
  return results;
}

}  // namespace hubkeep
