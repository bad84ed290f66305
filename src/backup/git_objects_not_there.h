// Objects that a server lists and, asked for them, says it does not have. Usually a ref has moved in between
// and is listed again; some servers have lost an object and go on listing it. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/error.h"
#include "git/oid_set.h"

namespace hubkeep {

class ObjectsNotThere {
 public:
  /// The object of `wants` that `error` says is not there, where that is believed: the third time, and of a
  /// server that has lost one object at once. Nothing for what was not asked for: that says nothing of a ref.
  std::optional<Oid> believed(const Error& error, const OidSet& wants);

  /// Whether the server has lost one for good.
  bool is_any() const { return !words_.empty(); }
  /// Of the last one that was believed.
  const std::string& words() const { return words_; }

 private:
  std::map<Oid, int> times_;
  std::string words_;
};

}  // namespace hubkeep
