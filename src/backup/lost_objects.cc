#include "backup/lost_objects.h"

#include <algorithm>

#include "base/error.h"
#include "base/null_sink.h"

namespace hubkeep {

bool is_lost(const ObjectRecord& record, const RepositoryWork& work) {
  const auto& lost = work.options().lost;
  if (std::find(lost.begin(), lost.end(), record.key) == lost.end()) return false;
  try {
    NullSink nowhere;
    work.context().vault.objects().read_stored(work.folder(), record, nowhere, work.stop());
    return false;
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::corrupt && error.kind() != ErrorKind::not_found) throw;
    return true;
  }
}

}  // namespace hubkeep
