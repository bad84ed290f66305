#include "store/leftovers.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"

namespace hubkeep {

Leftovers clean_up(ObjectStore& store, std::chrono::seconds age,
                   const std::function<void(const std::string&)>& notice) {
  Leftovers found;
  try {
    found = store.remove_stale(age);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::cancelled) throw;
    found.problems.push_back(error);
  }
  for (const Error& problem : found.problems)
    notice("what killed runs left could not be cleaned up: " + problem.message());
  return found;
}

std::string describe_leftovers(int count, ByteCount bytes) {
  if (count == 0) return "";
  return fmt::format("{} unfinished {}{}", count, count == 1 ? "file or upload" : "files or uploads",
                     bytes == 0 ? "" : ", " + human_size(bytes));
}

}  // namespace hubkeep
