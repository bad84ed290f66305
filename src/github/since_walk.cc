// `since` includes its second, so the last items of a page come again as the first of the next. Where a whole
// page is of one second (what a tool has imported), time does not move on, and the link to the next page is
// followed until it does. A page that is larger than an answer may be is asked for again with fewer items.
#include "github/since_walk.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/error.h"
#include "github/json_slices.h"

namespace hubkeep {
namespace {

constexpr std::size_t kMostItems = 1'000;  // of a page; GitHub gives a hundred
// A hundred is GitHub's most. A text has 65,536 characters at most, of up to four bytes.
constexpr std::array kPageSizes = {100, 20, 3};

std::string updated_at(std::string_view item) {
  std::string_view text = object_member(item, "updated_at").value_or("");
  if (text.size() >= 2) text = text.substr(1, text.size() - 2);
  if (!parse_time(text))
    throw Error(ErrorKind::corrupt, "GitHub lists something without the time of its last change");
  return std::string(text);
}

Url page_since(Url list, const std::string& time, int size) {
  if (!list.query.empty()) list.query += "&";
  list.query += fmt::format("per_page={}", size);
  if (!time.empty()) list.query += "&since=" + time;
  return list;
}

struct Page {
  ApiAnswer answer;
  std::string reached;  // the time of its last item; empty: it has none
  std::optional<Url> next;
};

class Walk {
 public:
  Walk(GitHubApi& api, const SinceWalkReader& reader, const std::stop_token& stop)
      : api_(api), reader_(reader), stop_(stop) {}

  void run(const Url& list, std::string reached) {
    std::optional<Url> following;  // within one second
    while (true) {
      const Page page = following ? ask(*following, reached) : ask_since(list, reached);
      if (!page.next) return;
      const bool moves_on = page.reached > reached;
      following = moves_on ? std::nullopt : page.next;
      reached = std::max(reached, page.reached);
    }
  }

 private:
  // What is too large is no answer (SinceWalkTest.APageThatIsTooLargeComesInPieces).
  Page ask_since(const Url& list, const std::string& reached) {
    while (true) {
      try {
        return ask(page_since(list, reached, kPageSizes.at(size_)), reached);
      } catch (const Error& error) {
        if (error.kind() != ErrorKind::corrupt || size_ + 1 == kPageSizes.size()) throw;
      }
      ++size_;
    }
  }

  Page ask(const Url& url, const std::string& before) {
    const Page page =
        api_.get(url, {}, stop_, [&](const ApiAnswer& answer) { return check(answer, before); });
    for (const auto item : page.answer.items()) reader_.item(item);
    reader_.page(page.answer, std::max(before, page.reached));
    return page;
  }

  static Page check(const ApiAnswer& answer, const std::string& before) {
    Page page{.answer = answer, .reached = {}, .next = answer.next()};
    const auto items = answer.items();
    if (items.size() > kMostItems) throw Error(ErrorKind::corrupt, "a page that is too long");
    if (items.empty() && page.next) throw Error(ErrorKind::corrupt, "an empty page before the last");
    for (const auto item : items) {
      std::string time = updated_at(item);
      // All that comes later would be taken for what was there already.
      if (time < std::max(page.reached, before))
        throw Error(ErrorKind::corrupt, "GitHub's list is not in the order of changes");
      page.reached = std::move(time);
    }
    return page;
  }

  GitHubApi& api_;
  const SinceWalkReader& reader_;
  const std::stop_token& stop_;
  std::size_t size_ = 0;  // of pages
};

}  // namespace

void walk_since(GitHubApi& api, const SinceWalk& walk, const SinceWalkReader& reader,
                const std::stop_token& stop) {
  Walk(api, reader, stop).run(walk.list, walk.since);
}

}  // namespace hubkeep
