// An object's address is asked for at the git host, with the token; the object is read elsewhere, without. A
// server that does not go on at an offset sends all of it again, and what is there already is passed over.
#include "remote/http_lfs_remote.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <charconv>

#include "base/error.h"
#include "base/text.h"
#include "remote/lfs_batch.h"

namespace hubkeep {
namespace {

constexpr int kTooMuchAtOnce = 413;

// Git's URL of a repository, as git-lfs derives the server's from it: with ".git".
Url lfs_url(const std::string& clone_url) {
  Url url = with_context("clone_url", [&] { return Url::parse(clone_url); });
  while (url.path.ends_with('/')) url.path.pop_back();
  if (!url.path.ends_with(".git")) url.path += ".git";
  return url;
}

// The first byte that "bytes 5-9/10" names.
std::optional<ByteCount> range_begin(const HttpResponse& response) {
  const std::string text = response.header("Content-Range").value_or("");
  constexpr std::string_view kUnit = "bytes ";
  if (!text.starts_with(kUnit)) return std::nullopt;
  ByteCount begin = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data() + kUnit.size(), end, begin);
  return error == std::errc() && rest != end && *rest == '-' ? std::optional(begin) : std::nullopt;
}

/// What of an answer comes after an offset.
class RestSink final : public ByteSink {
 public:
  RestSink(ByteCount offset, ByteSink& next, std::atomic<ByteCount>& received)
      : offset_(offset), next_(next), received_(received) {}

  void begin(const HttpResponse& response) {
    ByteCount begin = 0;
    if (response.status == 206) {
      const auto told = range_begin(response);
      if (!told || *told > offset_)
        throw Error(ErrorKind::corrupt, "the server sends another piece of the object than was asked for");
      begin = *told;
    }
    to_skip_ = offset_ - begin;
  }
  void write(std::string_view bytes) override {
    received_ += bytes.size();
    const auto skipped = static_cast<std::size_t>(std::min<ByteCount>(to_skip_, bytes.size()));
    to_skip_ -= skipped;
    if (skipped < bytes.size()) next_.write(bytes.substr(skipped));
  }

 private:
  const ByteCount offset_;
  ByteSink& next_;
  std::atomic<ByteCount>& received_;
  ByteCount to_skip_ = 0;
};

Error download_error(const HttpResponse& response) {
  const std::string message =
      fmt::format("{} answered with HTTP status {}", response.url.host_and_port(), response.status);
  switch (response.status) {
    case 404:
    case 410:
      return {ErrorKind::not_found, message};
    case 408:
    case 425:
    case 429:
      return {ErrorKind::transient, message};
    default:
      return {response.status >= 500 ? ErrorKind::transient : ErrorKind::forbidden, message};
  }
}

class HttpLfsRemote final : public LfsRemote {
 public:
  HttpLfsRemote(HttpClient& http, Clock& clock, std::shared_ptr<const HostAccess> access, Url url)
      : http_(http), access_(std::move(access)), host_(http, clock, *access_, std::move(url)) {}

  std::vector<LfsAnswer> ask(std::span<const LfsPointer> objects, const std::stop_token& stop) override {
    std::vector<LfsAnswer> answers;
    while (!objects.empty()) {
      const std::size_t size = std::min(objects.size(), most_at_once_.load());
      auto some = ask_at_once(objects.subspan(0, size), stop);
      if (!some) continue;  // in smaller pieces from now on
      answers.insert(answers.end(), std::make_move_iterator(some->begin()),
                     std::make_move_iterator(some->end()));
      objects = objects.subspan(size);
    }
    return answers;
  }

  void download(const LfsAddress& address, ByteCount offset, ByteSink& rest,
                const std::stop_token& stop) override {
    RestSink sink(offset, rest, bytes_received_);
    HttpRequest request{.url = address.href, .secret_headers = address.headers};
    if (offset > 0) request.headers.emplace_back("Range", fmt::format("bytes={}-", offset));
    request.on_head = [&](const HttpResponse& response) { sink.begin(response); };
    for (int waits = 0;; ++waits) {
      ++downloads_;
      const HttpResponse response = http_.send(request, &sink, stop);
      if (response.status >= 200 && response.status < 300) return;
      if (!host_.wait_as_told(response, waits, "the host of LFS objects asks to slow down", stop))
        throw download_error(response);
    }
  }

  std::uint64_t request_count() const override { return host_.count() + downloads_; }
  ByteCount bytes_received() const override { return bytes_received_; }

 private:
  // Nothing where they are too many for the server.
  std::optional<std::vector<LfsAnswer>> ask_at_once(std::span<const LfsPointer> objects,
                                                    const std::stop_token& stop) {
    HttpRequest request = host_.request("/info/lfs/objects/batch");
    request.method = "POST";
    request.headers = {{"Accept", kLfsMediaType}, {"Content-Type", kLfsMediaType}};
    request.body = lfs_batch_request(objects);
    const HttpResponse response = host_.send(request, nullptr, stop);
    bytes_received_ += response.body.size();
    if (response.status >= 200 && response.status < 300)
      return parse_lfs_batch(response.body, objects,
                             access_->api_url.scheme == "https" || host_.url().scheme == "https");
    if (response.status == kTooMuchAtOnce && objects.size() > 1) {
      most_at_once_ = objects.size() / 2;
      return std::nullopt;
    }
    return std::vector<LfsAnswer>(objects.size(), lfs_refusal(response, host_.token_use(response)));
  }

  HttpClient& http_;
  const std::shared_ptr<const HostAccess> access_;
  HostRequests host_;
  std::atomic<std::size_t> most_at_once_ = kMaxLfsBatch;
  std::atomic<std::uint64_t> downloads_ = 0;
  std::atomic<ByteCount> bytes_received_ = 0;
};

}  // namespace

LfsOpener http_lfs_opener(HttpClient& http, Clock& clock, HostAccess access) {
  auto shared = std::make_shared<const HostAccess>(std::move(access));
  return [&http, &clock, shared](const std::string& clone_url) -> std::unique_ptr<LfsRemote> {
    return std::make_unique<HttpLfsRemote>(http, clock, shared, lfs_url(clone_url));
  };
}

}  // namespace hubkeep
