// A bounded queue between two threads. The writer fills chunks and waits where the queue is full; the other
// thread writes them on. An exception of the next sink is kept, ends that thread, and is thrown by the
// writer's next push or by finish(): so nothing is lost silently. Destroyed without finish(), the queue is
// thrown away (BackgroundSink.MayBeDroppedInTheMiddle).
#include "base/background_sink.h"

#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>

namespace hubkeep {
namespace {

constexpr std::size_t kChunk = std::size_t{128} << 10;
constexpr std::size_t kMaxQueued = 6;  // chunks; together with the two in work 1 MiB

}  // namespace

class BackgroundSink::Impl {
 public:
  explicit Impl(ByteSink& next) : next_(next), thread_([this] { work(); }) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() {
    {
      const std::scoped_lock lock(mutex_);
      queue_.clear();
      ended_ = true;
    }
    changed_.notify_all();
  }

  void write(std::string_view bytes) {
    pending_ += bytes;
    if (pending_.size() >= kChunk) push();
  }

  void finish() {
    if (!pending_.empty()) push();
    {
      const std::scoped_lock lock(mutex_);
      ended_ = true;
    }
    changed_.notify_all();
    thread_.join();
    if (thrown_) std::rethrow_exception(thrown_);
  }

 private:
  void push() {
    {
      std::unique_lock lock(mutex_);
      // Woken by a failure, too: nobody empties the queue any more.
      changed_.wait(lock, [&] { return queue_.size() < kMaxQueued || thrown_; });
      if (thrown_) std::rethrow_exception(thrown_);
      queue_.push_back(std::move(pending_));
    }
    changed_.notify_all();
    pending_ = {};
    pending_.reserve(2 * kChunk);
  }

  void work() {
    try {
      for (std::string chunk = pop(); !chunk.empty(); chunk = pop()) next_.write(chunk);
    } catch (...) {
      const std::scoped_lock lock(mutex_);
      thrown_ = std::current_exception();
      queue_.clear();
    }
    changed_.notify_all();
  }

  // Empty at the end.
  std::string pop() {
    std::string chunk;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return !queue_.empty() || ended_; });
      if (queue_.empty()) return {};
      chunk = std::move(queue_.front());
      queue_.pop_front();
    }
    changed_.notify_all();
    return chunk;
  }

  ByteSink& next_;
  std::string pending_;  // the caller's
  std::mutex mutex_;     // guards all below but the thread
  std::condition_variable changed_;
  std::deque<std::string> queue_;
  bool ended_ = false;
  std::exception_ptr thrown_;
  std::jthread thread_;  // last: it begins when all above stands, and is joined before any of it goes
};

BackgroundSink::BackgroundSink(ByteSink& next) : impl_(std::make_unique<Impl>(next)) {}
BackgroundSink::~BackgroundSink() = default;
void BackgroundSink::write(std::string_view bytes) {
  impl_->write(bytes);
}
void BackgroundSink::finish() {
  impl_->finish();
}

}  // namespace hubkeep
