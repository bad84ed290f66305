#include "browse/revision.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "browse/tree_path.h"

namespace hubkeep {
namespace {

constexpr std::size_t kShortest = 4;  // git's MINIMUM_ABBREV
constexpr std::size_t kUsual = 7;     // git's FALLBACK_DEFAULT_ABBREV
constexpr std::size_t kMostNamed = 10;
constexpr int kMostTags = 100;  // that name tags, one after the other

[[noreturn]] void refuse(ErrorKind kind, std::string message) {
  throw Error(kind, std::move(message));
}

Oid head_of(const RefState& refs) {
  if (refs.head.oid) return *refs.head.oid;
  if (refs.head.symref_target.empty())
    refuse(ErrorKind::invalid, "the snapshot has no HEAD: name a branch with --ref");
  refuse(ErrorKind::invalid,
         fmt::format("HEAD is {}, which has no commit yet{}", printable(refs.head.symref_target),
                     refs.refs.empty() ? "" : ": name another branch with --ref"));
}

std::optional<Oid> find_ref(const RefState& refs, const std::string& name) {
  std::optional<Oid> found;
  for (const auto& ref : refs.refs)
    if (ref.name == name) found = ref.oid;
  return found;
}

bool is_abbreviation(std::string_view name, ObjectFormat format) {
  return name.size() >= kShortest && name.size() <= hex_size(format) &&
         name.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// Where several begin so, git takes the only one that is a commit.
Oid the_only_one(PackChain& objects, std::string_view name, const std::vector<Oid>& found,
                 const std::stop_token& stop) {
  if (found.size() == 1) return found.front();
  std::vector<Oid> commits;
  std::string all;
  for (const Oid& oid : found) {
    const auto object = objects.read(oid, stop);
    if (object && (object->type == ObjectType::commit || object->type == ObjectType::tag))
      commits.push_back(oid);
    all +=
        fmt::format("{}{} ({})", all.empty() ? "" : ", ", oid.hex(), object ? to_string(object->type) : "");
  }
  if (commits.size() == 1 && found.size() < kMostNamed) return commits.front();
  refuse(ErrorKind::invalid, fmt::format("several objects begin with {}, say more of its digits: {}{}", name,
                                         all, found.size() < kMostNamed ? "" : ", …"));
}

}  // namespace

Oid find_revision(const RefState& refs, PackChain& objects, std::string_view name,
                  const std::stop_token& stop) {
  const std::string text(name);
  if (text.empty() || text == "HEAD") return head_of(refs);
  for (const std::string& full : {text, "refs/" + text})
    if (full.starts_with("refs/"))
      if (const auto oid = find_ref(refs, full)) return *oid;
  const auto tag = find_ref(refs, "refs/tags/" + text);
  const auto branch = find_ref(refs, "refs/heads/" + text);
  if (tag && branch && *tag != *branch)
    refuse(ErrorKind::invalid,
           fmt::format("{0} is a tag and a branch: say tags/{0} or heads/{0}", printable(name)));
  if (tag) return *tag;
  if (branch) return *branch;
  if (is_abbreviation(name, refs.format)) {
    const auto found = objects.find_abbreviated(name, kMostNamed);
    if (!found.empty()) return the_only_one(objects, name, found, stop);
  }
  refuse(ErrorKind::invalid,
         fmt::format("the snapshot has no branch, tag, ref or object {}", printable(name)));
}

std::string abbreviation_of(const PackChain& objects, const Oid& oid) {
  // Half the digits that all objects need: where two of them might fall together (git, find_unique_abbrev).
  std::size_t digits = std::max<std::size_t>(kUsual, (std::bit_width(objects.size()) + 1U) / 2);
  const std::string hex = oid.hex();
  while (digits < hex.size() &&
         objects.find_abbreviated(std::string_view(hex).substr(0, digits), 2).size() > 1)
    ++digits;
  return hex.substr(0, digits);
}

Oid commit_of(PackChain& objects, const Oid& revision, const std::stop_token& stop) {
  Oid at = revision;
  for (int tags = 0; tags < kMostTags; ++tags) {
    const auto object = objects.read(at, stop);
    if (!object) refuse(ErrorKind::corrupt, fmt::format("{} is not in the snapshot", at.hex()));
    if (object->type == ObjectType::commit) return at;
    if (object->type != ObjectType::tag)
      refuse(ErrorKind::invalid, fmt::format("{} is a {}, not a commit", at.hex(), to_string(object->type)));
    for_each_link(ObjectType::tag, object->content, objects.format(),
                  [&](const ObjectLink& link) { at = link.oid; });
  }
  refuse(ErrorKind::invalid, fmt::format("{} is a tag of tags without end", revision.hex()));
}

Oid tree_of(PackChain& objects, const Oid& revision, const std::stop_token& stop) {
  Oid at = revision;
  for (int tags = 0; tags < kMostTags; ++tags) {
    const auto object = objects.read(at, stop);
    if (!object) refuse(ErrorKind::corrupt, fmt::format("{} is not in the snapshot", at.hex()));
    if (object->type == ObjectType::tree) return at;
    if (object->type == ObjectType::blob)
      refuse(ErrorKind::invalid, fmt::format("{} is a file's content, not a commit", at.hex()));
    bool first = true;  // a commit names its tree first, a tag one object only
    for_each_link(object->type, object->content, objects.format(), [&](const ObjectLink& link) {
      if (first) at = link.oid;
      first = false;
    });
  }
  refuse(ErrorKind::invalid, fmt::format("{} is a tag of tags without end", revision.hex()));
}

}  // namespace hubkeep
