// The same work on many things by a few threads.
#pragma once

#include <cstddef>
#include <functional>

namespace hubkeep {

/// Calls `work` with 0 to count - 1, each once, in this order as threads come free: at most `threads` at the
/// same time. Returns when all are done. What `work` throws ends the program: it catches what it can meet.
void work_in_parallel(std::size_t count, std::size_t threads, const std::function<void(std::size_t)>& work);

/// The same, but `work` may throw: then nothing more is begun, and when all that was begun is done, what was
/// thrown first is thrown here.
void work_in_parallel_or_throw(std::size_t count, std::size_t threads,
                               const std::function<void(std::size_t)>& work);

}  // namespace hubkeep
