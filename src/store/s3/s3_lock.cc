// A lock cannot be taken back, so a date that is wrong costs money for as long as it says. That is why the
// server's clock counts and why two clocks that differ stop everything
// (ServerClock.LocksNothingWhereTheTwoDiffer).
//
// Extending is tried first, and the object is looked at only where that is refused: a lock that holds longer,
// or one in governance mode, is no error.
#include "store/s3/s3_lock.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/error.h"
#include "base/text.h"
#include "store/s3/s3_head.h"

namespace hubkeep {
namespace {

constexpr const char* kGovernance = "GOVERNANCE";
constexpr int kPeriods = 10;

// The answer to PutObjectRetention is empty: what shows that S3 has given it is the request's name.
// Anything on the way can say 200 with an empty body; then a HEAD has the last word.
void require_lock(S3Client& client, const std::string& key, UtcTime until) {
  const auto head = head_object(client, key);
  if (head && head->locked_until && *head->locked_until >= until) return;
  throw Error(ErrorKind::transient, "the server said that it is done, but the object is not locked so long");
}

// Nothing when it is done; the Error where that is forbidden.
std::optional<Error> put_retention(S3Client& client, const std::string& key, const std::string& mode,
                                   UtcTime until) {
  S3Request request{.method = "PUT",
                    .key = key,
                    .query = {{"retention", ""}},
                    .headers = {{"Content-Type", "application/xml"}},
                    .body = fmt::format("<Retention xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
                                        "<Mode>{}</Mode><RetainUntilDate>{}</RetainUntilDate></Retention>",
                                        mode, format_time(until)),
                    .action = kExtendLock,
                    .prove = [&](const HttpResponse& response, std::string_view) {
                      if (!response.header("x-amz-request-id")) require_lock(client, key, until);
                    }};
  add_checksums_of_xml(request);
  try {
    client.send(request, {});
    return std::nullopt;
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::forbidden) throw;
    return error;
  }
}

// Nobody can change the mode of a lock but those who may bypass governance.
void tell_of_governance(S3Context& context) {
  tell_once(context, S3Notice::governance,
            "what is locked in governance mode stays in it: only new objects are locked in compliance mode");
}

}  // namespace

// Objects written within the same period share a date. So most of what a newer snapshot still needs is locked
// long enough already, and costs no request.
LockPlan plan_lock(UtcTime now, std::chrono::days retention) {
  const std::chrono::seconds whole = retention;
  const std::chrono::seconds period = std::max<std::chrono::seconds>(std::chrono::days(1), whole / kPeriods);
  // Rounded up: an object is locked for a whole retention at least.
  const auto periods = (now.time_since_epoch() + whole + period - std::chrono::seconds(1)) / period;
  return {.until = UtcTime(periods * period), .renew_before = now + whole / 2};
}

UtcTime time_to_lock_by(S3Context& context) {
  S3Client& client = context.client;
  const auto time = client.server_time();
  const UtcTime now = client.clock().now();
  if (!time) return now;
  if (is_off(now - *time))
    throw Error(ErrorKind::invalid,
                fmt::format("nothing is locked by a wrong clock: {}: set the one that is wrong",
                            describe_clock("this machine", now - *time,
                                           "that of the server of the bucket " + client.address().bucket)));
  return *time;
}

Headers lock_headers(const ObjectLock& lock, UtcTime now) {
  return {{kLockModeHeader, lock.mode},
          {"x-amz-object-lock-retain-until-date", format_time(plan_lock(now, lock.retention).until)}};
}

void extend_lock_of(S3Context& context, const std::string& mode, const std::string& key, UtcTime until) {
  auto refusal = put_retention(context.client, key, mode, until);
  if (!refusal) return;
  const auto head = head_object(context.client, key);
  if (!head || !head->locked_until) throw Error(*refusal);
  // An older run, or the bucket's default, may have locked in governance mode. S3 refuses a stronger mode to
  // those who may not bypass governance; the date can still be moved. See
  // ObjectLocks.OfGovernanceStaySoAndTheUserIsToldOnce.
  const bool in_governance = head->lock_mode == kGovernance && mode != kGovernance;
  if (in_governance) tell_of_governance(context);
  if (*head->locked_until >= until) return;  // nobody can shorten a lock
  if (in_governance) refusal = put_retention(context.client, key, kGovernance, until);
  if (!refusal) return;
  throw Error(ErrorKind::forbidden,
              fmt::format("{}: it is locked until {} in the mode {}", refusal->message(),
                          format_time(*head->locked_until), printable(head->lock_mode)));
}

}  // namespace hubkeep
