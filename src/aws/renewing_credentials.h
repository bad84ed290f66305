// Credentials that are asked for when they are needed, kept while they are good, and renewed in time.
#pragma once

#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>

#include "aws/credentials.h"

namespace hubkeep {

/// One thread renews; meanwhile the others go on with the old ones, or wait when those have expired. A
/// renewal that fails is no failure while the old ones are valid: it is tried again a minute later.
class RenewingCredentials final : public CredentialsProvider {
 public:
  using Source = std::function<Credentials(const std::stop_token&)>;

  RenewingCredentials(Source source, Clock& clock) : source_(std::move(source)), clock_(clock) {}

  Credentials get(const std::stop_token& stop) override;
  void invalidate(const Credentials& refused) override;

 private:
  bool are_usable(UtcTime now) const;
  bool are_due(UtcTime now) const;
  Credentials renew(std::unique_lock<std::mutex>& lock, const std::stop_token& stop);
  void end_renewal(std::exception_ptr failure);

  const Source source_;
  Clock& clock_;

  std::mutex mutex_;
  std::condition_variable_any renewed_;
  // Guarded by mutex_.
  std::optional<Credentials> current_;
  UtcTime not_before_{};        // no renewal ahead of time until then
  bool refused_ = false;        // current_ were refused by a server
  bool renewing_ = false;       // some thread is asking the source
  std::uint64_t renewals_ = 0;  // that have ended
  std::exception_ptr failure_;  // of the last one; none when it succeeded or was only cancelled
};

}  // namespace hubkeep
