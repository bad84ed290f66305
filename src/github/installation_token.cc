// Whoever sends a request asks for the token first. One thread renews it, without the lock; the others go on
// with the old one while it holds, and wait only where there is none. A renewal that fails is told to all who
// waited for it: each of them would otherwise begin the same attempts anew
// (InstallationTokenTest.OneFailureIsToldToAllWhoWait).
#include "github/installation_token.h"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <nlohmann/json.hpp>

#include "github/app_jwt.h"
#include "github/installation.h"
#include "github/rest_client.h"

namespace hubkeep {
namespace {

using nlohmann::json;

constexpr std::chrono::minutes kRenewBefore{10};  // GitHub: a token expires after an hour
constexpr std::chrono::minutes kRetryAfter{1};    // while the old one still holds

struct HeldToken {
  Secret value;  // empty: none
  UtcTime renew_at{};
  UtcTime expires_at{};  // both by our clock
};

// What hubkeep does needs no more, whatever the App may do.
json token_request() {
  return {{"permissions", {{"contents", "read"}, {"metadata", "read"}}}};
}

// GitHub has changed the length and the form of its tokens before. What matters is that it fits into a
// header.
bool is_token(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

// By how long it holds, not by when it ends: our clock may be another than GitHub's.
HeldToken parse_token(const ApiAnswer& answer, const std::string& origin, UtcTime now) {
  const json body = answer.json();
  const auto text = [&](const char* name) {
    const json value = body.is_object() ? body.value(name, json()) : json();
    return value.is_string() ? value.get<std::string>() : "";
  };
  const std::string value = text("token");
  const auto expires_at = parse_time(text("expires_at"));
  if (!is_token(value) || !expires_at)
    throw Error(ErrorKind::corrupt, "GitHub's answer holds no usable token of an installation");
  const UtcTime ends = now + (*expires_at - answer.date());
  return {.value = Secret(value, origin), .renew_at = ends - kRenewBefore, .expires_at = ends};
}

// Whoever asks for a token wants something else, about which these two kinds would be.
Error about_token(const Error& error) {
  if (error.kind() != ErrorKind::not_found && error.kind() != ErrorKind::forbidden) return error;
  return Error(ErrorKind::unauthorized, error.message());
}

class InstallationToken final : public TokenSource {
 public:
  InstallationToken(HttpClient& http, Clock& clock, InstallationTokenOptions options)
      : clock_(clock),
        origin_(describe_app(options.app)),
        selection_(std::move(options.selection)),
        client_(http, clock,
                {.api_url = options.api_url,
                 .token = app_jwt_source(std::move(options.app), std::move(options.key), clock),
                 .observer = std::move(options.observer),
                 .retries = options.retries,
                 .aliases = std::move(options.aliases)}) {}

  TokenKind kind() const override { return TokenKind::installation; }
  bool has_token() const override { return true; }
  std::string origin() const override { return origin_; }
  std::uint64_t request_count() const override { return client_.request_count(); }

  Secret token(const std::stop_token& stop) override {
    std::unique_lock lock(mutex_);
    for (;;) {
      const UtcTime now = clock_.now();
      const bool is_good = !held_.value.empty() && now < (is_renewing_ ? held_.expires_at : held_.renew_at);
      if (is_good) return held_.value;
      if (!is_renewing_) break;
      wait_for_the_other(lock, stop);
    }
    renew(lock, stop);
    return held_.value;
  }

  bool replaces(const Secret& refused) override {
    const std::scoped_lock lock(mutex_);
    // Another thread may have been told so as well, and has a new one by now.
    if (held_.value.reveal() == refused.reveal()) held_ = {};
    return true;
  }

  std::optional<User> installation_account(const std::stop_token& stop) override {
    return installation(stop).account;
  }

 private:
  // Like one that waits for GitHub's limit, which may be what the other does: whoever is stopped here did no
  // work that took too long.
  void wait_for_the_other(std::unique_lock<std::mutex>& lock, const std::stop_token& stop) {
    renewed_.wait(lock, stop, [this, seen = renewals_] { return renewals_ != seen; });
    if (stop.stop_requested()) throw Error(ErrorKind::rate_limited, "stopped while waiting for a token");
    if (failure_) std::rethrow_exception(failure_);  // each of them would be told the same, one after another
  }

  void renew(std::unique_lock<std::mutex>& lock, const std::stop_token& stop) {
    is_renewing_ = true;
    lock.unlock();
    std::optional<HeldToken> made;
    std::exception_ptr failure;
    bool is_cancelled = false;
    try {
      made = make_token(stop);
    } catch (const Error& error) {
      is_cancelled = error.kind() == ErrorKind::cancelled;
      failure = std::make_exception_ptr(about_token(error));
    } catch (...) {
      failure = std::current_exception();
    }
    lock.lock();
    is_renewing_ = false;
    ++renewals_;
    // Whoever was stopped says nothing about the token: one that waits tries it itself.
    failure_ = is_cancelled ? nullptr : failure;
    renewed_.notify_all();
    if (made) {
      held_ = *std::move(made);
      return;
    }
    // The old one may serve until it ends, and by then this may have passed.
    const UtcTime now = clock_.now();
    if (is_cancelled || held_.value.empty() || now >= held_.expires_at) std::rethrow_exception(failure);
    held_.renew_at = std::min(now + kRetryAfter, held_.expires_at);
  }

  HeldToken make_token(const std::stop_token& stop) {
    const Installation where = installation(stop);
    const Url url = client_.url(fmt::format("/app/installations/{}/access_tokens", where.id));
    return client_.post(url, token_request(), stop,
                        [&](const ApiAnswer& answer) { return parse_token(answer, origin_, clock_.now()); });
  }

  // Looked for once; the same for the whole run.
  Installation installation(const std::stop_token& stop) {
    const std::scoped_lock lock(search_mutex_);
    if (!installation_) {
      try {
        installation_ = find_installation(client_, selection_, stop);
      } catch (const Error& error) {
        throw about_token(error);
      }
    }
    return *installation_;
  }

  Clock& clock_;
  const std::string origin_;
  const RepositorySelection selection_;
  RestClient client_;

  std::mutex search_mutex_;  // guards installation_
  std::optional<Installation> installation_;

  std::mutex mutex_;  // guards all below
  std::condition_variable_any renewed_;
  HeldToken held_;
  bool is_renewing_ = false;
  std::uint64_t renewals_ = 0;  // that have ended
  std::exception_ptr failure_;  // of the last one; none when it succeeded or was only cancelled
};

}  // namespace

std::shared_ptr<TokenSource> installation_token(HttpClient& http, Clock& clock,
                                                InstallationTokenOptions options) {
  return std::make_shared<InstallationToken>(http, clock, std::move(options));
}

}  // namespace hubkeep
