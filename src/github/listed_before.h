// A GitHub that may be asked for its list before there is anybody to take it: whoever wants to know first
// whether the token is any good need not ask twice.
#pragma once

#include <mutex>
#include <optional>
#include <utility>

#include "github/github.h"

namespace hubkeep {

class ListedBefore final : public GitHub {
 public:
  /// Keeps a reference.
  explicit ListedBefore(GitHub& next) : next_(next) {}

  /// Throws Error as list_repositories() does. The next one who asks, for the same selection, gets this list.
  const RepositoryList& list_now(const RepositorySelection& selection, const std::stop_token& stop) {
    RepositoryList list = next_.list_repositories(selection, stop);
    const std::scoped_lock lock(mutex_);
    return list_.emplace(std::move(list));
  }

  RepositoryList list_repositories(const RepositorySelection& selection,
                                   const std::stop_token& stop) override {
    {
      const std::scoped_lock lock(mutex_);
      if (auto list = std::exchange(list_, std::nullopt)) return *std::move(list);
    }
    return next_.list_repositories(selection, stop);
  }
  std::optional<std::string> full_name_of(std::int64_t id, const std::stop_token& stop) override {
    return next_.full_name_of(id, stop);
  }
  std::vector<RepositoryAnswer> repositories_by_id(std::span<const RepositoryIdentity> known,
                                                   const std::stop_token& stop) override {
    return next_.repositories_by_id(known, stop);
  }
  void download_zip(std::int64_t id, const std::string& commit, ByteSink& zip,
                    const std::stop_token& stop) override {
    next_.download_zip(id, commit, zip, stop);
  }
  GitHubApi& api() override { return next_.api(); }
  std::string host() const override { return next_.host(); }
  std::uint64_t request_count() const override { return next_.request_count(); }

 private:
  GitHub& next_;
  std::mutex mutex_;
  std::optional<RepositoryList> list_;  // guarded by mutex_
};

}  // namespace hubkeep
