// One file of a saved tree on standard output, byte for byte.

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"
#include "browse/revision.h"
#include "browse/snapshot_objects.h"
#include "browse/tree_path.h"
#include "cli/browse_output.h"
#include "cli/bytes_to_output.h"
#include "cli/output.h"

namespace hubkeep {
namespace {

void take(CommandCall& call, const std::vector<std::string>& arguments) {
  if (arguments.size() < 2)
    throw Error(ErrorKind::invalid, "cat needs a repository and a path: hubkeep cat OWNER/NAME PATH");
  take_repository_and_path(call, arguments);
}

std::string content_of(PackChain& objects, const Oid& tree, const std::string& path,
                       const std::stop_token& stop) {
  const auto found = find_path(objects, tree, path, stop);
  const std::string name = printable(path);
  if (!found) throw Error(ErrorKind::invalid, fmt::format("there is no {} in the tree {}", name, tree.hex()));
  if (found->mode == EntryMode::folder)
    throw Error(ErrorKind::invalid, fmt::format("{} is a folder: hubkeep ls shows what is in it", name));
  if (found->mode == EntryMode::submodule)
    throw Error(ErrorKind::invalid,
                fmt::format("{} is a submodule: commit {} of another repository", name, found->oid.hex()));
  return read_object(objects, found->oid, ObjectType::blob, stop);
}

// Printed while it is read: it may be larger than memory.
void print_lfs_object(BrowsedRepository& repository, const OpenedSnapshot& snapshot,
                      const LfsPointer& pointer, const std::string& path) {
  BytesToOutput output;
  try {
    repository.read_lfs_object(snapshot, pointer, output);
  } catch (const Error& error) {
    if (!is_output_lost()) throw error.with_context(printable(path));  // finish_output() says the rest
  }
}

ExitCode run(const CommandCall& call, const Settings& settings, const std::stop_token& stop) {
  const VaultToBrowse opened = open_vault_to_browse(settings, stop);
  BrowsedRepository repository(*opened.vault, call.repositories.front(), opened.options, stop);
  const OpenedSnapshot snapshot = repository.open(settings.at);
  const auto objects = repository.objects_of({&snapshot});
  const std::string content = repository.advised([&] {
    const Oid tree =
        tree_of(*objects, find_revision(snapshot.refs, *objects, call.value("--ref"), stop), stop);
    return content_of(*objects, tree, path_of(call), stop);
  });
  if (const auto pointer = parse_lfs_pointer(content))
    print_lfs_object(repository, snapshot, *pointer, path_of(call));
  else
    print_bytes(content);
  tell_traffic(opened);
  return ExitCode::ok;
}

}  // namespace

CommandDefinition cat_command() {
  return {
      .name = "cat",
      .settings = Command::browse,
      .usage = "hubkeep cat OWNER/NAME PATH [FLAGS]",
      .summary = "print a file of a saved repository, without restoring it",
      .story =
          "Prints the file byte for byte as git has it; of a symbolic link, where it leads; of a file in Git "
          "LFS, its content. Reads only the parts of the vault that it needs, and compares the file with "
          "the name that git, or Git LFS, has for its content. Needs neither GitHub nor a token.",
      .examples =
          "  hubkeep cat acme/site README.md\n"
          "  hubkeep cat acme/site logo.png --ref v1.2 --at 2026-11-23 > logo.png\n",
      .value_flags = {ref_flag()},
      .max_arguments = 2,
      .take = take,
      .run = run};
}

}  // namespace hubkeep
