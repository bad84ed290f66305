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

std::string gitmodules_notice(std::string_view reason) {
  return fmt::format(
      ".gitmodules is restored as it was committed, but git cannot read it and refuses some commands: {}",
      printable(reason.substr(0, 300)));
}

}  // namespace hubkeep
