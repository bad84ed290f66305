// Which repositories that GitHub does not show any more make a run end badly until somebody accepts it: a
// token that was narrowed, or a user who was put out of an organisation, looks the same as a deletion.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vault/host_state.h"

namespace hubkeep {

/// How many may go in one run without an alarm.
struct MaxGone {
  unsigned percent = 5;           // of the repositories that the vault knows; two always may
  std::optional<unsigned> count;  // in its place

  /// "5%" or "12". Throws Error(invalid) that says what can be written.
  static MaxGone parse(std::string_view text);
  bool is_exceeded(std::size_t gone, std::size_t known) const;
};

struct AbsencePolicy {
  MaxGone max_gone;
  bool accept = false;  // all that are absent at the end of this run
};

/// A run in which repositories went, and which of them nobody may miss.
struct AbsenceAlarm {
  UtcTime since;
  std::vector<std::string> repositories;  // private ones; all that went, where they are too many
  std::string text;                       // for people, without names
};

/// Oldest first. What was accepted alarms nobody. Pure.
std::vector<AbsenceAlarm> absence_alarms(const HostState& state, const MaxGone& max_gone);

/// Whether one that GitHub does not show may be there all the same, for others to see. A secret gist is shown
/// to whoever knows its id.
bool may_be_hidden(const SubjectId& id, bool is_private);

/// "acme/a, acme/b and 3 more"
std::string some_of(const std::vector<std::string>& names);

/// Accepts every absence in `state`.
void accept_absences(HostState& state, UtcTime now);

}  // namespace hubkeep
