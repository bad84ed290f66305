#include "pack/delta_thread.h"

#include <utility>

namespace hubkeep {
namespace {

constexpr std::size_t kMostQueued = std::size_t{2} << 20U;
constexpr std::size_t kMostKept = std::size_t{1} << 20U;  // of one batch, to be filled again

}  // namespace

DeltaThread::DeltaThread(DeltaResolver& resolver) : resolver_(resolver), thread_([this] { run(); }) {}

DeltaThread::~DeltaThread() {
  drops_ = true;
  stop();
}

void DeltaThread::stop() {
  if (!thread_.joinable()) return;
  ends_ = true;
  resolver_.names().wake();
  thread_.join();
}

void DeltaThread::take(EntryBatch batch, ObjectNamer& namer) {
  rethrow();
  const std::size_t size = batch.memory();
  resolver_.names().help_until([&] { return queued_ == 0 || queued_ + size <= kMostQueued || drops_; },
                               namer);
  {
    const std::lock_guard lock(mutex_);
    batches_.push_back(std::move(batch));
    queued_ += size;
  }
  resolver_.names().wake();
}

void DeltaThread::finish() {
  stop();
  rethrow();
}

EntryBatch DeltaThread::empty_batch() {
  const std::lock_guard lock(mutex_);
  if (done_.empty()) return {};
  EntryBatch batch = std::move(done_.back());
  done_.pop_back();
  return batch;
}

void DeltaThread::rethrow() {
  const std::lock_guard lock(mutex_);
  if (error_) std::rethrow_exception(error_);
}

void DeltaThread::run() {
  try {
    work();
  } catch (...) {
    const std::lock_guard lock(mutex_);
    error_ = std::current_exception();
    drops_ = true;
  }
  resolver_.names().wake();
}

void DeltaThread::work() {
  ObjectNamer namer(resolver_.names().format());
  while (!drops_) {
    resolver_.names().help_until([&] { return queued_ > 0 || ends_ || drops_; }, namer);
    EntryBatch batch;
    {
      const std::lock_guard lock(mutex_);
      if (batches_.empty()) break;
      batch = std::move(batches_.front());
      batches_.pop_front();
    }
    const std::size_t size = batch.memory();
    resolver_.take(batch, queued_);
    batch.entries.clear();
    batch.bytes.clear();
    if (batch.bytes.capacity() > kMostKept) batch.bytes = std::string();
    {
      const std::lock_guard lock(mutex_);
      queued_ -= size;
      if (done_.size() < 2) done_.push_back(std::move(batch));
    }
    resolver_.names().wake();
  }
  resolver_.names().wait_for_all(namer);
}

}  // namespace hubkeep
