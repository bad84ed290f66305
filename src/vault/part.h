// A part of a snapshot: its git history, its wiki, its releases. A snapshot is a set of parts, and a part is
// data: whoever does not know its kind verifies, copies, locks, thaws, counts and hands it on all the same.
// docs/storage-format.md, "Parts".
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "vault/object_record.h"

namespace hubkeep {

using PartName = std::string;  // "git"

/// The word by which a part says whether all of it is there. One that this version does not know is kept as
/// it is, and is not `ok`.
class PartStatus {
 public:
  static const PartStatus ok;
  static const PartStatus partial;
  static const PartStatus absent;
  static const PartStatus gone;
  static const PartStatus not_permitted;
  static const PartStatus failed;

  PartStatus() : word_("ok") {}
  explicit PartStatus(std::string word) : word_(std::move(word)) {}

  const std::string& word() const { return word_; }
  friend bool operator==(const PartStatus&, const PartStatus&) = default;

 private:
  std::string word_;
};

inline const PartStatus PartStatus::ok{"ok"};
inline const PartStatus PartStatus::partial{"partial"};
inline const PartStatus PartStatus::absent{"absent"};
inline const PartStatus PartStatus::gone{"gone"};
inline const PartStatus PartStatus::not_permitted{"not_permitted"};
inline const PartStatus PartStatus::failed{"failed"};

/// The JSON object that stands under the part's name in a manifest: its own fields in their own order, of
/// which this version may know none. Object records may stand anywhere in it. Copies share it.
class Part {
 public:
  /// Throws Error(corrupt) for what is no part: not an object, or without a status.
  explicit Part(nlohmann::ordered_json json);

  const nlohmann::ordered_json& json() const { return *json_; }
  PartStatus status() const;
  friend bool operator==(const Part& a, const Part& b);

 private:
  std::shared_ptr<const nlohmann::ordered_json> json_;
};

using Parts = std::map<PartName, Part>;

/// How complete each part is.
using PartStatuses = std::map<PartName, PartStatus>;
PartStatuses statuses_of(const Parts& parts);
/// The part's status; `absent` for one that is not there.
PartStatus status_of(const PartStatuses& parts, std::string_view name);
/// Whether every part is `ok`, and there is one at least: of none nothing is known.
bool are_all_ok(const PartStatuses& parts);
/// For people, of what is not ok: "partial", or with its name where there are others: "wiki partial".
std::string describe_incomplete(const PartStatuses& parts);

/// It has all that could be had: it is ok, or partial and lacks nothing but what its `left_out` names, or
/// there was nothing to have (absent, gone, not permitted). Whatever else a later version says is not.
bool is_settled(const Part& part);
/// The same of all parts, of which there is one at least.
bool are_all_settled(const Parts& parts);

/// Of the parts that say themselves that they are not proved to be whole.
using PartNames = std::set<PartName>;
PartNames names_not_proved(const Parts& parts);

/// Of all `not_proved` anywhere in it: what could not be seen in what a server sent.
std::uint64_t count_not_proved(const Part& part);

/// Hands the lines of a list object to `visit`. Throws Error, which says that what was visited before must
/// not be used.
using ListReader = std::function<void(const ObjectRecord& list,
                                      const std::function<void(const nlohmann::ordered_json& line)>& visit)>;

/// Every object that the part needs, in the order in which they stand: each JSON object with `key`, `size`,
/// `sha256` and `encoding`. One with `lists` names an object whose lines name more: they follow it. Throws
/// Error: invalid for an encoding that this version does not know, corrupt for what is no record, and what
/// `read_list` throws: what was visited before is then not all.
void visit_objects(const Part& part, const ListReader& read_list,
                   const std::function<void(const ObjectRecord&)>& visit);

/// The same without what list objects name, for which nothing has to be read.
void visit_named_objects(const Part& part, const std::function<void(const ObjectRecord&)>& visit);

}  // namespace hubkeep
