#include "base/parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <thread>
#include <vector>

namespace hubkeep {

void work_in_parallel(std::size_t count, std::size_t threads, const std::function<void(std::size_t)>& work) {
  std::atomic<std::size_t> next = 0;
  const auto worker = [&] {
    for (std::size_t i = next++; i < count; i = next++) work(i);
  };
  const std::size_t workers = std::min(threads, count);
  // Joined at the end of the function: when it returns, all is done.
  std::vector<std::jthread> running;
  running.reserve(workers);
  for (std::size_t i = 0; i < workers; ++i) running.emplace_back(worker);
}

void work_in_parallel_or_throw(std::size_t count, std::size_t threads,
                               const std::function<void(std::size_t)>& work) {
  std::atomic<bool> failed = false;
  std::exception_ptr failure;  // the thread that set `failed` writes it; read when all are done
  work_in_parallel(count, threads, [&](std::size_t i) {
    if (failed) return;
    try {
      work(i);
    } catch (...) {
      if (!failed.exchange(true)) failure = std::current_exception();
    }
  });
  if (failure) std::rethrow_exception(failure);
}

}  // namespace hubkeep
