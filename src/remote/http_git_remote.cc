// git's smart HTTP, protocol version 2 alone: POST git-upload-pack, one request for the refs and one for the
// pack. Breaks of the transfer are left to the backup, which knows how much of the pack has come.
#include "remote/http_git_remote.h"

#include "base/error.h"
#include "base/gzip.h"
#include "base/text.h"
#include "git/ls_refs.h"
#include "remote/git_status.h"
#include "remote/host_requests.h"

namespace hubkeep {
namespace {

// `git http-backend` refuses 10 MiB that are not compressed (http.maxRequestBuffer); small bodies gain
// nothing.
constexpr std::size_t kGzipFrom = 256 << 10;

// An empty answer has a meaning of its own: git refuses an object format, or gives up on an object, without a
// word.
class CountingDecoder final : public ByteSink {
 public:
  CountingDecoder(PktHandler& handler, ByteCount& total) : decoder_(handler), total_(total) {}
  void write(std::string_view bytes) override {
    total_ += bytes.size();
    empty_ = empty_ && bytes.empty();
    decoder_.write(bytes);
  }
  void finish() const { decoder_.finish(); }
  bool empty() const { return empty_; }

 private:
  PktLineDecoder decoder_;
  ByteCount& total_;
  bool empty_ = true;
};

// Ends a transfer of which nothing more is wanted.
struct HeardEnough {};

class UntilWhole final : public ByteSink {
 public:
  UntilWhole(const HistoryAnswerParser& parser, ByteSink& next) : parser_(parser), next_(next) {}
  void write(std::string_view bytes) override {
    next_.write(bytes);
    if (parser_.is_whole()) throw HeardEnough{};
  }

 private:
  const HistoryAnswerParser& parser_;
  ByteSink& next_;
};

// A request's body, compressed where it is long.
class RequestBody final : public ByteSink {
 public:
  void write(std::string_view bytes) override {
    if (!gzip_ && plain_.size() + bytes.size() > kGzipFrom) {
      gzip_.emplace(compressed_);
      gzip_->write(plain_);
      plain_.clear();
    }
    if (gzip_)
      gzip_->write(bytes);
    else
      plain_ += bytes;
  }
  /// Puts it into `request`.
  void finish(HttpRequest& request) {
    if (!gzip_) {
      request.body = std::move(plain_);
      return;
    }
    gzip_->finish();
    request.headers.emplace_back("Content-Encoding", "gzip");
    request.body = std::move(compressed_);
  }

 private:
  std::string plain_;
  std::string compressed_;
  std::optional<GzipCompressor> gzip_;
};

class HttpGitRemote final : public GitRemote {
 public:
  HttpGitRemote(HttpClient& http, Clock& clock, std::shared_ptr<const HttpGitOptions> options, Url url)
      : options_(std::move(options)), host_(http, clock, options_->host, std::move(url)) {}

  void expect_absence() override { host_.expect_absence(); }

  RefState list_refs(ObjectFormat expected, const std::stop_token& stop) override {
    // ls-refs without discovery first: one request instead of two, and every server we know of answers it.
    if (auto state = try_ls_refs(expected, stop)) return *std::move(state);
    const Capabilities capabilities = discover(stop);
    if (!capabilities.version_2) {
      throw Error(ErrorKind::invalid,
                  "the git server does not speak protocol version 2, which hubkeep needs");
    }
    auto state = try_ls_refs(capabilities.format, stop);
    if (!state) throw Error(ErrorKind::transient, "the git server's answer to ls-refs is empty");
    return *std::move(state);
  }

  void fetch_pack(const FetchRequest& request, ByteSink& pack, const std::stop_token& stop) override {
    FetchResponseParser parser(pack);
    CountingDecoder decoder(parser, bytes_received_);
    RequestBody body;
    write_fetch_body(request, options_->agent, body);
    // What keeps the connection alive while the server counts objects is no progress.
    post(body, decoder, stop, [&] { return parser.pack_bytes(); });
    // Of an object that it cannot read, git says so on its own side alone.
    if (decoder.empty()) throw Error(ErrorKind::gave_up, "the git server's answer to fetch is empty");
    decoder.finish();
    parser.finish();
  }

  FetchFeatures fetch_features(const std::stop_token& stop) override {
    if (!features_) features_ = discover(stop).fetch;
    return *features_;
  }

  HistoryAnswer ask_history(const HistoryQuestion& question, const std::stop_token& stop) override {
    const FetchFeatures features = fetch_features(stop);
    HistoryAnswerParser parser(question.depth > 0, features.filter);
    CountingDecoder decoder(parser, bytes_received_);
    UntilWhole until_whole(parser, decoder);
    RequestBody body;
    write_history_body(question, features, options_->agent, body);
    try {
      post(body, until_whole, stop);
    } catch (const HeardEnough&) {
      return parser.finish();
    }
    if (decoder.empty()) throw Error(ErrorKind::gave_up, "the git server's answer about a history is empty");
    decoder.finish();
    return parser.finish();
  }

  std::vector<LeftOutRef> left_out() const override { return left_out_; }
  std::uint64_t request_count() const override { return host_.count(); }
  std::chrono::seconds waited() const override { return host_.waited(); }
  ByteCount bytes_received() const override { return bytes_received_; }

 private:
  // Nothing when the server answers with an empty body: that is how git refuses an object format.
  std::optional<RefState> try_ls_refs(ObjectFormat format, const std::stop_token& stop) {
    LsRefsParser parser(options_->largest_listing);
    CountingDecoder decoder(parser, bytes_received_);
    RequestBody body;
    body.write(ls_refs_request(format, options_->agent));
    post(body, decoder, stop);
    if (decoder.empty()) return std::nullopt;
    decoder.finish();
    RefState state = parser.finish();
    left_out_ = parser.take_left_out();
    if (state.refs.empty() && !state.head.oid) state.format = format;
    return state;
  }

  Capabilities discover(const std::stop_token& stop) {
    HttpRequest request = base_request("/info/refs");
    request.url.query = "service=git-upload-pack";
    CapabilitiesParser parser;
    CountingDecoder decoder(parser, bytes_received_);
    send(std::move(request), decoder, stop);
    decoder.finish();
    return parser.finish();
  }

  void post(RequestBody& body, ByteSink& sink, const std::stop_token& stop,
            std::function<ByteCount()> payload = {}) {
    HttpRequest request = base_request("/git-upload-pack");
    request.payload = std::move(payload);
    request.method = "POST";
    request.headers.emplace_back("Content-Type", "application/x-git-upload-pack-request");
    request.headers.emplace_back("Accept", "application/x-git-upload-pack-result");
    body.finish(request);
    send(std::move(request), sink, stop);
  }

  HttpRequest base_request(std::string_view service) const {
    HttpRequest request = host_.request(service);
    request.headers.emplace_back("Git-Protocol", "version=2");
    return request;
  }

  void send(HttpRequest request, ByteSink& sink, const std::stop_token& stop) {
    const HttpResponse response = host_.send(request, &sink, stop);
    if (response.status >= 200 && response.status < 300) return;
    throw git_status_error(response, host_.token_use(response));
  }

  const std::shared_ptr<const HttpGitOptions> options_;
  HostRequests host_;
  std::vector<LeftOutRef> left_out_;
  std::optional<FetchFeatures> features_;
  ByteCount bytes_received_ = 0;
};

}  // namespace

GitRemoteOpener http_git_opener(HttpClient& http, Clock& clock, HttpGitOptions options) {
  auto shared = std::make_shared<const HttpGitOptions>(std::move(options));
  return [&http, &clock, shared](const std::string& clone_url) -> std::unique_ptr<GitRemote> {
    return std::make_unique<HttpGitRemote>(http, clock, shared,
                                           with_context("clone_url", [&] { return Url::parse(clone_url); }));
  };
}

}  // namespace hubkeep
