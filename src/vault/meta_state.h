// What a run compares with, so that it need not read the documents that are kept: of each its id, a hash, and
// what it is of; and how far each walk came. A repository may have a million documents, so that each takes
// some twenty bytes here, and what is stored is all of them once, and then what has changed.
// docs/storage-format.md, "parts.meta".
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "vault/meta_ids.h"
#include "vault/meta_part.h"
#include "vault/vault_objects.h"

namespace hubkeep {

/// A document that has to be asked for.
struct PendingDocument {
  std::string id;
  std::string node_id;
  std::string parent = {};  // of the document

  friend bool operator==(const PendingDocument&, const PendingDocument&) = default;
};

/// All of a kind is asked for, known or not.
struct MetaSweep {
  UtcTime began;
  std::string cursor;         // see MetaWalks
  bool has_seen_all = false;  // what was not seen is suspected

  friend bool operator==(const MetaSweep&, const MetaSweep&) = default;
};

/// What there is to know beside the documents, by kind but for the last three.
struct MetaWalks {
  std::map<std::string, std::string> cursors;  // how far a collector came, in its own words
  std::map<std::string, MetaSweep> sweeps;     // under way
  std::map<std::string, UtcTime> swept;        // when the last one that came to its end began
  std::map<std::string, std::map<std::string, PendingDocument>> pending;  // by id
  std::map<std::string, std::string> seen;  // by collector: what the listing said when it came to its end
  std::set<std::string> groups;             // of kinds that were wanted
  std::set<std::string> attachments;  // addresses that were found since the part `attachments` was saved

  friend bool operator==(const MetaWalks&, const MetaWalks&) = default;
};

/// The first 16 hex digits of a document's SHA-256, as a number.
std::uint64_t meta_hash(std::string_view document);

class MetaState {
 public:
  using Number = MetaIds::Number;

  std::size_t size() const { return hashes_.size(); }
  std::optional<Number> find(std::string_view kind, std::string_view id) const { return ids_.find(kind, id); }
  const MetaIds& ids() const { return ids_; }
  std::uint64_t hash_of(Number number) const { return hashes_[number]; }
  std::string parent_of(Number number) const;
  std::optional<UtcTime> gone_since(Number number) const;

  /// There is such a document, and it is not gone.
  Number put(std::string_view kind, std::string_view id, std::string_view parent, std::uint64_t hash);
  void set_gone(Number number, UtcTime since);

  /// Of the walk that goes on.
  bool is_seen(Number number) const { return (flags_[number] & kSeen) != 0; }
  void set_seen(Number number) { flags_[number] |= kSeen; }
  void forget_seen(std::string_view kind);
  /// Of the increment that is being written: whether it has a line of the document.
  bool is_written(Number number) const { return (flags_[number] & kWritten) != 0; }
  void set_written(Number number) { flags_[number] |= kWritten; }
  void forget_written();

  std::map<std::string, MetaCount> counts() const;

  MetaWalks walks;

  /// The state that the objects say: one of all, then perhaps one of changes. Throws Error as
  /// VaultObjects::read() does; corrupt for what is none.
  static MetaState read(VaultObjects& objects, const std::string& folder,
                        const std::vector<ObjectRecord>& stored, const std::stop_token& stop);
  /// Stores all of it, or beside the first of `before`, from which it was read or which it has stored, what
  /// has changed since while that is little. Returns what says it now.
  std::vector<ObjectRecord> write(VaultObjects& objects, const std::string& folder,
                                  const std::string& record_key, const std::vector<ObjectRecord>& before);

 private:
  static constexpr std::uint8_t kSeen = 1;
  static constexpr std::uint8_t kWritten = 2;
  static constexpr std::uint8_t kChanged = 4;  // since all was stored

  class Reader;
  void mark_changed(Number number);
  std::uint32_t code_of_parent(std::string_view parent);
  std::string seen_in(const std::string& kind, const std::vector<Number>& sorted) const;
  void see(const std::string& kind, std::string_view bits);

  MetaIds ids_;
  std::vector<std::uint64_t> hashes_;   // by number, as what follows
  std::vector<std::uint32_t> parents_;  // a number, or where it is in parent_texts_
  std::vector<std::uint8_t> flags_;
  std::unordered_map<Number, UtcTime> gone_;
  std::vector<std::string> parent_texts_;
  std::unordered_map<std::string, std::uint32_t> parent_codes_;
  std::size_t changed_ = 0;
};

}  // namespace hubkeep
