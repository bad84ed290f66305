#include "cli/browse_output.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/log.h"
#include "base/text.h"

namespace hubkeep {

void tell_traffic(const VaultToBrowse& opened) {
  log_line(LogLevel::normal, fmt::format("{}, {} read", count_of(opened.traffic->requests, "request"),
                                         human_size(opened.traffic->bytes)));
}

void take_repository_and_path(CommandCall& call, const std::vector<std::string>& arguments) {
  const std::string_view command = call.command->name;
  if (arguments.empty())
    throw Error(ErrorKind::invalid, fmt::format("{0} needs a repository: hubkeep {0} OWNER/NAME", command));
  call.repositories = {arguments.front()};
  if (arguments.size() > 1) call.words = {arguments[1]};
}

std::string path_of(const CommandCall& call) {
  return call.words.empty() ? "" : call.words.front();
}

ValueFlag ref_flag() {
  return {"--ref", "REF",
          "a branch, a tag, a full name such as refs/pull/7/head, or how a commit is called "
          "(default HEAD)"};
}

}  // namespace hubkeep
