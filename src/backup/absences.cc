// What goes in one run has the same `since`, so absences are counted by that: many at once are an alarm, one
// by one they are not. A private repository is an alarm by itself, until somebody accepts that, since a token
// that has lost its access looks the same. AbsenceAlarms.AreForManyThatWentInOneRunButNotOneByOne.
#include "backup/absences.h"

#include <fmt/format.h>

#include <charconv>
#include <map>

#include "base/text.h"

namespace hubkeep {
namespace {

constexpr std::size_t kFewestAlarming = 3;  // of 10 repositories one is a tenth, and no alarm
constexpr std::size_t kNamed = 10;

struct Departure {
  std::vector<std::string> all;
  std::vector<std::string> hidden;  // private ones
};

std::map<UtcTime, Departure> departures(const HostState& state) {
  std::map<UtcTime, Departure> found;
  for (const auto& [id, repository] : state.repositories) {
    const auto& absence = repository.absence;
    if (!absence || absence->accepted_at) continue;
    Departure& departure = found[absence->since];
    departure.all.push_back(repository.name);
    if (may_be_hidden(id, repository.is_private)) departure.hidden.push_back(repository.name);
  }
  return found;
}

}  // namespace

MaxGone MaxGone::parse(std::string_view text) {
  const bool is_share = text.ends_with('%');
  const std::string_view digits = is_share ? text.substr(0, text.size() - 1) : text;
  unsigned number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  const bool is_number = error == std::errc() && end == digits.data() + digits.size();
  if (!is_number || (is_share && number > 100))
    throw Error(ErrorKind::invalid,
                fmt::format("'{}' is neither a share such as 5% nor a number such as 12", printable(text)));
  if (is_share) return {.percent = number, .count = std::nullopt};
  return {.percent = 0, .count = number};
}

bool MaxGone::is_exceeded(std::size_t gone, std::size_t known) const {
  if (count) return gone > *count;
  return gone >= kFewestAlarming && gone * 100 > percent * known;
}

std::vector<AbsenceAlarm> absence_alarms(const HostState& state, const MaxGone& max_gone) {
  std::vector<AbsenceAlarm> alarms;
  const std::size_t known = state.repositories.size();
  for (auto& [since, departure] : departures(state)) {
    const std::string when = format_time(since);
    if (max_gone.is_exceeded(departure.all.size(), known)) {
      alarms.push_back({.since = since,
                        .repositories = std::move(departure.all),
                        .text = fmt::format("of {} repositories, these went at once, on {}", known, when)});
    } else if (!departure.hidden.empty()) {
      alarms.push_back(
          {.since = since,
           .repositories = std::move(departure.hidden),
           .text = fmt::format("private, and gone from GitHub or hidden from the token since {}", when)});
    }
  }
  return alarms;
}

bool may_be_hidden(const SubjectId& id, bool is_private) {
  return is_private && id.is_repository();
}

std::string some_of(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size() && i < kNamed; ++i)
    text += (i == 0 ? "" : ", ") + printable(names[i]);
  return names.size() > kNamed ? text + fmt::format(" and {} more", names.size() - kNamed) : text;
}

void accept_absences(HostState& state, UtcTime now) {
  for (auto& [id, repository] : state.repositories)
    if (repository.absence && !repository.absence->accepted_at) repository.absence->accepted_at = now;
}

}  // namespace hubkeep
