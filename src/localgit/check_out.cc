// The trees are planned first, see work_tree_plan.h. Then the index is written, since libgit2 reads
// .gitattributes from there; then each file, its failure noted beside its name; then the index again, with
// what the files have become. Only a disk that is full or fails ends it: then every further file would fail
// as well.
#include "localgit/check_out.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <new>
#include <optional>

#include "base/error.h"
#include "base/text.h"
#include "git/object_links.h"
#include "localgit/builder_common.h"
#include "localgit/check_out_by_git.h"
#include "localgit/conversion.h"
#include "localgit/index_file.h"
#include "localgit/libgit2_handle.h"
#include "localgit/packed_refs.h"
#include "localgit/whole_blobs.h"
#include "localgit/work_tree_folder.h"
#include "localgit/work_tree_plan.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;

// Larger blobs are not held in memory, where they need not be.
constexpr std::size_t kLargeBlob = std::size_t{4} << 20;
constexpr std::size_t kMaxGitmodules = std::size_t{1} << 20;
constexpr std::size_t kMaxLinkTarget = 1 << 16;  // Linux takes 4095 bytes

RepositoryHandle open_repository(const fs::path& folder) {
  start_libgit2();
  git_repository* repository = nullptr;
  check_libgit2(git_repository_open_ext(&repository, folder.c_str(), GIT_REPOSITORY_OPEN_NO_SEARCH, nullptr),
                "open the repository in " + printable(folder.string()));
  return RepositoryHandle(repository);
}

Attribute to_attribute(const char* value) {
  switch (git_attr_value(value)) {
    case GIT_ATTR_VALUE_TRUE:
      return {Attribute::State::set, {}};
    case GIT_ATTR_VALUE_FALSE:
      return {Attribute::State::unset, {}};
    case GIT_ATTR_VALUE_STRING:
      return {Attribute::State::value, value};
    case GIT_ATTR_VALUE_UNSPECIFIED:
      break;
  }
  return {};
}

// One work tree on its way out of libgit2's objects.
class CheckOut {
 public:
  CheckOut(const fs::path& folder, const std::stop_token& stop)
      : stop_(stop),
        repository_(open_repository(folder)),
        git_folder_(git_repository_path(repository_.get())),
        blobs_(git_folder_ / "objects" / "pack"),
        work_tree_(folder),
        folder_(folder) {
    git_odb* odb = nullptr;
    check_libgit2(git_repository_odb(&odb, repository_.get()), "open the objects");
    odb_.reset(odb);
  }

  CheckOutReport run(const Oid& head, const WorkTreeLimits& limits) {
    const auto tree = tree_of(head);
    if (!tree) return std::move(report_);
    const auto read_tree = [&](const Oid& oid) { return read(oid, ObjectType::tree); };
    entries_ = plan_work_tree(*tree, read_tree, report_, limits, stop_);
    has_attributes_ = std::any_of(entries_.begin(), entries_.end(),
                                  [](const PlannedEntry& entry) { return is_attribute_file(entry.path); });
    // The attributes are read from the index, so it comes first; with the files' times it is written again.
    write_index_file({});
    std::vector<FileFacts> found(entries_.size());
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      if (stop_.stop_requested()) throw Error(ErrorKind::cancelled, "stopped while checking out");
      const PlannedEntry& entry = entries_[i];
      reporting(entry.path, [&] { found[i] = write(entry); });
    }
    write_index_file(found);
    look_at_gitmodules();
    return std::move(report_);
  }

 private:
  static bool is_attribute_file(std::string_view path) {
    return path == ".gitattributes" || path.ends_with("/.gitattributes");
  }

  template <typename Action>
  void reporting(const std::string& path, Action&& action) {
    try {
      action();
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::cancelled) throw;
      if (folder_.disk_failed()) throw error.with_context("cannot write " + printable(path));
      report_.add(path, error.message());
    } catch (const std::bad_alloc&) {
      report_.add(path, "there is not enough memory for it");
    }
  }

  std::string read(const Oid& oid, std::optional<ObjectType> type) const {
    git_oid raw;
    check_libgit2(git_oid_fromstr(&raw, oid.hex().c_str()), "read the object name " + oid.hex());
    git_odb_object* handle = nullptr;
    check_libgit2(git_odb_read(&handle, odb_.get(), &raw), "read the object " + oid.hex(),
                  ErrorKind::corrupt);
    const std::unique_ptr<git_odb_object, FreeWith<git_odb_object_free>> object(handle);
    if (type && static_cast<ObjectType>(git_odb_object_type(handle)) != *type)
      throw Error(ErrorKind::corrupt, fmt::format("the object {} is no {}", oid.hex(), to_string(*type)));
    return {static_cast<const char*>(git_odb_object_data(handle)), git_odb_object_size(handle)};
  }

  std::pair<ObjectType, std::size_t> type_and_size(const Oid& oid) const {
    git_oid raw;
    check_libgit2(git_oid_fromstr(&raw, oid.hex().c_str()), "read the object name " + oid.hex());
    std::size_t size = 0;
    git_object_t type = GIT_OBJECT_INVALID;
    check_libgit2(git_odb_read_header(&size, &type, odb_.get(), &raw), "read the object " + oid.hex(),
                  ErrorKind::corrupt);
    return {static_cast<ObjectType>(type), size};
  }

  // HEAD leads to a commit, perhaps over tags, and that to its tree.
  std::optional<Oid> tree_of(Oid oid) {
    std::optional<Oid> tree;
    reporting("HEAD", [&] {
      auto type = type_and_size(oid).first;
      while (type == ObjectType::tag || type == ObjectType::commit) {
        std::optional<ObjectLink> first;
        for_each_link(type, read(oid, type), oid.format(), [&](const ObjectLink& link) {
          if (!first) first = link;
        });
        oid = first->oid;
        type = first->type;
      }
      if (type != ObjectType::tree) throw Error(ErrorKind::invalid, "it leads to a file and not to a commit");
      tree = oid;
    });
    return tree;
  }

  // A clone of it works as well, and git says so at the first command.
  void look_at_gitmodules() {
    const auto is_it = [](const PlannedEntry& entry) { return entry.path == ".gitmodules"; };
    const auto file = std::find_if(entries_.begin(), entries_.end(), is_it);
    if (file == entries_.end() || file->mode == EntryMode::submodule) return;
    reporting(file->path, [&] {
      if (type_and_size(file->oid).second > kMaxGitmodules) return;
      git_config* config = nullptr;
      const int result = git_config_open_ondisk(&config, (work_tree_ / ".gitmodules").c_str());
      const ConfigHandle handle(config);
      if (result < 0)
        report_.notice = gitmodules_notice(libgit2_error("read it", ErrorKind::corrupt).message());
    });
  }

  void write_index_file(const std::vector<FileFacts>& found) {
    write_index(git_folder_ / "index", ObjectFormat::sha1, entries_, found);
  }

  FileFacts write(const PlannedEntry& entry) {
    switch (entry.mode) {
      case EntryMode::submodule:
        return folder_.make_folder(entry.path);
      case EntryMode::symbolic_link: {
        if (type_and_size(entry.oid).second > kMaxLinkTarget)
          throw Error(ErrorKind::invalid, "what the symbolic link leads to has too long a name");
        return folder_.write_link(entry.path, read(entry.oid, ObjectType::blob));
      }
      default:
        return write_file(entry);
    }
  }

  FileFacts write_file(const PlannedEntry& entry) {
    const Conversion conversion = conversion_of(entry.path);
    if (!conversion.problem.empty()) report_.add(entry.path, conversion.problem);
    return folder_.write_file(entry.path, entry.mode == EntryMode::executable, [&](ByteSink& sink) {
      // A conversion needs the whole file, whatever its size.
      const bool large = conversion.changes_nothing() && type_and_size(entry.oid).second > kLargeBlob;
      if (large && blobs_.write(entry.oid, sink)) return;
      auto converted = convert_to_work_tree(read(entry.oid, ObjectType::blob), conversion, entry.oid.hex());
      if (!converted.problem.empty()) report_.add(entry.path, converted.problem);
      sink.write(converted.content);
    });
  }

  Conversion conversion_of(const std::string& path) {
    if (!has_attributes_) return {};
    constexpr std::size_t kCount = 5;
    std::array<const char*, kCount> names = {"text", "crlf", "eol", "ident", "working-tree-encoding"};
    std::array<const char*, kCount> values{};
    git_attr_options options = GIT_ATTR_OPTIONS_INIT;
    options.flags = GIT_ATTR_CHECK_INDEX_ONLY | GIT_ATTR_CHECK_NO_SYSTEM;
    check_libgit2(
        git_attr_get_many_ext(values.data(), repository_.get(), &options, path.c_str(), kCount, names.data()),
        "read the attributes");
    return conversion_by({.text = to_attribute(values[0]),
                          .crlf = to_attribute(values[1]),
                          .eol = to_attribute(values[2]),
                          .ident = to_attribute(values[3]),
                          .encoding = to_attribute(values[4])});
  }

  const std::stop_token& stop_;
  RepositoryHandle repository_;
  fs::path git_folder_;
  OdbHandle odb_;
  WholeBlobs blobs_;
  const fs::path work_tree_;
  WorkTreeFolder folder_;
  CheckOutReport report_;
  std::vector<PlannedEntry> entries_;
  // Without any .gitattributes nothing needs to be looked up for each file.
  bool has_attributes_ = false;
};

// As `git clone` says of a HEAD that leads nowhere.
CheckOutReport without_head(const RefState& state) {
  CheckOutReport report;
  if (state.refs.empty()) return report;
  report.notice = state.head.symref_target.empty()
                      ? std::string("its HEAD leads nowhere, so no file is checked out")
                      : fmt::format("its HEAD names {}, which is not there, so no file is checked out",
                                    printable(state.head.symref_target));
  report.notice += ": the history is whole, choose a branch with `git switch`";
  return report;
}

}  // namespace

CheckOutReport check_out(const fs::path& folder, const RefState& state, const std::stop_token& stop,
                         const WorkTreeLimits& limits) {
  const auto head = born_head(state);
  if (!head) return without_head(state);
  if (stop.stop_requested()) throw Error(ErrorKind::cancelled, "stopped before the check out");
  if (state.format == ObjectFormat::sha256) return check_out_by_git(folder, stop, limits);
  return CheckOut(folder, stop).run(*head, limits);
}

}  // namespace hubkeep
