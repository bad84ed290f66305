// Depth first from each ref, with a mark for each object: the walk enters an object once, whichever ref leads
// there first. Blobs are only looked up, never read, and commits and trees are read in the order in which
// packs have them. Marks of an earlier proof are taken over: a repository that is put together of many packs
// is proved after each, and walking all of it each time would be quadratic. See
// BuilderTest.ProvesMoreWhenMoreHasCome.
#include "localgit/connectivity.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "git/object_links.h"
#include "localgit/builder_common.h"

namespace hubkeep {
namespace {

using OdbObjectHandle = std::unique_ptr<git_odb_object, FreeWith<git_odb_object_free>>;

git_oid to_git_oid(const Oid& oid) {
  git_oid raw;
  std::memcpy(raw.id, oid.raw().data(), sizeof raw.id);
  return raw;
}

class Walk {
 public:
  Walk(git_odb* odb, const std::stop_token& stop, ObjectMarks& marks)
      : odb_(odb), stop_(stop), marks_(marks) {}

  void from(std::string_view ref_name, const Oid& tip) {
    ref_name_ = ref_name;
    reach({tip, type_of_tip(tip)});
    while (!pending_.empty()) {
      const ObjectLink next = pending_.back();
      pending_.pop_back();
      if (stop_.stop_requested()) throw Error(ErrorKind::cancelled, "stopped while following the links");
      read(next);
    }
  }

 private:
  // Nobody says what a tip is, and a large blob need not be read to know that it has no links.
  ObjectType type_of_tip(const Oid& tip) const {
    const git_oid raw = to_git_oid(tip);
    std::size_t size = 0;
    git_object_t type = GIT_OBJECT_INVALID;
    const int result = git_odb_read_header(&size, &type, odb_, &raw);
    if (result == GIT_ENOTFOUND) throw lacks_object(ref_name_, "object", tip.hex());
    check_libgit2(result, "read the object " + tip.hex(), ErrorKind::corrupt);
    return static_cast<ObjectType>(type);
  }

  void reach(const ObjectLink& link) {
    const auto found = marks_.mark(link.oid);
    if (found == ObjectMarks::Found::missing)
      throw lacks_object(ref_name_, to_string(link.type), link.oid.hex());
    if (found == ObjectMarks::Found::marked_now && link.type != ObjectType::blob) pending_.push_back(link);
  }

  void read(const ObjectLink& link) {
    const git_oid raw = to_git_oid(link.oid);
    git_odb_object* handle = nullptr;
    if (git_odb_read(&handle, odb_, &raw) < 0)
      throw libgit2_error("read the object " + link.oid.hex(), ErrorKind::corrupt)
          .with_context(printable(ref_name_));
    const OdbObjectHandle object(handle);
    const std::string_view content(static_cast<const char*>(git_odb_object_data(handle)),
                                   git_odb_object_size(handle));
    const auto type = static_cast<ObjectType>(git_odb_object_type(handle));
    if (type != link.type) {
      throw Error(ErrorKind::corrupt,
                  fmt::format("{} leads to {} as a {}, and it is a {}", printable(ref_name_), link.oid.hex(),
                              to_string(link.type), to_string(type)));
    }
    // What is named last is read first: the newest commit's files before its parents, as packs have them.
    const std::size_t begin = pending_.size();
    for_each_link(type, content, ObjectFormat::sha1, [&](const ObjectLink& next) { reach(next); });
    std::reverse(pending_.begin() + static_cast<std::ptrdiff_t>(begin), pending_.end());
  }

  git_odb* odb_;
  const std::stop_token& stop_;
  ObjectMarks& marks_;
  std::string_view ref_name_;
  std::vector<ObjectLink> pending_;
};

}  // namespace

// Both lists are sorted, so the marks of the earlier one are taken over in a single pass.
ObjectMarks::ObjectMarks(git_odb* odb, const ObjectMarks& before) {
  check_libgit2(git_odb_foreach(odb, &add, &names_), "list the objects", ErrorKind::corrupt);
  std::sort(names_.begin(), names_.end());
  names_.erase(std::unique(names_.begin(), names_.end()), names_.end());
  marked_.resize(names_.size());
  std::size_t known = 0;
  for (std::size_t place = 0; place < names_.size(); ++place) {
    while (known < before.names_.size() && before.names_[known] < names_[place]) ++known;
    marked_[place] =
        known < before.names_.size() && before.names_[known] == names_[place] && before.marked_[known];
  }
}

ObjectMarks::Found ObjectMarks::mark(const Oid& oid) {
  RawOid raw;
  std::memcpy(raw.data(), oid.raw().data(), raw.size());
  const auto place = std::lower_bound(names_.begin(), names_.end(), raw);
  if (place == names_.end() || *place != raw) return Found::missing;
  const auto mark = marked_.begin() + (place - names_.begin());
  if (*mark) return Found::marked_before;
  *mark = true;
  return Found::marked_now;
}

int ObjectMarks::add(const git_oid* oid, void* names) {
  RawOid raw;
  std::memcpy(raw.data(), oid->id, raw.size());
  static_cast<std::vector<RawOid>*>(names)->push_back(raw);
  return 0;
}

void ConnectivityProof::prove(git_odb* odb, const RefState& state, const std::stop_token& stop) {
  ObjectMarks marks(odb, proved_);
  Walk walk(odb, stop, marks);
  for (const Ref& ref : state.refs) walk.from(ref.name, ref.oid);
  if (state.head.oid) walk.from("HEAD", *state.head.oid);
  // Beyond this point all that was marked is whole; a walk that ended early says that of nothing.
  proved_ = std::move(marks);
}

}  // namespace hubkeep
