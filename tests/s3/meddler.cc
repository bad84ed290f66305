#include "s3/meddler.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "base/crc32.h"
#include "base/text.h"
#include "crypto/base64.h"
#include "crypto/hash.h"
#include "http/curl_client.h"
#include "store/s3/s3_context.h"

namespace hubkeep {
namespace {

// As it came, and as it was signed.
std::string encoded(std::string_view path) {
  std::string text;
  for (const auto component : split(path.substr(1), '/')) text += "/" + url_encode(component);
  return text;
}

}  // namespace

Meddler::Meddler(S3Backend backend)
    : backend_(std::move(backend)),
      server_({}, [this](sim::HttpRequest request) { return answer(std::move(request)); }) {}

std::string Meddler::endpoint() const {
  return fmt::format("http://127.0.0.1:{}", server_.port());
}

void Meddler::meddle(std::string what, S3Fault fault, int times) {
  const std::scoped_lock lock(mutex_);
  rules_.push_back({std::move(what), std::move(fault), times});
}

std::vector<std::string> Meddler::requests(const std::string& what) const {
  const std::scoped_lock lock(mutex_);
  std::vector<std::string> found;
  std::copy_if(requests_.begin(), requests_.end(), std::back_inserter(found),
               [&](const std::string& line) { return line.find(what) != std::string::npos; });
  return found;
}

sim::HttpResponse Meddler::answer(sim::HttpRequest request) {
  const std::string line = fmt::format("{} {}?{}", request.method, request.path, request.query);
  S3Fault fault;
  {
    const std::scoped_lock lock(mutex_);
    requests_.push_back(line);
    const auto rule = std::find_if(rules_.begin(), rules_.end(), [&](const Rule& candidate) {
      return line.find(candidate.what) != std::string::npos;
    });
    if (rule != rules_.end()) {
      fault = rule->fault;
      if (--rule->times == 0) rules_.erase(rule);
    }
  }
  return fault ? fault(std::move(request), backend_) : backend_(request);
}

S3Backend forward_to(const std::string& endpoint) {
  const std::shared_ptr<HttpClient> client = make_curl_client({});
  return [client, endpoint](const sim::HttpRequest& request) {
    HttpRequest onward{.method = request.method,
                       .url = Url::parse(endpoint + encoded(request.path) +
                                         (request.query.empty() ? "" : "?" + request.query)),
                       .headers = {},
                       .body = request.body,
                       .delivery = Delivery::exact};
    for (const auto& [name, value] : request.headers) {
      if (!equals_ignoring_case(name, "Content-Length") && !equals_ignoring_case(name, "Connection"))
        onward.headers.emplace_back(name, value);
    }
    StringSink content(ByteCount{1} << 30U);  // of a success; a refusal's is kept
    const auto answer = client->send(onward, &content, {});
    sim::HttpResponse response{.status = answer.status, .headers = {}, .body = content.take() + answer.body};
    for (const auto& [name, value] : answer.headers) {
      const std::string lower = to_lower(name);
      const bool is_framing = lower == "content-length" && request.method != "HEAD";
      if (!is_framing && lower != "connection" && lower != "transfer-encoding")
        response.headers.emplace_back(name, value);
    }
    return response;
  };
}

sim::HttpResponse s3_error(int status, const std::string& code, sim::Headers headers,
                           const std::string& message) {
  return {
      .status = status,
      .headers = std::move(headers),
      .body = fmt::format("<Error><Code>{}</Code><Message>{}</Message></Error>", code, xml_text(message))};
}

std::string xml_text(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '&') {
      escaped += "&amp;";
    } else if (c == '<') {
      escaped += "&lt;";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

S3Fault refuse(int status, const std::string& code, sim::Headers headers) {
  return [=](const sim::HttpRequest&, const S3Backend&) { return s3_error(status, code, headers); };
}

S3Fault lose_answer() {
  return [](const sim::HttpRequest& request, const S3Backend& backend) {
    backend(request);
    return sim::HttpResponse{.close_connection = true};
  };
}

S3Fault cut() {
  return
      [](const sim::HttpRequest&, const S3Backend&) { return sim::HttpResponse{.close_connection = true}; };
}

S3Fault damage_body() {
  return [](sim::HttpRequest request, const S3Backend& backend) {
    request.body.at(request.body.size() / 2) ^= 1;
    return backend(request);
  };
}

S3Fault replace_body(std::string bytes) {
  return [bytes = std::move(bytes)](sim::HttpRequest request, const S3Backend& backend) {
    request.body = bytes;
    for (auto& [name, value] : request.headers) {
      if (name == "x-amz-content-sha256") value = sha256_hex(bytes);
      if (name == "x-amz-checksum-crc32") value = checksum_value(crc32_of(bytes));
      if (name == "Content-MD5") value = base64(from_hex(md5_hex(bytes).value()));
    }
    return backend(request);
  };
}

}  // namespace hubkeep
