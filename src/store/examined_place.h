// The place of a store, a folder or a bucket, looked at before anything depends on it. What all stores
// promise is tried by whoever examines it, through a store that lies aside from the vault; what only a folder
// or only a bucket has, the place itself looks at.
#pragma once

#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "store/object_store.h"

namespace hubkeep {

enum class PlaceVerdict {
  ok,
  without,        // it is lacking, and hubkeep does without
  not_permitted,  // the credentials may not do it, and hubkeep does without
  not_tried,
  missing,  // a vault needs it
};

/// One thing that was tried. Both texts are printable.
struct PlaceFinding {
  std::string thing;
  PlaceVerdict verdict = PlaceVerdict::ok;
  std::string text;  // what was seen; what hubkeep does instead; why it was not tried; what to do

  friend bool operator==(const PlaceFinding&, const PlaceFinding&) = default;
};

/// What shows before anything is written.
struct FirstLook {
  std::vector<PlaceFinding> findings;
  bool may_write = true;  // else nothing is
};

/// Used by one thread.
class ExaminedPlace {
 public:
  ExaminedPlace() = default;
  ExaminedPlace(const ExaminedPlace&) = delete;
  ExaminedPlace& operator=(const ExaminedPlace&) = delete;
  virtual ~ExaminedPlace() = default;

  /// "/srv/vault", "s3://bucket/prefix"
  virtual std::string description() const = 0;

  /// Comes first. Throws Error(cancelled) and no other.
  virtual FirstLook look(const std::stop_token& stop) = 0;

  /// Below a name of its own: nothing in it is the vault's. Large objects are those of more than
  /// writer_memory(). Only where the first look says that it may be written.
  virtual ObjectStore& aside() = 0;

  /// A key in aside() under which content of the class that is set for a backup would be stored; empty: none
  /// is set.
  virtual ObjectKey key_of_class() const = 0;

  /// What is known when all has been tried.
  virtual std::vector<PlaceFinding> learnt() = 0;

  /// Removes what was written aside, as far as the place lets it: `written` and what it finds itself. Returns
  /// a printable line for each thing that stays. Throws nothing.
  virtual std::vector<std::string> clean_up(std::span<const ObjectKey> written) = 0;
};

}  // namespace hubkeep
