#include "http/ca_bundle.h"

#include <curl/curl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <optional>
#include <sstream>
#include <system_error>

#include "base/error.h"

namespace hubkeep {
namespace {

constexpr std::array<std::string_view, 4> kPlaces = {
    "/etc/pki/tls/certs/ca-bundle.crt",    // Amazon Linux, Fedora, RHEL
    "/etc/ssl/certs/ca-certificates.crt",  // Debian, Alpine
    "/etc/ssl/ca-bundle.pem",              // openSUSE
    "/etc/ssl/cert.pem",                   // Alpine, BSD
};

bool is_readable(std::string_view path) {
  return access(std::string(path).c_str(), R_OK) == 0;
}

std::string_view place_built_in() {
  const char* place = curl_version_info(CURLVERSION_NOW)->cainfo;
  return place == nullptr ? "" : place;
}

// "CERTIFICATE", "TRUSTED CERTIFICATE", "X509 CERTIFICATE": what OpenSSL takes for one.
bool holds_certificate(std::string_view pem) {
  return pem.find("-----BEGIN ") != std::string_view::npos &&
         pem.find("CERTIFICATE-----") != std::string_view::npos;
}

std::optional<std::string> read_bundle(const std::string& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file.is_open()) return std::nullopt;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace

std::string find_ca_bundle(std::string_view built_in, std::span<const std::string_view> places) {
  if (is_readable(built_in)) return "";
  for (const auto place : places) {
    if (is_readable(place)) return std::string(place);
  }
  return "";
}

const std::string& system_ca_bundle() {
  static const std::string found = find_ca_bundle(place_built_in(), kPlaces);
  return found;
}

bool has_ca_folder() {
  return curl_version_info(CURLVERSION_NOW)->capath != nullptr;
}

std::string with_system_bundle(const std::string& file, std::string_view name) {
  const auto own = read_bundle(file);
  if (!own)
    throw Error(ErrorKind::invalid,
                fmt::format("{} cannot be read: {}", name, std::generic_category().message(errno)));
  if (!holds_certificate(*own))
    throw Error(ErrorKind::invalid, fmt::format("{} holds no certificate in PEM", name));
  const std::string& found = system_ca_bundle();
  return *own + "\n" + read_bundle(found.empty() ? std::string(place_built_in()) : found).value_or("");
}

}  // namespace hubkeep
