// S3's protocol in memory, as far as a store needs it: it checks what AWS checks and Ceph does not
// (checksums, the whole's size), and can forget what others forget. It checks no signatures.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "sim/http_message.h"

namespace hubkeep {

class FakeS3 {
 public:
  /// Thread-safe.
  sim::HttpResponse handle(const sim::HttpRequest& request);

  std::map<std::string, std::string> objects() const;
  std::size_t uploads() const;
  sim::Headers headers_of(const std::string& path) const;

  enum class Conditions { kept, ignored, refused };
  Conditions conditions = Conditions::kept;

 private:
  struct Upload {
    std::string path;
    std::map<int, std::string> parts;
    sim::Headers headers;
  };

  sim::HttpResponse put(const sim::HttpRequest& request);
  sim::HttpResponse put_part(const sim::HttpRequest& request, Upload& upload, int number);
  sim::HttpResponse complete(const sim::HttpRequest& request, const std::string& id);
  sim::HttpResponse get(const sim::HttpRequest& request) const;
  sim::HttpResponse list(const sim::HttpRequest& request) const;
  bool condition_fails(const sim::HttpRequest& request) const;

  mutable std::mutex mutex_;
  std::map<std::string, std::string> objects_;  // by path, guarded by mutex_ as are the others
  std::map<std::string, sim::Headers> headers_;
  std::map<std::string, Upload> uploads_;
  int next_id_ = 1;
};

}  // namespace hubkeep
