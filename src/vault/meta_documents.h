// The documents of a part `meta`, read out of its increments: of each kind and id the newest, with when it
// was first missed if it is gone. Nothing is held but one line, and a few bytes for each document that is
// wanted.
#pragma once

#include <functional>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>

#include "vault/meta_line.h"
#include "vault/meta_part.h"
#include "vault/vault_objects.h"

namespace hubkeep {

/// Which documents are wanted; what is empty does not restrict.
struct MetaFilter {
  std::set<std::string, std::less<>> kinds = {};  // as to_string(MetaKind) has them
  std::string id = {};
  std::string parent = {};
  std::string number = {};  // of an issue: the parent, or the id of what has none

  bool matches(const MetaLine& line) const;
  /// Of a line as it stands: false where it cannot match, which takes less than to read it.
  bool may_match(std::string_view line) const;
};

/// Keeps references to `objects` and `stop`.
class MetaDocuments {
 public:
  /// Of the snapshot's part in that folder of a repository or account.
  MetaDocuments(VaultObjects& objects, std::string folder, MetaPart part, const std::stop_token& stop)
      : objects_(objects), folder_(std::move(folder)), part_(std::move(part)), stop_(stop) {}

  /// Lent for the time of a call; `gone` is set where it is.
  using Visitor = std::function<void(const MetaLine& document)>;
  /// In no order. Throws Error as VaultObjects::read() does: what was visited before must then not be used.
  /// Also corrupt for what is no line; whether documents are JSON is not looked at.
  void visit(const MetaFilter& filter, const Visitor& visitor) const;

  const MetaPart& part() const { return part_; }

 private:
  VaultObjects& objects_;
  const std::string folder_;
  const MetaPart part_;
  const std::stop_token& stop_;
};

/// All lines of an increment as they stand, from the first to the last. Throws as MetaDocuments does.
void read_meta_lines(VaultObjects& objects, const std::string& folder, const ObjectRecord& increment,
                     const std::stop_token& stop, const std::function<void(std::string_view line)>& visit);

}  // namespace hubkeep
