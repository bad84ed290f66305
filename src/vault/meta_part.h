// The part `meta` of a repository or an account: increments of documents, oldest first, and a state with what
// the next run compares with. docs/storage-format.md, "parts.meta".
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "vault/object_record.h"
#include "vault/part.h"

namespace hubkeep {

constexpr std::string_view kMetaPart = "meta";

/// An object with lines of documents.
struct MetaIncrement {
  ObjectRecord record;
  /// Lines that a later one of the same object replaces.
  std::uint64_t replaced = 0;

  friend bool operator==(const MetaIncrement&, const MetaIncrement&) = default;
};

/// How many documents of a kind there are.
struct MetaCount {
  std::uint64_t kept = 0;                    // and not gone
  std::uint64_t gone = 0;                    // kept, and not on GitHub any more
  std::optional<std::uint64_t> github = {};  // as GitHub counts; nothing: it was not said

  friend bool operator==(const MetaCount&, const MetaCount&) = default;
};

struct MetaPart {
  PartStatus status = PartStatus::ok;
  std::vector<MetaIncrement> documents;              // oldest first
  std::vector<ObjectRecord> cursor;                  // the state: of all, then perhaps changes
  std::map<std::string, MetaCount> counts;           // by kind, as all below
  std::map<std::string, std::string> not_permitted;  // the permission that would bring it, as GitHub names it
  std::set<std::string> absent;                      // switched off
  std::map<std::string, std::string> lacking;        // why GitHub gives out no more
  std::uint64_t pending = 0;                         // documents that are still to be asked for, at least

  friend bool operator==(const MetaPart&, const MetaPart&) = default;
};

/// Whether a part `meta` is of this kind: that of a gist is another.
bool is_meta_part(const Part& part);
/// The typed view of a part. Throws Error(corrupt) for one that is not of this kind.
MetaPart meta_part(const Part& part);
Part to_part(const MetaPart& meta);

/// Where the vault has another number of documents than GitHub says.
struct MetaDifference {
  std::string kind;
  MetaCount count;
  std::string why;  // for people; empty: nothing explains it
};
/// Pure.
std::vector<MetaDifference> differences_of(const MetaPart& meta);

}  // namespace hubkeep
