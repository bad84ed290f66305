#include "pack/name_jobs.h"

#include <algorithm>

namespace hubkeep {
namespace {

constexpr std::size_t kMostWaiting = 256;

}  // namespace

std::uint32_t NameJobs::push(const Job& job, ObjectNamer& namer) {
  std::unique_lock lock(mutex_);
  while (waiting_.size() >= kMostWaiting) do_one(lock, namer);
  waiting_.push_back({job, ++last_});
  changed_.notify_all();
  return last_;
}

void NameJobs::wait_for(std::uint32_t number, ObjectNamer& namer) {
  help_until([&] { return first_open() > number; }, namer);
}

void NameJobs::wait_for_all(ObjectNamer& namer) {
  help_until([&] { return waiting_.empty() && running_.empty(); }, namer);
}

void NameJobs::wait_for_name_of(std::uint32_t entry, ObjectNamer& namer) {
  const auto is_of_it = [&](const Numbered& numbered) { return numbered.job.entry == entry; };
  const auto has_name = [&] {
    return std::none_of(waiting_.begin(), waiting_.end(), is_of_it) &&
           std::none_of(running_.begin(), running_.end(), is_of_it);
  };
  help_until(has_name, namer);
}

void NameJobs::help_until(const std::function<bool()>& is_enough, ObjectNamer& namer) {
  std::unique_lock lock(mutex_);
  while (!is_enough()) {
    if (waiting_.empty())
      changed_.wait(lock);
    else
      do_one(lock, namer);
  }
}

void NameJobs::wake() {
  const std::lock_guard lock(mutex_);
  changed_.notify_all();
}

void NameJobs::do_one(std::unique_lock<std::mutex>& lock, ObjectNamer& namer) {
  const Numbered next = waiting_.front();
  waiting_.pop_front();
  running_.push_back(next);
  lock.unlock();
  table_.set_oid(next.job.entry, namer.name(next.job.type, next.job.content));
  lock.lock();
  std::erase_if(running_, [&](const Numbered& numbered) { return numbered.number == next.number; });
  changed_.notify_all();
}

std::uint32_t NameJobs::first_open() const {
  std::uint32_t first = waiting_.empty() ? last_ + 1 : waiting_.front().number;
  for (const Numbered& numbered : running_) first = std::min(first, numbered.number);
  return first;
}

}  // namespace hubkeep
