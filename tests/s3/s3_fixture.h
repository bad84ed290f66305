// Stores in buckets, for tests: of the real server, and of servers that say what they are told.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "aws/credentials.h"
#include "http/http_client.h"
#include "store/s3/s3_store.h"

namespace hubkeep {

/// Gives one pair after the other, the next one when the one before was refused; the last stays.
class ScriptedCredentials final : public CredentialsProvider {
 public:
  explicit ScriptedCredentials(std::vector<Credentials> pairs) : pairs_(std::move(pairs)) {}
  Credentials get(const std::stop_token& stop) override;
  void invalidate(const Credentials& refused) override;
  void replace(std::vector<Credentials> pairs);

 private:
  std::mutex mutex_;
  std::vector<Credentials> pairs_;  // guarded by mutex_; the first one counts
};

/// Sleeps not at all and writes down how often it was to.
class HastyClock final : public Clock {
 public:
  UtcTime now() override { return SystemClock().now() + offset; }
  void sleep(std::chrono::milliseconds duration, std::stop_token stop) override;

  std::chrono::seconds offset{0};
  std::atomic<int> slept = 0;
};

Credentials test_credentials(std::string token = "");
Credentials swift_credentials();

/// What a store in a bucket needs, put together for tests.
struct S3Parts {
  std::unique_ptr<HttpClient> http;
  ScriptedCredentials credentials{{test_credentials()}};
  HastyClock clock;
  MemoryBudget memory{ByteCount{64} << 20};
  S3Options options;
  std::vector<std::string> notices;
  std::mutex mutex;  // guards notices

  S3Parts();
  std::unique_ptr<ObjectStore> store(const std::string& endpoint, const std::string& location);
  S3Client client(const std::string& endpoint, const std::string& bucket);
  S3Observer observer();
};

}  // namespace hubkeep
