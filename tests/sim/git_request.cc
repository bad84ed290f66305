#include "sim/git_request.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace hubkeep::sim {

namespace {

constexpr std::string_view kDotGit = ".git";
constexpr std::string_view kWant = "want ";
constexpr std::string_view kHave = "have ";

/// Calls `take` with the text of each pkt-line, flushes and delimiters left out.
template <typename Take>
void each_line(std::string_view body, Take&& take) {
  while (body.size() >= 4) {
    std::size_t size = 0;
    const std::string_view length = body.substr(0, 4);
    if (std::from_chars(length.begin(), length.end(), size, 16).ptr != length.end()) return;
    size = std::clamp<std::size_t>(size, 4, body.size());
    take(trim(body.substr(4, size - 4)));
    body.remove_prefix(size);
  }
}

/// Reads "command=…" and the arguments of a fetch (gitprotocol-v2).
void read_body(std::string_view body, GitRequest& out) {
  each_line(body, [&](std::string_view line) {
    if (line == "command=ls-refs") out.command = GitCommand::ls_refs;
    if (line == "command=fetch") out.command = GitCommand::fetch;
    if (line.starts_with(kWant)) ++out.wants;
    if (line.starts_with(kHave)) ++out.haves;
    if (line.starts_with("deepen ")) out.has_depth = true;
    if (line.starts_with("filter ")) out.has_filter = true;
  });
}

}  // namespace

std::optional<GitRequest> parse_git_request(const HttpRequest& request) {
  auto segments = split(std::string_view(request.path).substr(1), '/');
  if (segments.size() < 3) return std::nullopt;
  GitRequest out;
  out.owner = segments[0];
  out.name = segments[1];
  if (out.name.ends_with(kDotGit)) out.name.resize(out.name.size() - kDotGit.size());
  for (std::size_t i = 2; i < segments.size(); ++i) out.rest += (i > 2 ? "/" : "") + std::string(segments[i]);

  if (out.rest == "info/refs" && request.method == "GET") {
    out.service = parse_query(request.query)["service"];
    out.command = GitCommand::info_refs;
  } else if (out.rest == "git-upload-pack" && request.method == "POST") {
    out.service = out.rest;
    out.command = GitCommand::upload_pack;
    read_body(request.body, out);
  } else if (out.rest == "git-receive-pack" && request.method == "POST") {
    out.service = out.rest;
    out.command = GitCommand::receive_pack;
  }
  return out;
}

FetchedObjects fetch_in(std::string_view body) {
  FetchedObjects out;
  each_line(body, [&](std::string_view line) {
    if (line.starts_with(kWant)) out.wants.emplace_back(line.substr(kWant.size()));
    if (line.starts_with(kHave)) out.haves.emplace_back(line.substr(kHave.size()));
  });
  return out;
}

}  // namespace hubkeep::sim
