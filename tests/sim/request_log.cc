#include "sim/request_log.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/error.h"

namespace hubkeep::sim {

namespace {

constexpr std::array<std::pair<GitCommand, const char*>, 6> kCommandNames = {{
    {GitCommand::none, ""},
    {GitCommand::info_refs, "info-refs"},
    {GitCommand::ls_refs, "ls-refs"},
    {GitCommand::fetch, "fetch"},
    {GitCommand::upload_pack, "upload-pack"},
    {GitCommand::receive_pack, "receive-pack"},
}};

constexpr std::array<std::pair<RequestKind, const char*>, 5> kKindNames = {{
    {RequestKind::api, "api"},
    {RequestKind::git, "git"},
    {RequestKind::lfs, "lfs"},
    {RequestKind::media, "media"},
    {RequestKind::web, "web"},
}};

template <typename Predicate>
std::size_t count_where(const std::vector<LoggedRequest>& entries, Predicate predicate) {
  return static_cast<std::size_t>(std::count_if(entries.begin(), entries.end(), predicate));
}

}  // namespace

std::string to_string(RequestKind kind) {
  for (const auto& [value, name] : kKindNames) {
    if (value == kind) return name;
  }
  return "";
}

RequestKind request_kind_from(const std::string& text) {
  for (const auto& [value, name] : kKindNames) {
    if (text == name) return value;
  }
  throw Error(ErrorKind::invalid, text + ": no kind of request");
}

std::string to_string(GitCommand command) {
  for (const auto& [value, name] : kCommandNames) {
    if (value == command) return name;
  }
  return "";
}

GitCommand git_command_from(const std::string& text) {
  for (const auto& [value, name] : kCommandNames) {
    if (text == name) return value;
  }
  throw Error(ErrorKind::invalid, text + ": no git command");
}

std::uint64_t RequestLog::begin(LoggedRequest request) {
  std::lock_guard lock(mutex_);
  request.sequence = next_++;
  entries_.push_back(std::move(request));
  return entries_.back().sequence;
}

void RequestLog::answered(std::uint64_t sequence, int status) {
  std::lock_guard lock(mutex_);
  for (LoggedRequest& entry : entries_) {
    if (entry.sequence == sequence) entry.status = status;
  }
}

void RequestLog::charged(std::uint64_t sequence, int points) {
  std::lock_guard lock(mutex_);
  for (LoggedRequest& entry : entries_) {
    if (entry.sequence == sequence) entry.points = points;
  }
}

void RequestLog::sent(std::uint64_t sequence, std::uint64_t bytes, std::uint64_t pack_bytes) {
  std::lock_guard lock(mutex_);
  auto found =
      std::lower_bound(entries_.begin(), entries_.end(), sequence,
                       [](const LoggedRequest& entry, std::uint64_t s) { return entry.sequence < s; });
  if (found == entries_.end() || found->sequence != sequence) return;
  found->response_bytes += bytes;
  found->pack_bytes += pack_bytes;
}

std::vector<LoggedRequest> RequestLog::entries() const {
  std::lock_guard lock(mutex_);
  return entries_;
}

void RequestLog::clear() {
  std::lock_guard lock(mutex_);
  entries_.clear();
}

std::size_t RequestLog::count() const {
  return entries().size();
}

std::size_t RequestLog::count(RequestKind kind) const {
  return count_where(entries(), [kind](const LoggedRequest& entry) { return entry.kind == kind; });
}

std::size_t RequestLog::count(GitCommand command) const {
  return count_where(entries(),
                     [command](const LoggedRequest& entry) { return entry.git_command == command; });
}

std::size_t RequestLog::count_path(const std::string& path_part) const {
  return count_where(
      entries(), [&](const LoggedRequest& entry) { return entry.path.find(path_part) != std::string::npos; });
}

}  // namespace hubkeep::sim
