// A folder of a saved tree, in the columns of `git ls-tree --long`.

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/text.h"
#include "browse/revision.h"
#include "browse/tree_path.h"
#include "cli/browse_output.h"
#include "cli/output.h"

namespace hubkeep {
namespace {

using Json = nlohmann::ordered_json;

ObjectType type_of(EntryMode mode) {
  if (mode == EntryMode::folder) return ObjectType::tree;
  return mode == EntryMode::submodule ? ObjectType::commit : ObjectType::blob;
}

struct Line {
  NamedEntry entry;
  std::optional<ByteCount> size;  // of what has one
};

std::vector<NamedEntry> entries_under(PackChain& objects, const Oid& tree, const std::string& path,
                                      const std::stop_token& stop) {
  const auto found = find_path(objects, tree, path, stop);
  if (!found)
    throw Error(ErrorKind::invalid,
                fmt::format("there is no {} in the tree {}", printable(path), tree.hex()));
  return found->mode == EntryMode::folder ? read_tree(objects, found->oid, stop) : std::vector{*found};
}

std::vector<Line> lines_of(PackChain& objects, const std::vector<NamedEntry>& entries,
                           const std::stop_token& stop) {
  std::vector<Oid> blobs;
  for (const NamedEntry& entry : entries)
    if (type_of(entry.mode) == ObjectType::blob) blobs.push_back(entry.oid);
  objects.read_ahead(blobs, stop);
  std::vector<Line> lines;
  for (const NamedEntry& entry : entries) {
    Line line{.entry = entry, .size = {}};
    if (type_of(entry.mode) == ObjectType::blob) {
      line.size = objects.size_of(entry.oid, stop);
      if (!line.size)
        throw Error(ErrorKind::corrupt, fmt::format("the blob {} is not in the snapshot", entry.oid.hex()));
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

void print_lines(const std::vector<Line>& lines) {
  for (const auto& [entry, size] : lines)
    print_bytes(fmt::format("{:06o} {} {} {:>7}\t{}\n", static_cast<std::uint32_t>(entry.mode),
                            to_string(type_of(entry.mode)), entry.oid.hex(),
                            size ? fmt::format("{}", *size) : "-", printable(entry.name)));
}

Json json_of(const std::vector<Line>& lines) {
  Json entries = Json::array();
  for (const auto& [entry, size] : lines)
    entries.push_back({{"mode", fmt::format("{:06o}", static_cast<std::uint32_t>(entry.mode))},
                       {"type", to_string(type_of(entry.mode))},
                       {"oid", entry.oid.hex()},
                       {"size", size ? Json(*size) : Json(nullptr)},
                       {"name", entry.name}});
  return entries;
}

ExitCode run(const CommandCall& call, const Settings& settings, const std::stop_token& stop) {
  const VaultToBrowse opened = open_vault_to_browse(settings, stop);
  BrowsedRepository repository(*opened.vault, call.repositories.front(), opened.options, stop);
  const OpenedSnapshot snapshot = repository.open(settings.at);
  const auto objects = repository.objects_of({&snapshot});
  const auto lines = repository.advised([&] {
    const Oid tree =
        tree_of(*objects, find_revision(snapshot.refs, *objects, call.value("--ref"), stop), stop);
    return lines_of(*objects, entries_under(*objects, tree, path_of(call), stop), stop);
  });
  if (settings.json)
    print(
        format_json_to_print({{"snapshot", snapshot.manifest.snapshot.str()}, {"entries", json_of(lines)}}) +
        "\n");
  else
    print_lines(lines);
  tell_traffic(opened);
  return ExitCode::ok;
}

}  // namespace

CommandDefinition ls_command() {
  return {.name = "ls",
          .settings = Command::browse,
          .usage = "hubkeep ls OWNER/NAME [PATH] [FLAGS]",
          .summary = "list the files of a saved repository, without restoring it",
          .story =
              "Shows mode, type, object, size and name, as `git ls-tree --long` does. Reads only the parts "
              "of the vault that it needs. Needs neither GitHub nor a token.",
          .examples =
              "  hubkeep ls acme/site\n"
              "  hubkeep ls acme/site src --ref v1.2 --at 2026-11-23\n",
          .value_flags = {ref_flag()},
          .max_arguments = 2,
          .take = take_repository_and_path,
          .run = run};
}

}  // namespace hubkeep
