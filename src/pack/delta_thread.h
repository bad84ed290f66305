// A resolver at work on a thread of its own. A bounded queue of batches lies before it; whoever finds it full
// names objects meanwhile.
#pragma once

#include <atomic>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>

#include "pack/delta_resolver.h"

namespace hubkeep {

/// One caller. Destroyed without finish(), it drops what is queued.
class DeltaThread {
 public:
  /// Keeps a reference.
  explicit DeltaThread(DeltaResolver& resolver);
  ~DeltaThread();

  /// Waits while the queue is full. Throws what the resolver threw.
  void take(EntryBatch batch, ObjectNamer& namer);
  /// Returns when all is taken. Throws what the resolver threw.
  void finish();
  /// A batch that is done with, to be filled again.
  EntryBatch empty_batch();

 private:
  void run();
  void work();
  void rethrow();
  void stop();

  DeltaResolver& resolver_;
  std::mutex mutex_;
  std::deque<EntryBatch> batches_;       // guarded by mutex_
  std::vector<EntryBatch> done_;         // guarded by mutex_
  std::exception_ptr error_;             // guarded by mutex_
  std::atomic<std::size_t> queued_ = 0;  // bytes
  std::atomic<bool> ends_ = false;       // nothing more comes
  std::atomic<bool> drops_ = false;      // nor is what is queued of use
  std::thread thread_;
};

}  // namespace hubkeep
