// A server in front of an S3 server that makes its answers worse: the faults that a healthy one never has.
#pragma once

#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "sim/http_server.h"

namespace hubkeep {

using S3Backend = std::function<sim::HttpResponse(const sim::HttpRequest&)>;
/// What becomes of a request; it may ask the backend or not.
using S3Fault = std::function<sim::HttpResponse(sim::HttpRequest, const S3Backend&)>;

class Meddler {
 public:
  explicit Meddler(S3Backend backend);

  std::string endpoint() const;

  /// For the next `times` requests whose "METHOD /path?query" holds `what`.
  void meddle(std::string what, S3Fault fault, int times = 1);

  /// "METHOD /path?query" of every request so far that holds `what`.
  std::vector<std::string> requests(const std::string& what = "") const;

 private:
  struct Rule {
    std::string what;
    S3Fault fault;
    int times = 0;
  };
  sim::HttpResponse answer(sim::HttpRequest request);

  const S3Backend backend_;
  mutable std::mutex mutex_;
  std::deque<Rule> rules_;             // guarded by mutex_
  std::vector<std::string> requests_;  // guarded by mutex_
  sim::HttpServer server_;
};

/// Hands requests on to the server at `endpoint` as they came, signatures and all.
S3Backend forward_to(const std::string& endpoint);

/// <Error> with that code and, as a server's own words, that message.
sim::HttpResponse s3_error(int status, const std::string& code, sim::Headers headers = {},
                           const std::string& message = "as told");

/// As it stands in XML.
std::string xml_text(std::string_view text);

/// An answer that is given whatever is asked.
S3Fault refuse(int status, const std::string& code, sim::Headers headers = {});
/// The backend works, and its answer is lost.
S3Fault lose_answer();
/// The connection is cut before the backend hears anything.
S3Fault cut();
/// A bit of the body is flipped on its way to the backend.
S3Fault damage_body();
/// Other bytes are on their way to the backend, with the hashes of theirs: it has no reason to refuse them.
S3Fault replace_body(std::string bytes);

}  // namespace hubkeep
