// Objects that wait to be named, which is most of the work: whichever of two threads would have to wait takes
// the next of them instead.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string_view>
#include <vector>

#include "git/object_links.h"
#include "pack/entry_table.h"
#include "pack/object_namer.h"

namespace hubkeep {

/// Thread-safe; names go into the table, whose entries it alone names meanwhile.
class NameJobs {
 public:
  struct Job {
    std::uint32_t entry = 0;
    ObjectType type = ObjectType::commit;
    std::string_view content;  // stays where it is until the job is done
  };

  NameJobs(ObjectFormat format, EntryTable& table) : format_(format), table_(table) {}

  /// Numbered from 1 on. Where many wait, it does one itself.
  std::uint32_t push(const Job& job, ObjectNamer& namer);
  /// All up to this number are done.
  void wait_for(std::uint32_t number, ObjectNamer& namer);
  void wait_for_all(ObjectNamer& namer);
  /// It has its name.
  void wait_for_name_of(std::uint32_t entry, ObjectNamer& namer);
  /// Does jobs as they come, until `is_enough`, which is asked with a lock held.
  void help_until(const std::function<bool()>& is_enough, ObjectNamer& namer);
  /// After what somebody's `is_enough` looks at has changed.
  void wake();

  ObjectFormat format() const { return format_; }

 private:
  struct Numbered {
    Job job;
    std::uint32_t number = 0;
  };

  void do_one(std::unique_lock<std::mutex>& lock, ObjectNamer& namer);
  std::uint32_t first_open() const;

  const ObjectFormat format_;
  EntryTable& table_;
  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_.
  std::deque<Numbered> waiting_;
  std::vector<Numbered> running_;
  std::uint32_t last_ = 0;
};

}  // namespace hubkeep
