// Blobs come out of libgit2's objects, or in pieces out of the packs where they are large. Only a disk that
// is full or fails ends the work: then every further file would fail as well.
#include "localgit/check_out_by_libgit2.h"

#include <fmt/format.h>

#include <algorithm>
#include <new>

#include "base/error.h"
#include "base/text.h"
#include "localgit/builder_common.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;

// Larger blobs are not held in memory, where they need not be.
constexpr std::size_t kLargeBlob = std::size_t{4} << 20;
constexpr std::size_t kMaxGitmodules = std::size_t{1} << 20;
constexpr std::size_t kMaxLinkTarget = 1 << 16;  // Linux takes 4095 bytes
constexpr int kMostTags = 100;                   // that name tags, one after the other

RepositoryHandle open_repository(const fs::path& folder) {
  start_libgit2();
  git_repository* repository = nullptr;
  check_libgit2(git_repository_open_ext(&repository, folder.c_str(), GIT_REPOSITORY_OPEN_NO_SEARCH, nullptr),
                "open the repository in " + printable(folder.string()));
  return RepositoryHandle(repository);
}

OdbHandle open_objects(git_repository* repository) {
  git_odb* odb = nullptr;
  check_libgit2(git_repository_odb(&odb, repository), "open the objects");
  return OdbHandle(odb);
}

constexpr std::string_view kAttributes = ".gitattributes";

bool is_attribute_file(const PlannedEntry& entry) {
  const std::string_view path = entry.path;
  return entry.mode != EntryMode::submodule && path.substr(path.rfind('/') + 1) == kAttributes;
}

git_oid raw_name(const Oid& oid) {
  git_oid raw;
  check_libgit2(git_oid_fromstr(&raw, oid.hex().c_str()), "read the object name " + oid.hex());
  return raw;
}

}  // namespace

Libgit2CheckOut::Libgit2CheckOut(const fs::path& folder, CheckOutReport& report, const std::stop_token& stop)
    : report_(report),
      stop_(stop),
      repository_(open_repository(folder)),
      odb_(open_objects(repository_.get())),
      blobs_(fs::path(git_repository_path(repository_.get())) / "objects" / "pack"),
      work_tree_(folder),
      folder_(folder) {}

template <typename Action>
void Libgit2CheckOut::reporting(const std::string& path, Action&& action) {
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

std::string Libgit2CheckOut::read(const Oid& oid, std::optional<ObjectType> type) const {
  const git_oid raw = raw_name(oid);
  git_odb_object* handle = nullptr;
  check_libgit2(git_odb_read(&handle, odb_.get(), &raw), "read the object " + oid.hex(), ErrorKind::corrupt);
  const std::unique_ptr<git_odb_object, FreeWith<git_odb_object_free>> object(handle);
  if (type && static_cast<ObjectType>(git_odb_object_type(handle)) != *type)
    throw Error(ErrorKind::corrupt, fmt::format("the object {} is no {}", oid.hex(), to_string(*type)));
  return {static_cast<const char*>(git_odb_object_data(handle)), git_odb_object_size(handle)};
}

std::pair<ObjectType, std::size_t> Libgit2CheckOut::type_and_size(const Oid& oid) const {
  const git_oid raw = raw_name(oid);
  std::size_t size = 0;
  git_object_t type = GIT_OBJECT_INVALID;
  check_libgit2(git_odb_read_header(&size, &type, odb_.get(), &raw), "read the object " + oid.hex(),
                ErrorKind::corrupt);
  return {static_cast<ObjectType>(type), size};
}

// HEAD leads to a commit, perhaps over tags, and that to its tree.
std::vector<PlannedEntry> Libgit2CheckOut::plan(const Oid& head, const WorkTreeLimits& limits,
                                                const std::function<void(const Oid&)>& met) {
  std::optional<Oid> tree;
  reporting("HEAD", [&] {
    Oid oid = head;
    auto type = type_and_size(oid).first;
    for (int links = 0; type == ObjectType::tag || type == ObjectType::commit; ++links) {
      if (links > kMostTags) throw Error(ErrorKind::corrupt, "it leads to tags of tags without end");
      met(oid);
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
  if (!tree) return {};
  const auto read_tree = [&](const Oid& oid) {
    met(oid);
    return read(oid, ObjectType::tree);
  };
  auto entries = plan_work_tree(*tree, read_tree, report_, limits, stop_);
  for (const PlannedEntry& entry : entries) {
    if (is_attribute_file(entry)) attribute_files_.emplace(entry.path, entry.oid);
  }
  return entries;
}

std::vector<FileFacts> Libgit2CheckOut::write(const std::vector<PlannedEntry>& entries) {
  std::vector<FileFacts> found(entries.size());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (stop_.stop_requested()) throw Error(ErrorKind::cancelled, "stopped while checking out");
    reporting(entries[i].path, [&] { found[i] = write_one(entries[i]); });
  }
  return found;
}

// A clone of it works as well, and git says so at the first command.
void Libgit2CheckOut::look_at_gitmodules() {
  const fs::path file = work_tree_ / ".gitmodules";
  std::error_code ignored;
  if (fs::file_size(file, ignored) > kMaxGitmodules) return;
  git_config* config = nullptr;
  const int result = git_config_open_ondisk(&config, file.c_str());
  const ConfigHandle handle(config);
  if (result < 0)
    report_.add_notice(gitmodules_notice(libgit2_error("read it", ErrorKind::corrupt).message()));
}

FileFacts Libgit2CheckOut::write_one(const PlannedEntry& entry) {
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

FileFacts Libgit2CheckOut::write_file(const PlannedEntry& entry) {
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

std::optional<std::string> Libgit2CheckOut::read_attributes(const std::string& folder) const {
  const auto file = attribute_files_.find(folder + std::string(kAttributes));
  if (file == attribute_files_.end()) return std::nullopt;
  return read(file->second, ObjectType::blob);
}

Conversion Libgit2CheckOut::conversion_of(const std::string& path) {
  // Without any .gitattributes nothing needs to be looked up for each file.
  if (attribute_files_.empty()) return {};
  try {
    AttributeValues values = attributes_.of(path);
    return conversion_by({.text = std::move(values["text"]),
                          .crlf = std::move(values["crlf"]),
                          .eol = std::move(values["eol"]),
                          .ident = std::move(values["ident"]),
                          .encoding = std::move(values["working-tree-encoding"])});
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::cancelled) throw;
    return {.problem =
                "its attributes cannot be applied, so it is written as it is stored: " + error.message()};
  }
}

}  // namespace hubkeep
