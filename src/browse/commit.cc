#include "browse/commit.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <limits>

#include "base/error.h"
#include "base/text.h"
#include "git/object_links.h"

namespace hubkeep {
namespace {

// git, cache.h: what a time beyond stands for is the epoch.
constexpr std::int64_t kLatest = std::int64_t{1} << 40;

template <typename Number>
Number number_of(std::string_view text) {
  Number number = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  return result.ec == std::errc() ? number : 0;
}

Signature signature_of(std::string_view line) {
  Signature who;
  const auto open = line.find('<');
  const auto close = line.find('>', open == std::string_view::npos ? 0 : open);
  if (open == std::string_view::npos || close == std::string_view::npos) return who;
  who.name = trim(line.substr(0, open));
  who.email = line.substr(open + 1, close - open - 1);
  const auto rest = trim(line.substr(line.rfind('>') + 1));
  const auto space = rest.find(' ');
  who.time = number_of<std::int64_t>(rest.substr(0, space));
  if (who.time < 0 || who.time > kLatest) who.time = 0;
  std::string_view zone = space == std::string_view::npos ? "" : rest.substr(space + 1);
  if (zone.starts_with('+')) zone.remove_prefix(1);
  who.zone = number_of<int>(zone);
  if (who.zone > 9999 || who.zone < -9999) who.zone = 0;
  return who;
}

}  // namespace

Commit parse_commit(const Oid& oid, std::string_view content) {
  Commit commit{.oid = oid};
  with_context(fmt::format("commit {}", oid.hex()), [&] {
    for_each_link(ObjectType::commit, content, oid.format(), [&](const ObjectLink& link) {
      if (link.type == ObjectType::tree)
        commit.tree = link.oid;
      else
        commit.parents.push_back(link.oid);
    });
  });
  const auto end = content.find("\n\n");
  if (end != std::string_view::npos) commit.message = content.substr(end + 2);
  for (const std::string_view line : split(content.substr(0, end), '\n')) {
    if (line.starts_with("author ")) commit.author = signature_of(line.substr(7));
    if (line.starts_with("committer ")) commit.committer = signature_of(line.substr(10));
  }
  return commit;
}

std::string git_date(const Signature& signature) {
  static constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                               "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const int minutes = signature.zone / 100 * 60 + signature.zone % 100;
  const std::time_t local = signature.time + std::int64_t{60} * minutes;
  std::tm parts{};
  if (::gmtime_r(&local, &parts) == nullptr) return "";
  return fmt::format("{} {} {} {:02}:{:02}:{:02} {} {:+05}", kDays[static_cast<std::size_t>(parts.tm_wday)],
                     kMonths[static_cast<std::size_t>(parts.tm_mon)], parts.tm_mday, parts.tm_hour,
                     parts.tm_min, parts.tm_sec, parts.tm_year + 1900, signature.zone);
}

std::string subject_of(std::string_view message) {
  std::string subject;
  for (const std::string_view line : split(message, '\n')) {
    const std::string_view text = trim(line);
    if (text.empty() && subject.empty()) continue;
    if (text.empty()) break;
    subject += (subject.empty() ? "" : " ");
    subject += text;
  }
  return subject;
}

}  // namespace hubkeep
