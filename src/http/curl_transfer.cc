// One transfer: options are set, curl_easy_perform() runs, and its callbacks collect the answer. A callback
// can end the transfer for four reasons of our own (an exception, a stop, a stall, a request that libcurl
// would send a second time); libcurl reports none of them as what it is, so run() asks for them in that order
// before it believes libcurl's own code. On the way out the handle is reset, since its options point into
// this object.
//
// The body of a success goes to the sink, or is kept where there is none; that of a refusal is kept up to 64
// KiB, and the rest is not waited for.
#include "http/curl_transfer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <exception>

#include "base/text.h"
#include "http/ca_bundle.h"
#include "http/curl_error.h"
#include "http/stall_watch.h"

namespace hubkeep {
namespace {

constexpr long kReceiveBuffer =
    512L * 1024;  // a pack at 300 MB/s through 16 KiB, curl's default, costs twice the CPU
constexpr std::chrono::seconds kLongestSilence{120};  // not a byte, neither way: git keeps alive every 5 s
constexpr std::size_t kLongestErrorBody = std::size_t{64} << 10;
// A page of GitHub's hundred repositories has some 600 KB, one of S3's thousand keys 4 MB at most.
constexpr ByteCount kLargestKeptBody = ByteCount{8} << 20;
constexpr ByteCount kLargestHead = ByteCount{256} << 10;  // all headers, those of interim answers too

struct HeaderListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, HeaderListDeleter>;

void append(HeaderList& list, const std::string& line) {
  curl_slist* longer = curl_slist_append(list.get(), line.c_str());
  if (longer == nullptr) throw Error(ErrorKind::internal, "out of memory");
  [[maybe_unused]] const curl_slist* const now_in_longer = list.release();
  list.reset(longer);
}

void append_all(HeaderList& list, const Headers& headers) {
  for (const auto& [name, value] : headers) {
    if (std::any_of(value.begin(), value.end(),
                    [](char c) { return (c >= 0 && c < ' ' && c != '\t') || c == 0x7f; })) {
      throw Error(ErrorKind::invalid,
                  "the value for the header " + name + " holds a line break or control character");
    }
    // "Name:" would remove the header.
    append(list, fmt::format("{}{}{}", name, value.empty() ? ";" : ": ", value));
  }
}

HeaderList header_list(const HttpRequest& request) {
  HeaderList list;
  append_all(list, request.headers);
  append_all(list, request.secret_headers);
  append(list, "Expect:");  // curl would wait up to a second for a 100 before it sends a larger body
  return list;
}

bool is_success(int status) {
  return status >= 200 && status < 300;
}

class Transfer {
 public:
  Transfer(CURL* handle, const TransferSetup& setup, const HttpRequest& request, ByteSink* body,
           const std::stop_token& stop)
      : handle_(handle),
        options_(setup.options),
        certificates_(setup.certificates),
        request_(request),
        headers_(header_list(request)),
        body_(body),
        stop_(stop),
        kept_(kLargestKeptBody, "the answer of " + request.url.without_query()),
        watch_(setup.options.stall_timeout, Clock::now()) {
    response_.url = request.url;
  }
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;
  ~Transfer() { curl_easy_reset(handle_); }  // it points at our members; its connections stay

  HttpResponse run() {
    if (stop_.stop_requested()) throw cancelled();
    set_connection_options();
    set_request_options();
    const CURLcode code = curl_easy_perform(handle_);
    if (thrown_) std::rethrow_exception(thrown_);
    // A stop that comes after the last byte must not turn a finished transfer into a cancelled one.
    if (stop_.stop_requested() && code == CURLE_ABORTED_BY_CALLBACK) throw cancelled();
    if (code == CURLE_ABORTED_BY_CALLBACK && is_stalled_) throw stalled();
    if (code == CURLE_ABORTED_BY_CALLBACK && sent_ > 1) {
      throw Error(ErrorKind::transient,
                  request_.url.without_query() + ": the connection was closed before the answer");
    }
    // A refusal whose body we have cut is an answer, and no failure of the transfer.
    if (code != CURLE_OK && !cut_error_body_) throw classify_curl_error(failure(code));
    if (response_.status == kProxyAuthenticationRequired) throw proxy_refusal(request_.url, response_.status);
    response_.body.swap(error_body_);
    if (is_success(response_.status)) response_.body = kept_.take();
    return std::move(response_);
  }

  /// Whether the answer was left before its end.
  bool is_cut() const { return cut_error_body_; }

 private:
  template <typename Value>
  void set(CURLoption option, Value value) {
    const CURLcode code = curl_easy_setopt(handle_, option, value);
    if (code != CURLE_OK) {
      throw Error(ErrorKind::internal, fmt::format("libcurl refuses option {}: {}", static_cast<int>(option),
                                                   curl_easy_strerror(code)));
    }
  }

  using Clock = std::chrono::steady_clock;

  void set_connection_options() {
    set(CURLOPT_ERRORBUFFER, detail_.data());
    set(CURLOPT_NOSIGNAL, 1L);  // signals are the program's, and there are threads
    // libcurl would open file:// and more.
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(CURLOPT_BUFFERSIZE, kReceiveBuffer);
    // Else the headers of a proxy's answer to CONNECT would count as the server's.
    set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    set(CURLOPT_CONNECTTIMEOUT, static_cast<long>(options_.connect_timeout.count()));
    // Tiny, because a sink that blocks is back-pressure and counts as slow; only silence is a failure here.
    set(CURLOPT_LOW_SPEED_LIMIT, 1L);
    set(CURLOPT_LOW_SPEED_TIME, static_cast<long>(std::min(options_.stall_timeout, kLongestSilence).count()));
    if (!options_.use_proxy) set(CURLOPT_NOPROXY, "*");
    if (!options_.user_agent.empty()) set(CURLOPT_USERAGENT, options_.user_agent.c_str());
    set_authorities();
  }

  // Beside the bundle, Debian's libcurl looks into a folder of certificates, whatever bundle it is given:
  // that stays where the user's authorities stand besides the system's, and else goes.
  void set_authorities() {
    if (!certificates_.empty()) {
      curl_blob blob{.data = const_cast<char*>(certificates_.data()),
                     .len = certificates_.size(),
                     .flags = CURL_BLOB_NOCOPY};
      return set(CURLOPT_CAINFO_BLOB, &blob);
    }
    const bool is_own = !options_.authorities.file.empty();
    const std::string& file = is_own ? options_.authorities.file : system_ca_bundle();
    if (!file.empty()) set(CURLOPT_CAINFO, file.c_str());
    if (is_own && has_ca_folder()) set(CURLOPT_CAPATH, nullptr);
  }

  void set_request_options() {
    set(CURLOPT_URL, request_.url.str().c_str());
    set(CURLOPT_PATH_AS_IS, 1L);  // a signature covers the path with its "." and ".."
    set(CURLOPT_HTTPHEADER, headers_.get());
    if (request_.method == "HEAD") {
      set(CURLOPT_NOBODY, 1L);
    } else if (request_.method != "GET" || !request_.body.empty()) {
      set(CURLOPT_POSTFIELDS, request_.body.data());
      set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
      set(CURLOPT_CUSTOMREQUEST, request_.method.c_str());
    }
    // Packs are compressed already; what is kept in memory may as well travel compressed. A HEAD asks for the
    // size as it is.
    if (body_ == nullptr && request_.method != "HEAD") set(CURLOPT_ACCEPT_ENCODING, "");
    set(CURLOPT_HEADERFUNCTION, &on_header);
    set(CURLOPT_HEADERDATA, this);
    set(CURLOPT_WRITEFUNCTION, &on_body);
    set(CURLOPT_WRITEDATA, this);
    set(CURLOPT_PREREQFUNCTION, &on_request);
    set(CURLOPT_PREREQDATA, this);
    set(CURLOPT_NOPROGRESS, 0L);
    set(CURLOPT_XFERINFOFUNCTION, &on_progress);
    set(CURLOPT_XFERINFODATA, this);
  }

  // An exception must not cross libcurl: it is kept, and thrown again after the transfer.
  template <typename Action>
  std::size_t guarded(std::size_t size, Action&& action) {
    try {
      return action() ? size : std::size_t{CURL_WRITEFUNC_ERROR};
    } catch (...) {
      thrown_ = std::current_exception();
      return CURL_WRITEFUNC_ERROR;
    }
  }

  static std::size_t on_header(char* bytes, std::size_t size, std::size_t count, void* self) {
    auto& transfer = *static_cast<Transfer*>(self);
    return transfer.guarded(size * count, [&] { return transfer.take_header({bytes, size * count}); });
  }

  static std::size_t on_body(char* bytes, std::size_t size, std::size_t count, void* self) {
    auto& transfer = *static_cast<Transfer*>(self);
    return transfer.guarded(size * count, [&] { return transfer.take_body({bytes, size * count}); });
  }

  // libcurl sends a request again, without a word, when a kept connection turns out to be closed.
  // A request that must not be repeated (Delivery::exact) ends here, as a transient Error: its caller decides
  // whether the first one may have been carried out.
  static int on_request(void* self, char*, char*, int, int) {
    auto& transfer = *static_cast<Transfer*>(self);
    const bool again = ++transfer.sent_ > 1 && transfer.request_.delivery == Delivery::exact;
    return again ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
  }

  // libcurl calls this about once in a second, whether or not anything moves.
  static int on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t sent) {
    auto& transfer = *static_cast<Transfer*>(self);
    return transfer.stop_.stop_requested() || transfer.stalls(static_cast<ByteCount>(sent)) ? 1 : 0;
  }

  bool stalls(ByteCount sent) {
    const ByteCount payload = request_.payload ? request_.payload() : received_;
    is_stalled_ = watch_.is_stalled(payload + sent, Clock::now());
    return is_stalled_;
  }

  bool take_header(std::string_view line) {
    head_size_ += line.size();
    if (head_size_ > kLargestHead)
      throw Error(ErrorKind::transient,
                  fmt::format("{}: the answer's headers have more than {}, the most that is read",
                              request_.url.without_query(), human_size(kLargestHead)));
    if (line.starts_with("HTTP/")) {  // also after an interim answer (1xx), whose headers mean nothing
      response_.headers.clear();
      return true;
    }
    const auto colon = line.find(':');
    if (colon != std::string_view::npos) {
      response_.headers.emplace_back(line.substr(0, colon), trim(line.substr(colon + 1)));
    }
    response_.status = status();
    return true;
  }

  bool take_body(std::string_view bytes) {
    received_ += bytes.size();
    if (stop_.stop_requested()) throw cancelled();
    if (is_success(response_.status)) {
      // Of an empty body no head is told: whoever needs it takes it from the answer, as s3_reader.cc does.
      if (request_.on_head && !head_told_) request_.on_head(response_);
      head_told_ = true;
      const auto begin = Clock::now();
      (body_ != nullptr ? *body_ : kept_).write(bytes);
      // A slow disk or a slow upload behind the sink is no stall of the server's.
      watch_.excuse(Clock::now() - begin);
      return true;
    }
    // See CurlClient.CutsLongErrorBodies, and TrustsNoHandleWhoseAnswerWasLeftBeforeItsEnd for the handle.
    error_body_ += bytes.substr(0, kLongestErrorBody - error_body_.size());
    cut_error_body_ = error_body_.size() == kLongestErrorBody;
    return !cut_error_body_;
  }

  int status() const {
    long status = 0;
    curl_easy_getinfo(handle_, CURLINFO_RESPONSE_CODE, &status);
    return static_cast<int>(status);
  }

  Error cancelled() const { return Error(ErrorKind::cancelled, request_.url.without_query() + ": stopped"); }

  Error stalled() const {
    return Error(ErrorKind::transient,
                 fmt::format("{}: timed out after {} bytes (less than {} bytes of use moved within {} s)",
                             request_.url.without_query(), received_, StallWatch::kLeastPayload,
                             options_.stall_timeout.count()));
  }

  CurlFailure failure(CURLcode code) const {
    CurlFailure failure{.code = code,
                        .detail = detail_.data(),
                        .url = request_.url,
                        .received = received_,
                        .authorities = options_.authorities};
    curl_easy_getinfo(handle_, CURLINFO_SSL_VERIFYRESULT, &failure.verify_result);
    curl_easy_getinfo(handle_, CURLINFO_HTTP_CONNECTCODE, &failure.proxy_status);
    return failure;
  }

  CURL* handle_;
  const CurlOptions& options_;
  const std::string_view certificates_;
  const HttpRequest& request_;
  const HeaderList headers_;
  ByteSink* body_;
  const std::stop_token& stop_;
  std::array<char, CURL_ERROR_SIZE> detail_{};
  HttpResponse response_;
  StringSink kept_;
  ByteCount head_size_ = 0;
  std::string error_body_;
  bool cut_error_body_ = false;
  ByteCount received_ = 0;
  bool head_told_ = false;
  int sent_ = 0;
  StallWatch watch_;
  bool is_stalled_ = false;
  std::exception_ptr thrown_;
};

}  // namespace

HttpResponse transfer(CurlHandle& handle, const TransferSetup& setup, const HttpRequest& request,
                      ByteSink* body, const std::stop_token& stop) {
  CurlHandle used = std::move(handle);
  Transfer transfer(used.get(), setup, request, body, stop);
  HttpResponse response = transfer.run();
  if (!transfer.is_cut()) handle = std::move(used);
  return response;
}

}  // namespace hubkeep
