// IMDSv2: PUT for a session's token, then GET the role's name and its credentials with it. Where the PUT
// fails there is no such service, which is the usual case outside of EC2 and no error; whatever fails after
// it is one (InstanceMetadataTest.FailsWhenTheServiceFailsAfterItsToken).
#include "aws/instance_metadata.h"

#include <fmt/format.h>

#include <chrono>

#include "aws/aws_error.h"
#include "aws/credentials_json.h"
#include "base/json.h"
#include "base/text.h"

namespace hubkeep {
namespace {

constexpr std::string_view kRoles = "/latest/meta-data/iam/security-credentials/";
constexpr auto kStillGood = std::chrono::minutes(15);

bool is_disabled(const AwsEnvironment& environment) {
  return equals_ignoring_case(environment.get("AWS_EC2_METADATA_DISABLED").value_or(""), "true");
}

std::string base_address(const AwsEnvironment& environment) {
  if (const auto endpoint = environment.get("AWS_EC2_METADATA_SERVICE_ENDPOINT")) return *endpoint;
  const auto mode = environment.get("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE").value_or("");
  return equals_ignoring_case(mode, "ipv6") ? "http://[fd00:ec2::254]" : "http://169.254.169.254";
}

bool is_address(std::string_view host) {
  return host.starts_with('[') || host.find_first_not_of("0123456789.") == std::string_view::npos;
}

class MetadataService {
 public:
  MetadataService(const AwsContext& context, const std::stop_token& stop) : context_(context), stop_(stop) {
    const auto address = base_address(context.environment);
    base_ = with_context("AWS_EC2_METADATA_SERVICE_ENDPOINT", [&] { return Url::parse(address); });
    while (base_.path.ends_with('/')) base_.path.pop_back();
  }

  std::string host() const { return base_.host_and_port(); }

  /// Throws Error(transient) where there is no such service: an address at which nobody answers is not tried
  /// again. A name is, as somebody has given it one.
  void begin_session() {
    auto request = request_for("PUT", "/latest/api/token");
    request.headers = {{"X-aws-ec2-metadata-token-ttl-seconds", "21600"}};
    const auto response = is_address(base_.host) ? ask_once(request) : ask(request);
    if (response.status != 200) throw refusal_error(host(), parse_refusal(response));
    token_ = trim(response.body);
  }

  HttpResponse get(std::string_view path) {
    auto request = request_for("GET", path);
    request.secret_headers = {{"X-aws-ec2-metadata-token", token_}};
    return ask(request);
  }

 private:
  HttpRequest request_for(const std::string& method, std::string_view path) const {
    // No redirect is followed: whoever it leads to would say whose credentials these are.
    HttpRequest request{.method = method, .url = base_, .delivery = Delivery::exact};
    request.url.path.append(path);
    return request;
  }

  HttpResponse ask_once(const HttpRequest& request) {
    return context_.link_local.send(request, nullptr, stop_);
  }

  HttpResponse ask(const HttpRequest& request) {
    return with_retries(context_.retries, context_.clock, stop_, context_.on_retry, [&] {
      auto response = ask_once(request);
      if (response.status == 429 || response.status >= 500)
        throw refusal_error(host(), parse_refusal(response));
      return response;
    });
  }

  const AwsContext& context_;
  const std::stop_token& stop_;
  Url base_;
  std::string token_;
};

std::string body_of(HttpResponse response, const MetadataService& service) {
  if (response.status != 200) throw refusal_error(service.host(), parse_refusal(response));
  return std::move(response.body);
}

// The service answers 200 also when it could not get credentials: then Code and Message say why.
void refuse_failure(const std::string& body, const std::string& origin) {
  const auto json = parse_json_or_discard(body);
  if (!json.is_object()) return;
  const auto code = json.value("Code", nlohmann::json("Success"));
  if (code == "Success") return;
  throw Error(ErrorKind::unauthorized,
              fmt::format("{}: {} {}", origin, printable(code.dump()),
                          printable(json.value("Message", nlohmann::json()).dump())));
}

Credentials read_role(MetadataService& service, const std::string& role, Clock& clock) {
  const auto origin = fmt::format("the instance's role {} ({})", printable(role), service.host());
  const auto body = body_of(service.get(std::string(kRoles) + url_encode(role)), service);
  refuse_failure(body, origin);
  auto credentials = parse_credentials_json(body, origin);
  // In an outage the service hands out old ones, which AWS then goes on to accept.
  if (credentials.expires_at && *credentials.expires_at <= clock.now()) {
    // See InstanceMetadataTest.GoesOnWithOldCredentialsInAnOutage.
    credentials.expires_at = clock.now() + kStillGood;
  }
  return credentials;
}

}  // namespace

SourceResult instance_credentials(const AwsContext& context, const std::stop_token& stop) {
  if (is_disabled(context.environment)) return NotConfigured{"AWS_EC2_METADATA_DISABLED is true"};
  MetadataService service(context, stop);
  try {
    service.begin_session();
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::cancelled) throw;
    return NotConfigured{
        fmt::format("{} (on EC2, a container needs a metadata hop limit of 2)", error.message())};
  }
  auto roles = service.get(kRoles);
  if (roles.status == 404) return NotConfigured{"this EC2 instance has no role"};
  const auto body = body_of(std::move(roles), service);
  const std::string role(trim(split(body, '\n').front()));
  if (role.empty()) return NotConfigured{"this EC2 instance has no role"};
  return read_role(service, role, context.clock);
}

std::optional<std::string> instance_region(const AwsContext& context, const std::stop_token& stop) {
  if (is_disabled(context.environment)) return std::nullopt;
  try {
    MetadataService service(context, stop);
    service.begin_session();
    std::string region(trim(body_of(service.get("/latest/meta-data/placement/region"), service)));
    if (region.empty()) return std::nullopt;
    return region;
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::cancelled) throw;
    return std::nullopt;
  }
}

}  // namespace hubkeep
