// An answer to DeleteObjects is 200 whatever becomes of the keys, and speaks of each: <Deleted> or <Error>.
// What failed for a moment (InternalError, SlowDown) is asked for again, alone, and so is a key of which the
// answer says nothing: only what a server has called deleted counts as deleted.
#include "store/s3/s3_remove.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "store/remove_each.h"
#include "store/s3/s3_xml.h"

namespace hubkeep {
namespace {

constexpr std::size_t kMostKeys = 1000;  // S3: keys per DeleteObjects
constexpr std::string_view kDelete = "s3:DeleteObject";
constexpr int kBadRequest = 400;
constexpr int kForbidden = 403;
constexpr int kNotFound = 404;
constexpr int kMethodNotAllowed = 405;
constexpr int kNotImplemented = 501;

void remove_object(S3Client& client, const std::string& key, const std::stop_token& stop) {
  client.send({.method = "DELETE", .key = key, .action = kDelete, .expected = {kNotFound}}, stop);
}

// A server may not know the request at all (501, 405), and some say no more than 400 then.
S3Request delete_request(const S3Server& server, const std::set<std::string>& keys) {
  S3Request request{.method = "POST",
                    .query = {{"delete", ""}},
                    .headers = {{"Content-Type", "application/xml"}},
                    .body = deletion_body(keys),
                    .action = kDelete,
                    .expected = {kMethodNotAllowed, kNotImplemented}};
  if (!server.is_aws()) request.expected.push_back(kBadRequest);
  add_checksums_of_xml(request);
  request.extensions.back().may_be_unimplemented = false;
  return request;
}

// The code alone tells: the answer's status is 200.
// As with DeleteObject, where a locked object is a 403 (S3Remove.SaysWhichKeyIsLocked).
Error classify_failure(const S3FailedDeletion& failed, const S3Address& address) {
  const S3Refusal refusal{.status = failed.code == "AccessDenied" ? kForbidden : 200,
                          .code = failed.code,
                          .message = failed.message};
  return classify_refusal(refusal, {kDelete, s3_arn(address, failed.key)});
}

/// What is known of the keys of one request so far.
struct Batch {
  std::set<std::string> open;           // nothing final has been said of them
  std::map<std::string, Error> errors;  // as of the last answer

  std::optional<Error> error_of(const std::string& key) const {
    const auto found = errors.find(key);
    return found == errors.end() ? std::nullopt : std::optional(found->second);
  }

  void take(const S3Deletions& answer, const S3Address& address) {
    for (const auto& key : answer.deleted) {
      open.erase(key);
      errors.erase(key);
    }
    for (const auto& failed : answer.failed) {
      if (!open.contains(failed.key)) continue;
      const Error error = classify_failure(failed, address);
      if (error.kind() != ErrorKind::transient) open.erase(failed.key);
      if (failed.code == "NoSuchKey")
        errors.erase(failed.key);
      else
        errors.insert_or_assign(failed.key, error);
    }
    for (const auto& key : open)
      errors.try_emplace(key, ErrorKind::transient,
                         fmt::format("{}: the server's answer says nothing of {}", kDelete, printable(key)));
  }
};

enum class Outcome { answered, unknown, failed };

/// Asks once. Throws Error where the whole request has failed.
Outcome ask(S3Client& client, Batch& batch, const std::stop_token& stop) {
  S3Deletions deletions;
  S3Request request = delete_request(client.server(), batch.open);
  request.check = [&](const HttpResponse& response) { deletions = parse_deletions(response.body); };
  const S3Answer answer = client.send_once(request, nullptr, stop);
  if (answer.status() >= kBadRequest) return Outcome::unknown;
  batch.take(deletions, client.address());
  return Outcome::answered;
}

/// Asks until nothing is open or the attempts are used up. All keys that are open then have their Error.
Outcome ask_until_done(S3Client& client, Batch& batch, const std::stop_token& stop) {
  bool answered = false;
  try {
    return with_retries(client.retries(), client.clock(), stop, client.observer().on_retry, [&] {
      answered = false;
      const Outcome outcome = ask(client, batch, stop);
      answered = true;
      if (outcome == Outcome::answered && !batch.open.empty())
        throw Error(batch.errors.at(*batch.open.begin()));
      return outcome;
    });
  } catch (const Error& error) {
    // Either the last answer was about the keys, each of which has an Error of its own, or the request as a
    // whole has failed, and then that failure is theirs (S3Remove.EndsWhereTheWholeRequestFails).
    const bool is_of_keys = answered && error.kind() != ErrorKind::cancelled;
    for (const std::string& key : batch.open) {
      const Error last =
          is_of_keys ? batch.errors.at(key).after_attempts(client.retries().max_attempts) : error;
      batch.errors.insert_or_assign(key, last);
    }
    return is_of_keys ? Outcome::answered : Outcome::failed;
  }
}

}  // namespace

std::vector<std::optional<Error>> remove_objects(S3Context& context, std::span<const std::string> keys,
                                                 const std::stop_token& stop) {
  std::vector<std::optional<Error>> results;
  results.reserve(keys.size());
  while (results.size() < keys.size()) {
    const auto rest = keys.subspan(results.size());
    if (rest.size() == 1 || context.server().lacks(S3Feature::deletion_of_many)) {
      const auto singly =
          remove_each(rest, stop, [&](const std::string& key) { remove_object(context.client, key, stop); });
      results.insert(results.end(), singly.begin(), singly.end());
      return results;
    }
    const auto asked = rest.first(std::min(rest.size(), kMostKeys));
    Batch batch{.open = {asked.begin(), asked.end()}, .errors = {}};
    const Outcome outcome = ask_until_done(context.client, batch, stop);
    if (outcome == Outcome::unknown) {
      context.server().learn(S3Feature::deletion_of_many, Known::no);
      continue;
    }
    if (outcome == Outcome::answered) context.server().took(S3Feature::deletion_of_many);
    for (const std::string& key : asked) results.push_back(batch.error_of(key));
    if (outcome == Outcome::failed) {
      const Error failure = batch.errors.at(*batch.open.begin());
      // A server that refuses or fails a whole request is not asked for the rest.
      results.resize(keys.size(), failure);
    }
  }
  return results;
}

}  // namespace hubkeep
