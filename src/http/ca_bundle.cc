#include "http/ca_bundle.h"

#include <curl/curl.h>
#include <unistd.h>

#include <array>

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

}  // namespace hubkeep
