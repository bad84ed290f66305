// All refs in one sorted file, as git itself packs them: a file for each would take an inode for each of a
// million refs.
#include "localgit/packed_refs.h"

#include <fmt/format.h>

#include <cerrno>
#include <fstream>
#include <functional>
#include <system_error>

#include "base/error.h"
#include "base/text.h"

namespace hubkeep {
namespace {

// "sorted" lets git search instead of reading all. Peeled tags are not promised: git peels when it needs to.
constexpr std::string_view kPackedRefsHeader = "# pack-refs with: sorted \n";
constexpr std::string_view kDefaultBranch = "refs/heads/main";

void check_ref_name(std::string_view name) {
  if (is_valid_ref_name(name)) return;
  throw Error(ErrorKind::corrupt, "not a valid ref name: " + printable(name.substr(0, 300)));
}

void write_file(const std::filesystem::path& path, const std::function<void(std::ostream&)>& write) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  write(file);
  file.close();
  if (file) return;
  throw Error(ErrorKind::internal, fmt::format("cannot write {}: {}", printable(path.string()),
                                               std::generic_category().message(errno)));
}

}  // namespace

void write_packed_refs(const RefState& state, std::ostream& to) {
  to << kPackedRefsHeader;
  for (const auto& ref : state.refs) {
    check_ref_name(ref.name);
    to << ref.oid.hex() << ' ' << ref.name << '\n';
  }
}

std::string format_head(const Head& head) {
  if (head.symref_target.empty() && head.oid) return head.oid->hex() + "\n";
  // HEAD must say something, or git does not take the folder for a repository.
  const std::string_view target = head.symref_target.empty() ? kDefaultBranch : head.symref_target;
  check_ref_name(target);
  return fmt::format("ref: {}\n", target);
}

std::optional<Oid> born_head(const RefState& state) {
  if (state.head.symref_target.empty()) return state.head.oid;
  for (const Ref& ref : state.refs) {
    if (ref.name == state.head.symref_target) return ref.oid;
  }
  return std::nullopt;
}

void write_ref_files(const std::filesystem::path& git_folder, const RefState& state) {
  const std::string head = format_head(state.head);
  write_file(git_folder / "packed-refs", [&](std::ostream& file) { write_packed_refs(state, file); });
  write_file(git_folder / "HEAD", [&](std::ostream& file) { file << head; });
}

}  // namespace hubkeep
