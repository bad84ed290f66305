#include "localgit/repository_builder.h"

#include <cerrno>
#include <fstream>

#include "base/error.h"
#include "base/file_error.h"
#include "localgit/builder_common.h"
#include "localgit/packed_refs.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;

// git-config: within double quotes, those and backslashes have a backslash before them.
std::string config_value(std::string_view value) {
  std::string result = "\"";
  for (const char byte : value) {
    if (byte == '"' || byte == '\\') result += '\\';
    byte == '\n' ? result += "\\n" : result += byte;
  }
  return result + '"';
}

}  // namespace

fs::path git_folder_in(const fs::path& folder, RepositoryKind kind) {
  return kind == RepositoryKind::work_tree ? folder / ".git" : folder;
}

RepositoryBuilder::RepositoryBuilder(fs::path git_folder, ObjectFormat format, RepositoryKind kind,
                                     std::stop_token stop)
    : git_folder_(std::move(git_folder)),
      kind_(kind),
      stop_(std::move(stop)),
      packs_(git_folder_ / "objects" / "pack", format) {}

std::unique_ptr<PackImporter> RepositoryBuilder::import_pack() {
  return std::make_unique<PackImporter>(packs_, packs_.new_files(), stop_);
}

// HEAD and refs are written after all packs, and only if what they name is there.
void RepositoryBuilder::write_refs(const RefState& state) {
  for (const auto& ref : state.refs) {
    if (!packs_.contains(ref.oid)) throw missing_object(ref.name, ref.oid);
  }
  if (state.head.oid && !packs_.contains(*state.head.oid)) throw missing_object("HEAD", *state.head.oid);
  write_ref_files(git_folder_, state);
}

void RepositoryBuilder::set_origin(const std::string& url) {
  if (kind_ != RepositoryKind::mirror) return;
  const fs::path file = git_folder_ / "config";
  std::ofstream config(file, std::ios::binary | std::ios::app);
  config << "[remote \"origin\"]\n"
         << "\turl = " << config_value(url) << "\n\tfetch = +refs/*:refs/*\n\tmirror = true\n";
  config.close();
  if (!config) throw file_error(errno, "write", file.string());
}

}  // namespace hubkeep
