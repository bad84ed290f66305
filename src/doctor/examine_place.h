// Whether a place can hold a vault: tries everything that a backup does there, through the same store, so
// that what is said here is what a backup will meet.
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "base/run_observer.h"
#include "store/examined_place.h"

namespace hubkeep {

/// What a doctor has found out; one member for each thing that it looks at.
struct DoctorReport {
  struct Store {
    std::string place;
    std::vector<PlaceFinding> findings;
    std::vector<std::string> left_behind;  // what could not be removed: a printable line for each
  };
  Store store;
  bool stopped = false;

  /// Nothing that a vault needs is missing.
  bool is_good() const;
};

/// Told of each finding as soon as it is made.
class DoctorObserver : public RunObserver {
 public:
  virtual void found(const PlaceFinding& finding) = 0;
};

/// What fails is a finding; throws nothing but what the observer throws. What was written is removed at the
/// end, also when `stop` is requested.
DoctorReport examine_place(ExaminedPlace& place, DoctorObserver& observer, const std::stop_token& stop);

}  // namespace hubkeep
