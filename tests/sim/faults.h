// Faults to order: rules that say which requests go wrong, and how. All rules that match a request apply:
// first what waits (hook, barrier, delay), then what answers in the server's place, then what spoils the
// answer on its way out.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sim/http_message.h"
#include "sim/request_log.h"

namespace hubkeep::sim {

struct FaultMatch {
  std::string method;                     // empty: any
  std::string path;                       // a regular expression, searched in "path?query"; empty: any
  std::string repository;                 // "owner/name" in any case; empty: any
  std::string operation;                  // the name of GraphQL's; empty: any
  std::optional<RequestKind> kind;        // nothing: any
  std::optional<GitCommand> git_command;  // nothing: any
  std::optional<bool> is_question;        // nothing: any; see LoggedRequest
  std::string lfs_oid;                    // among LoggedRequest::lfs_oids; empty: any
};

/// Answers in the server's place.
struct Respond {
  int status = 503;
  Headers headers;
  std::string body;
};
struct RedirectTo {
  int status = 302;
  std::string location;
};
/// Closes the connection without a byte.
struct CloseBeforeAnswer {};
/// HTTP 200 with the type of the real answer, but without a body.
struct EmptyBody {};
/// HTTP 200 with the packet "ERR text".
struct ErrorLine {
  std::string text;
};

/// An answer to the version 2 command fetch: a pack, and the sections that stand before it.
struct FetchAnswer {
  std::string pack;
  std::vector<std::string> sections = {};  // of each its pkt-lines, the first of which is its name
};
/// Answers a fetch with what the test makes of the request's body: see fetch_in().
struct AnswerFetchWith {
  std::function<FetchAnswer(const std::string& request_body)> answer;

  static AnswerFetchWith always(FetchAnswer answer) {
    return {[answer = std::move(answer)](const std::string&) { return answer; }};
  }
};

/// Breaks the connection after that many bytes of the body.
struct CutAfter {
  std::uint64_t bytes = 0;
};
/// Ends the body after that many bytes as if that were all.
struct EndAfter {
  std::uint64_t bytes = 0;
};
/// Leaves out the last four bytes of the body: for git the closing flush packet.
struct CutBeforeFlush {};
/// Breaks the connection after that many bytes of the pack.
struct CutPackAfter {
  std::uint64_t bytes = 0;
};
/// How many bytes of packs all answers have brought that a fault has hit; copies of the fault share it.
using PacksSent = std::shared_ptr<std::atomic<std::uint64_t>>;
/// Breaks the connection, once, when that many bytes of packs have been sent in all answers it hits together.
struct CutPacksAt {
  std::uint64_t bytes = 0;
  PacksSent sent = std::make_shared<std::atomic<std::uint64_t>>(0);
};
/// The same, but from there on all of them stand still: an invocation's time in bytes. They break off when
/// the faults are cleared.
struct HoldPacksAt {
  std::uint64_t bytes = 0;
  PacksSent sent = std::make_shared<std::atomic<std::uint64_t>>(0);
};
struct Drip {
  std::uint64_t bytes_per_second = 1024;
};
/// After that many bytes of the pack, side-band 3 with the text and the end of the body.
struct FatalBand {
  std::string text;
  std::uint64_t after = 0;
};
struct FlipPackBit {
  std::uint64_t offset = 0;  // within the pack
  unsigned bit = 0;
};
/// The last byte of the pack's checksum is another.
struct WrongTrailer {};

/// The list in the API's answer has nothing in it; the links beside it stay.
struct EmptyList {};
/// Without the header of that name: a proxy that takes Link away.
struct WithoutHeader {
  std::string name;
};
/// With that header, in place of one of that name: a body that is labelled as gzip and is not.
struct WithHeader {
  std::string name;
  std::string value;
};
/// Whatever page is asked for, the first one comes, and says that there is another.
struct PagesWithoutEnd {};

/// The answer to an LFS batch is another: see lfs_faults.h.
struct AlterLfs {
  std::function<void(nlohmann::json& answer)> change;
};
/// One bit of the body is another.
struct FlipBit {
  std::uint64_t offset = 0;
  unsigned bit = 0;
};

struct Delay {
  std::chrono::milliseconds duration{0};
};
/// The request waits until `parties` requests have come to the barrier of that name, 30 seconds at most.
struct Barrier {
  std::string name;
  std::size_t parties = 2;
};
/// Runs in the server's thread before the request is handled.
struct Hook {
  std::function<void()> run;
};

using FaultAction =
    std::variant<Respond, RedirectTo, CloseBeforeAnswer, EmptyBody, ErrorLine, AnswerFetchWith, CutAfter,
                 EndAfter, CutBeforeFlush, CutPackAfter, CutPacksAt, HoldPacksAt, Drip, FatalBand,
                 FlipPackBit, WrongTrailer, EmptyList, WithoutHeader, WithHeader, PagesWithoutEnd, AlterLfs,
                 FlipBit, Delay, Barrier, Hook>;

struct Fault {
  static constexpr int kForever = -1;

  FaultMatch match;
  FaultAction action;
  int skip = 0;   // so many matching requests pass untouched first
  int times = 1;  // then so many are hit
};

/// Thread-safe.
class Faults {
 public:
  void add(Fault fault);
  void add(FaultMatch match, FaultAction action, int times = 1, int skip = 0);
  void clear();
  /// How many times any fault has been applied since the last clear().
  std::size_t applied() const;

  /// The actions that hit this request; counts it.
  std::vector<FaultAction> take(const LoggedRequest& request);
  /// Runs hooks, barriers and delays.
  void wait(const std::vector<FaultAction>& actions);
  /// Wakes all who wait, now and until `resume`.
  void interrupt();
  void resume();
  /// False when interrupted.
  bool sleep(std::chrono::milliseconds duration);
  /// Until the next clear() or interrupt().
  void hold();

 private:
  void pass(const Barrier& barrier);

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool interrupted_ = false;
  std::uint64_t cleared_ = 0;  // so often
  std::vector<Fault> faults_;
  std::size_t applied_ = 0;
  std::map<std::string, std::size_t> arrived_;  // at each barrier
};

/// The answer in the server's place, if one of the actions gives one. `body` is the request's.
std::optional<HttpResponse> answer_instead(const std::vector<FaultAction>& actions,
                                           const LoggedRequest& request, const std::string& body);
/// The request as PagesWithoutEnd has it answered.
HttpRequest as_first_page(HttpRequest request, const std::vector<FaultAction>& actions);
/// The answer with another list or other headers.
HttpResponse alter(HttpResponse response, const std::vector<FaultAction>& actions,
                   const LoggedRequest& request);
/// The answer as the actions spoil it on its way.
HttpResponse spoil(HttpResponse response, const std::vector<FaultAction>& actions, Faults& faults);

}  // namespace hubkeep::sim
