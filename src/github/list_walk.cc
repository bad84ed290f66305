// A walk reads the pages in their turn and gathers evidence against the list: ids that came before, addresses
// that come again, a count that changes, pages that begin elsewhere than they did when they were looked at
// ahead of their turn. A walk with evidence against it is not trusted, and the whole list is read once more;
// after a second such walk, what came is kept and the list counts as not whole. The page that fails outright
// ends the walk: it has been tried again below already.
#include "github/list_walk.h"

#include <fmt/format.h>

#include <charconv>
#include <functional>
#include <set>
#include <utility>
#include <vector>

#include "base/text.h"
#include "github/json_slices.h"

namespace hubkeep {
namespace {

constexpr int kMostWalks = 2;
// GitHub lets one account have 100,000 repositories ("Repository limits"): a thousand pages.
constexpr int kMostPages = 2'000;
constexpr std::size_t kMostItems = 1'000;    // of a page; GitHub gives a hundred
constexpr std::size_t kDefaultPerPage = 30;  // GitHub: "Using pagination in the REST API"

struct Page {
  std::vector<std::string> ids;  // as they were sent; empty where an item has none
  std::optional<Url> next;
  std::optional<Url> last;
  bool has_links = false;
  std::optional<std::int64_t> total;
};

// "a=b&page=2" with the page of that number.
Url with_page(Url url, int number) {
  std::string query;
  for (const std::string_view parameter : split(url.query, '&')) {
    if (!parameter.empty() && !parameter.starts_with("page=")) query += std::string(parameter) + "&";
  }
  url.query = query + fmt::format("page={}", number);
  return url;
}

std::size_t items_per_page(const Url& url) {
  constexpr std::string_view kName = "per_page=";
  std::size_t count = kDefaultPerPage;
  for (std::string_view parameter : split(url.query, '&')) {
    if (!parameter.starts_with(kName)) continue;
    parameter.remove_prefix(kName.size());
    std::from_chars(parameter.data(), parameter.data() + parameter.size(), count);
  }
  return count;
}

std::optional<std::int64_t> whole_number(std::string_view object, std::string_view name) {
  const auto text = object_member(object, name).value_or("");
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_whole = error == std::errc() && end == text.data() + text.size();
  return is_whole ? std::optional(number) : std::nullopt;
}

Page describe(const ApiAnswer& answer, const std::vector<std::string_view>& items) {
  Page page;
  for (const auto item : items) page.ids.emplace_back(object_member(item, "id").value_or(""));
  page.has_links = answer.header("Link").has_value();
  page.next = answer.next();
  page.last = answer.link("last");
  page.total = whole_number(answer.body(), "total_count");
  return page;
}

// Once from the first page to the last.
class Walk {
 public:
  Walk(GitHubApi& api, const ListSource& source, const ListWalkReader& reader, const std::stop_token& stop,
       int number)
      : api_(api), source_(source), reader_(reader), stop_(stop), number_(number) {}

  /// The page that is being read, and whether anything has come at all.
  int page() const { return page_; }
  bool has_items() const { return has_items_; }

  /// Why the list cannot be whole, if so: another walk may do better. Throws the Error of a page that cannot
  /// be had, and of a list that has no end.
  std::optional<Error> run() {
    const Page first = ask(source_.first, !source_.may_be_empty);
    look_ahead(first);
    if (auto doubt = take(first)) return doubt;
    Page page = first;
    Url url = source_.first;
    while (const auto next = next_of(page, url)) {
      if (++page_ > kMostPages)
        throw Error(ErrorKind::corrupt, fmt::format("the list has more than {} pages", kMostPages));
      if (!addresses_.insert(std::hash<std::string>()(next->str())).second)
        return Error(
            ErrorKind::corrupt,
            fmt::format("the list leads from page {} back to a page that was read before", page_ - 1));
      url = *next;
      const bool is_promised = page.next.has_value();
      page = ask(url, is_promised);
      // Without links the end is guessed, see next_of(): an empty page is how it shows.
      if (page.ids.empty() && !is_promised) break;
      if (auto doubt = take(page)) return doubt;
    }
    // Beyond this point all pages have come; whether they are of one and the same list is what remains.
    return total_ ? compare_count(*total_) : compare_ends(first);
  }

 private:
  // One that should hold something and does not is looked at twice.
  Page ask(const Url& url, bool is_awaited) {
    bool is_second_look = false;
    return api_.get(url, {.accept = source_.accept}, stop_, [&](const ApiAnswer& answer) {
      const auto items = answer.items(source_.member);
      if (items.empty() && is_awaited && !std::exchange(is_second_look, true))
        throw Error(ErrorKind::corrupt, "an empty page");
      if (items.size() > kMostItems)
        throw Error(ErrorKind::corrupt,
                    fmt::format("a page of {} items, where a hundred at most are asked for", items.size()));
      Page page = describe(answer, items);
      if (reader_.page) reader_.page(answer);
      for (const auto item : items) reader_.item(item, answer.date(), number_);
      has_items_ = has_items_ || !items.empty();
      return page;
    });
  }

  // A page that cannot be had is met again when its turn comes.
  // A repository of page 2 that is deleted after that page was read moves all later pages forward, and
  // another one falls between two of them; then the last page no longer begins where it did. See
  // ListWalkTest.IsReadAgainWhereAPageInTheMiddleMoved.
  void look_ahead(const Page& first) {
    if (first.total || !first.next || !first.last || first.last->str() == first.next->str()) return;
    try {
      ahead_ = ask(*first.last, true).ids;
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::cancelled) throw;
    }
  }

  std::optional<Error> take(const Page& page) {
    if (page_ == 1) total_ = page.total;
    // See CountedListTest.IsReadAgainWhereTheCountChanges.
    if (total_ != page.total) return changed();
    if (page.ids.empty()) {
      if (page_ == 1 && !page.next) return std::nullopt;
      return Error(ErrorKind::corrupt,
                   fmt::format("GitHub says that there is more, and sends page {} empty", page_));
    }
    const std::size_t before = came_;
    for (const std::string& id : page.ids) came_ += id.empty() || seen_.insert(id).second ? 1 : 0;
    // A server that ignores `page` sends the same one for ever. See
    // ListWalkTest.PagesThatGoRoundInACircleHaveAnEnd.
    if (came_ == before)
      return Error(ErrorKind::corrupt, fmt::format("page {} brings only what came before it", page_));
    begins_.insert(page.ids.front());
    pages_with_items_ = page_;
    return std::nullopt;
  }

  // A proxy may have taken the links away: then a full page is not the last one unless the next is empty.
  std::optional<Url> next_of(const Page& page, const Url& url) const {
    if (page.next) return page.next;
    const bool may_go_on = !page.has_links && page.ids.size() >= items_per_page(source_.first);
    return may_go_on ? std::optional(with_page(url, page_ + 1)) : std::nullopt;
  }

  std::optional<Error> compare_count(std::int64_t total) const {
    if (std::cmp_equal(total, came_)) return std::nullopt;
    return Error(ErrorKind::corrupt, fmt::format("GitHub counts {} and lists {}", total, came_));
  }

  // What moved is seen at either end: the last page does not begin any more where it began after the first,
  // or the first is another by now. See ListWalkTest.IsReadAgainWhereTheFirstPageMoved.
  std::optional<Error> compare_ends(const Page& first) {
    if (pages_with_items_ <= 1) return std::nullopt;
    if (!ahead_.empty() && !begins_.contains(ahead_.front())) return changed();
    page_ = 1;
    if (ask(source_.first, true).ids != first.ids) return changed();
    return std::nullopt;
  }

  static Error changed() { return {ErrorKind::transient, "the list changed while it was read, twice"}; }

  GitHubApi& api_;
  const ListSource& source_;
  const ListWalkReader& reader_;
  const std::stop_token& stop_;
  const int number_;

  int page_ = 1;
  std::set<std::size_t> addresses_;  // hashes of the pages' URLs, from the second on
  int pages_with_items_ = 0;
  bool has_items_ = false;
  std::vector<std::string> ahead_;  // the last page's, as it was after the first
  std::optional<std::int64_t> total_;
  std::set<std::string> seen_;    // on the pages in their turn
  std::size_t came_ = 0;          // how many those are
  std::set<std::string> begins_;  // the first of each
};

}  // namespace

ListEnd walk_list(GitHubApi& api, const ListSource& source, const ListWalkReader& reader,
                  const std::stop_token& stop) {
  bool has_items = false;
  for (int number = 1;; ++number) {
    Walk walk(api, source, reader, stop, number);
    std::optional<Error> problem;
    bool is_final = number == kMostWalks;
    try {
      problem = walk.run();
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::cancelled) throw;
      problem = error;
      // An Error of a page, not a contradiction: another walk would only meet it again.
      is_final = true;
    }
    has_items = has_items || walk.has_items();
    if (!problem) return {.walk = number, .problem = std::nullopt};
    if (!is_final) continue;
    if (!has_items) throw Error(*problem);
    return {.walk = number, .problem = ListProblem{walk.page(), *problem}};
  }
}

}  // namespace hubkeep
