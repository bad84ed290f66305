#include "metadata/attachment_links.h"

#include <fmt/format.h>

#include <cctype>

namespace hubkeep {
namespace {

constexpr std::string_view kSchemes[] = {"https://", "http://"};

// In an address (RFC 3986), less what ends it in Markdown or HTML.
bool is_of_address(char c) {
  constexpr std::string_view kMarks = "-._~:/?#[@!$&*+,;=%";
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || kMarks.find(c) != std::string_view::npos;
}

std::string_view address_at(std::string_view text) {
  std::size_t end = 0;
  while (end < text.size() && is_of_address(text[end])) ++end;
  std::string_view address = text.substr(0, end);
  while (!address.empty() && std::string_view(".,;:!?*").find(address.back()) != std::string_view::npos)
    address.remove_suffix(1);
  return address;
}

bool begins_here(std::string_view text) {
  for (const std::string_view scheme : kSchemes)
    if (text.starts_with(scheme)) return true;
  return false;
}

// As a link in Markdown takes it.
std::string link_to(std::string_view file) {
  std::string link;
  for (const char c : file) {
    const bool is_plain = std::isalnum(static_cast<unsigned char>(c)) != 0 ||
                          std::string_view("-._~/").find(c) != std::string_view::npos;
    link += is_plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return link;
}

}  // namespace

std::string AttachmentLinks::rewrite(std::string_view text) const {
  std::string out;
  while (!text.empty()) {
    const std::size_t next = files_.empty() ? std::string_view::npos : text.find("http");
    out += text.substr(0, next);
    if (next == std::string_view::npos) break;
    text.remove_prefix(next);
    const std::string_view address = begins_here(text) ? address_at(text) : text.substr(0, 1);
    const auto file = files_.find(address.substr(0, address.find('?')));
    out += file == files_.end() ? std::string(address) : link_to(file->second);
    text.remove_prefix(address.size());
  }
  return out;
}

}  // namespace hubkeep
