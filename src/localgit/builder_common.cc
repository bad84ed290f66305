#include "localgit/builder_common.h"

#include <fmt/format.h>

#include "base/text.h"

namespace hubkeep {

Error missing_object(std::string_view ref_name, const Oid& oid) {
  return {ErrorKind::corrupt, fmt::format("{} names object {}, which is not in the backup",
                                          printable(ref_name.substr(0, 300)), oid.hex())};
}

Error lacks_object(std::string_view ref_name, std::string_view type, std::string_view oid) {
  return {ErrorKind::corrupt, fmt::format("{} leads to the {} {}, which is not in the backup",
                                          printable(ref_name.substr(0, 300)), type, oid)};
}

Error work_tree_error(const Error& error) {
  return {ErrorKind::invalid,
          "its files cannot be put into a folder here, so nothing was restored; with --bare or --mirror the "
          "whole history comes back without a work tree: " +
              error.message()};
}

std::vector<std::pair<std::string, std::string>> mirror_settings(const std::string& url) {
  return {{"remote.origin.url", url},
          {"remote.origin.fetch", "+refs/*:refs/*"},
          {"remote.origin.mirror", "true"}};
}

}  // namespace hubkeep
