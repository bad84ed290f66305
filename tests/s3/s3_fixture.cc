#include "s3/s3_fixture.h"

#include "base/error.h"
#include "http/curl_client.h"
#include "s3/radosgw.h"
#include "s3/swift.h"

namespace hubkeep {

Credentials ScriptedCredentials::get(const std::stop_token&) {
  const std::scoped_lock lock(mutex_);
  return pairs_.front();
}

void ScriptedCredentials::invalidate(const Credentials& refused) {
  const std::scoped_lock lock(mutex_);
  if (pairs_.size() > 1 && refused.session_token.reveal() == pairs_.front().session_token.reveal())
    pairs_.erase(pairs_.begin());
}

void ScriptedCredentials::replace(std::vector<Credentials> pairs) {
  const std::scoped_lock lock(mutex_);
  pairs_ = std::move(pairs);
}

void HastyClock::sleep(std::chrono::milliseconds, std::stop_token stop) {
  if (stop.stop_requested()) throw Error(ErrorKind::cancelled, "stopped");
  ++slept;
}

Credentials test_credentials(std::string token) {
  return {.access_key_id = Radosgw::kAccessKey,
          .secret_access_key = Secret(Radosgw::kSecretKey, "test"),
          .session_token = Secret(std::move(token), "test"),
          .expires_at = {}};
}

Credentials swift_credentials() {
  return {.access_key_id = Swift::kAccessKey,
          .secret_access_key = Secret(Swift::kSecretKey, "test"),
          .session_token = Secret("", "test"),
          .expires_at = {}};
}

S3Parts::S3Parts() : http(make_curl_client({.user_agent = "hubkeep-test"})) {}

S3Observer S3Parts::observer() {
  return {.notice =
              [this](const std::string& text) {
                const std::scoped_lock lock(mutex);
                notices.push_back(text);
              },
          .on_retry = {}};
}

std::unique_ptr<ObjectStore> S3Parts::store(const std::string& endpoint, const std::string& location) {
  return std::make_unique<S3Store>(
      S3Services{.http = *http, .credentials = credentials, .clock = clock, .memory = &memory},
      parse_s3_location(location), "us-east-1", Url::parse(endpoint), options, observer());
}

S3Client S3Parts::client(const std::string& endpoint, const std::string& bucket) {
  return S3Client(*http, credentials, clock,
                  {.endpoint = Url::parse(endpoint), .region = "us-east-1", .bucket = bucket}, observer(),
                  options.retries);
}

}  // namespace hubkeep
