// STS speaks the Query API: a form is posted, XML comes back. AssumeRole is signed, anew for each attempt;
// with a web identity the token stands in the form, and nothing is signed.
#include "aws/sts.h"

#include <fmt/format.h>

#include <vector>

#include "aws/credentials_json.h"
#include "aws/service_call.h"
#include "aws/sigv4.h"
#include "aws/xml.h"
#include "base/text.h"
#include "crypto/hash.h"

namespace hubkeep {
namespace {

using Form = std::vector<std::pair<std::string, std::string>>;

Form form_of(const std::string& action, const Role& role) {
  Form form = {{"Action", action},
               {"Version", "2011-06-15"},
               {"RoleArn", role.arn},
               {"RoleSessionName", role.session_name}};
  if (role.external_id) form.emplace_back("ExternalId", *role.external_id);
  if (role.duration_seconds) form.emplace_back("DurationSeconds", *role.duration_seconds);
  return form;
}

HttpRequest post(const StsEndpoint& endpoint, const Form& form) {
  HttpRequest request{.method = "POST",
                      .url = endpoint.url,
                      .headers = {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}}};
  for (const auto& [name, value] : form) {
    request.body += fmt::format("{}{}={}", request.body.empty() ? "" : "&", name, url_encode(value));
  }
  return request;
}

Credentials parse_answer(const std::string& body, const std::string& action, const std::string& origin) {
  pugi::xml_document document;
  load_xml(document, body);
  const auto found =
      document.child((action + "Response").c_str()).child((action + "Result").c_str()).child("Credentials");
  Credentials credentials{.access_key_id = found.child_value("AccessKeyId"),
                          .secret_access_key = Secret(found.child_value("SecretAccessKey"), origin),
                          .session_token = Secret(found.child_value("SessionToken"), origin),
                          .expires_at = parse_aws_time(found.child_value("Expiration"))};
  if (credentials.access_key_id.empty() || credentials.secret_access_key.empty() ||
      credentials.session_token.empty() || !credentials.expires_at) {
    throw Error(ErrorKind::corrupt, origin + ": the answer holds no credentials");
  }
  return credentials;
}

std::string origin_of(const std::string& action, const StsEndpoint& endpoint, const Role& role) {
  return fmt::format("{} of {} at {}", action, printable(role.arn), endpoint.url.host_and_port());
}

}  // namespace

Credentials assume_role(const AwsContext& context, const StsEndpoint& endpoint, const Role& role,
                        const Credentials& source, const std::stop_token& stop) {
  const auto origin = origin_of("AssumeRole", endpoint, role);
  const auto signed_request = [&] {
    auto request = post(endpoint, form_of("AssumeRole", role));
    const auto payload = sha256_hex(request.body);
    sign(request, source, {.region = endpoint.region, .service = "sts"}, context.clock.now(), payload);
    return request;
  };
  return parse_answer(call_service(context, context.http, origin, signed_request, stop), "AssumeRole",
                      origin);
}

Credentials assume_role_with_web_identity(const AwsContext& context, const StsEndpoint& endpoint,
                                          const Role& role, const Secret& token,
                                          const std::stop_token& stop) {
  const auto origin = origin_of("AssumeRoleWithWebIdentity", endpoint, role);
  auto form = form_of("AssumeRoleWithWebIdentity", role);
  form.emplace_back("WebIdentityToken", token.reveal());
  const auto body = call_service(context, context.http, origin, [&] { return post(endpoint, form); }, stop);
  return parse_answer(body, "AssumeRoleWithWebIdentity", origin);
}

}  // namespace hubkeep
