// Credentials are renewed five minutes before they end, by one thread, outside of the lock; the others go on
// with the old ones while these hold. A renewal that fails does no harm as long as they do, and is tried
// again a minute later at the earliest. A server's refusal (invalidate()) makes them unusable at once,
// whatever their end says.
#include "aws/renewing_credentials.h"

#include <fmt/format.h>

#include "base/error.h"

namespace hubkeep {
namespace {

constexpr auto kRenewBefore = std::chrono::minutes(5);
constexpr auto kBetweenAttempts = std::chrono::minutes(1);

bool same(const Credentials& a, const Credentials& b) {
  return a.access_key_id == b.access_key_id && a.session_token.reveal() == b.session_token.reveal();
}

}  // namespace

bool RenewingCredentials::are_usable(UtcTime now) const {
  return current_ && !refused_ && (!current_->expires_at || *current_->expires_at > now);
}

bool RenewingCredentials::are_due(UtcTime now) const {
  return current_ && current_->expires_at && *current_->expires_at - now <= kRenewBefore &&
         now >= not_before_;
}

Credentials RenewingCredentials::get(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (true) {
    const auto now = clock_.now();
    if (current_ && are_usable(now) && (renewing_ || !are_due(now))) return *current_;
    if (!renewing_) return renew(lock, stop);
    // Counted, not flagged: whoever waits must notice a renewal that ended while a further one has begun.
    renewed_.wait(lock, stop, [this, seen = renewals_] { return renewals_ != seen; });
    if (stop.stop_requested()) throw Error(ErrorKind::cancelled, "stopped while waiting for AWS credentials");
    if (failure_) std::rethrow_exception(failure_);
  }
}

Credentials RenewingCredentials::renew(std::unique_lock<std::mutex>& lock, const std::stop_token& stop) {
  renewing_ = true;
  lock.unlock();
  try {
    auto fresh = source_(stop);
    const auto now = clock_.now();
    if (fresh.expires_at && *fresh.expires_at <= now) {
      throw Error(
          ErrorKind::unauthorized,
          fmt::format("{} gave AWS credentials that expired at {} (it is {} by this machine's clock)",
                      fresh.secret_access_key.origin(), format_time(*fresh.expires_at), format_time(now)));
    }
    lock.lock();
    current_ = std::move(fresh);
    refused_ = false;
    end_renewal(nullptr);
    return *current_;
  } catch (const Error& error) {
    if (!lock.owns_lock()) lock.lock();
    // Whoever was stopped says nothing about the credentials: one of the others tries instead. See
    // RenewingCredentialsTest.DoesNotStopTheOthersWhenTheOneThatRenewsIsStopped.
    const bool cancelled = error.kind() == ErrorKind::cancelled;
    end_renewal(cancelled ? nullptr : std::current_exception());
    if (cancelled || !current_ || !are_usable(clock_.now())) throw;
    return *current_;
  } catch (...) {
    if (!lock.owns_lock()) lock.lock();
    end_renewal(std::current_exception());
    throw;
  }
}

void RenewingCredentials::end_renewal(std::exception_ptr failure) {
  failure_ = std::move(failure);
  not_before_ = clock_.now() + kBetweenAttempts;
  renewing_ = false;
  ++renewals_;
  renewed_.notify_all();
}

void RenewingCredentials::invalidate(const Credentials& refused) {
  const std::lock_guard lock(mutex_);
  if (current_ && same(*current_, refused)) refused_ = true;
}

}  // namespace hubkeep
