// The table is matched as it is written: a pattern is text with placeholders, and the first row that fits
// decides. A new kind of object is a row here, a line in docs/storage-format.md, and nothing else.
#include "vault/key_kind.h"

#include <algorithm>
#include <array>

#include "store/object_key.h"
#include "vault/names.h"
#include "vault/subject.h"

namespace hubkeep {
namespace {

constexpr std::array kRoot = {
    KeyPattern{"hubkeep.json", KeyKind::identity},
    KeyPattern{"README.txt", KeyKind::readme},
    KeyPattern{"catalog.jsonl.zst", KeyKind::catalog, Encoding::sealed},
    KeyPattern{"lease.json", KeyKind::lease},
    KeyPattern{"state/<host>.jsonl.zst", KeyKind::state, Encoding::sealed},
    KeyPattern{"runs/<run>.jsonl.zst", KeyKind::run, Encoding::zstd},
    KeyPattern{"runs/<run>/plan.json", KeyKind::plan},
    KeyPattern{"runs/<run>/<batch>.<attempt>.jsonl.zst", KeyKind::plan, Encoding::zstd},
    KeyPattern{"drills/<drill>.json", KeyKind::drill},
    KeyPattern{"doctor/<run>/<rest>", KeyKind::doctor},
    KeyPattern{"zip/<YYYY-MM-DD>/metadata.json", KeyKind::zip_names},
    KeyPattern{"zip/<YYYY-MM-DD>/<owner>/<name>-<commit>.zip", KeyKind::zip},
    KeyPattern{"lfs/<aa>/<bb>/<oid>", KeyKind::content},
    KeyPattern{"attachments/<aa>/<bb>/<oid>", KeyKind::content},
};

constexpr std::array kInSubject = {
    KeyPattern{"snapshots/<snapshot>.json.zst", KeyKind::manifest, Encoding::zstd},
    KeyPattern{"removed/<run>.jsonl.zst", KeyKind::removed, Encoding::sealed},
    KeyPattern{"<part>/<snapshot>.refs.zst", KeyKind::refs, Encoding::zstd},
    KeyPattern{"<part>/<snapshot>.idx", KeyKind::index},
    KeyPattern{"<part>/<snapshot>.list.zst", KeyKind::list, Encoding::zstd},
    KeyPattern{"<part>/<snapshot>.cursor.zst", KeyKind::cursor, Encoding::zstd},
    KeyPattern{"<part>/<snapshot>.bundle", KeyKind::content},
    KeyPattern{"<part>/<snapshot>.jsonl.zst", KeyKind::content, Encoding::zstd},
    KeyPattern{"<part>/assets/<asset>", KeyKind::content},
    KeyPattern{"<part>/<rest>", KeyKind::other},
};

bool is_hexadecimal(std::string_view text, std::size_t size) {
  return text.size() == size && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool is_number(std::string_view text) {
  return text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool is_day(std::string_view text) {
  return text.size() == 10 && text[4] == '-' && text[7] == '-' && is_number(text.substr(0, 4)) &&
         is_number(text.substr(5, 2)) && is_number(text.substr(8));
}

/// Whether `text`, which is not empty, may stand for the placeholder.
bool fits(std::string_view name, std::string_view text) {
  constexpr std::size_t kIdSize = 23;  // of "20261123T184501Z-3f9a1c"
  constexpr std::size_t kSha256Size = 64;
  if (name == "snapshot" || name == "run" || name == "drill")
    return text.size() == kIdSize && SnapshotId::parse(text).has_value();
  if (name == "id" || name == "batch" || name == "attempt") return is_number(text);
  if (name == "YYYY-MM-DD") return is_day(text);
  if (name == "aa" || name == "bb") return is_hexadecimal(text, 2);
  if (name == "oid") return is_hexadecimal(text, kSha256Size);
  if (name == "part") return text != "snapshots" && text != "removed";
  return true;
}

bool matches(std::string_view pattern, std::string_view key) {
  const std::size_t open = std::min(pattern.find('<'), pattern.size());
  if (pattern.substr(0, open) != key.substr(0, open)) return false;
  if (open == pattern.size()) return key.size() == open;
  pattern.remove_prefix(open + 1);
  key.remove_prefix(open);
  const std::string_view name = pattern.substr(0, pattern.find('>'));
  pattern.remove_prefix(name.size() + 1);
  const std::size_t longest = name == "rest" ? key.size() : std::min(key.find('/'), key.size());
  for (std::size_t size = 1; size <= longest; ++size)
    if (fits(name, key.substr(0, size)) && matches(pattern, key.substr(size))) return true;
  return false;
}

const KeyPattern* find_row(std::span<const KeyPattern> rows, std::string_view key) {
  const auto found =
      std::find_if(rows.begin(), rows.end(), [&](const KeyPattern& row) { return matches(row.text, key); });
  return found == rows.end() ? nullptr : &*found;
}

/// Whether a folder is one of a subject's.
bool is_subject_folder(std::string_view folder) {
  return std::any_of(kSubjectRoots.begin(), kSubjectRoots.end(),
                     [&](const SubjectRoot& root) { return matches(root.pattern, folder); });
}

}  // namespace

const KeyPattern* pattern_of(std::string_view key) {
  if (!is_valid_key(key)) return nullptr;
  const auto folder = subject_folder_of(key);
  if (folder.empty()) return find_row(kRoot, key);
  return is_subject_folder(folder) ? find_row(kInSubject, key.substr(folder.size())) : nullptr;
}

std::optional<KeyKind> kind_of(std::string_view key) {
  const KeyPattern* row = pattern_of(key);
  return row == nullptr ? std::nullopt : std::optional(row->kind);
}

Encoding encoding_of(std::string_view key) {
  const KeyPattern* row = pattern_of(key);
  return row == nullptr ? Encoding::identity : row->encoding;
}

bool is_content(KeyKind kind) {
  return kind == KeyKind::content || kind == KeyKind::zip;
}

bool is_mutable(KeyKind kind) {
  return kind == KeyKind::catalog || kind == KeyKind::state || kind == KeyKind::lease ||
         kind == KeyKind::zip_names;
}

bool may_expire(KeyKind kind) {
  return kind == KeyKind::zip || kind == KeyKind::zip_names || kind == KeyKind::run ||
         kind == KeyKind::plan || kind == KeyKind::drill || kind == KeyKind::doctor;
}

bool is_read_by_every_run(KeyKind kind) {
  return !is_content(kind) && kind != KeyKind::run && kind != KeyKind::plan && kind != KeyKind::drill &&
         kind != KeyKind::doctor;
}

std::vector<std::string_view> root_names() {
  std::vector<std::string_view> names;
  const auto add = [&](std::string_view pattern) {
    const auto name = pattern.substr(0, std::min(pattern.find('/'), pattern.size() - 1) + 1);
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  };
  for (const KeyPattern& row : kRoot) add(row.text);
  for (const SubjectRoot& root : kSubjectRoots) add(root.folder);
  return names;
}

std::span<const KeyPattern> root_patterns() {
  return kRoot;
}

std::span<const KeyPattern> subject_patterns() {
  return kInSubject;
}

}  // namespace hubkeep
