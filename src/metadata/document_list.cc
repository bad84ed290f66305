#include "metadata/document_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "metadata/columns.h"
#include "metadata/conversation_text.h"
#include "metadata/json_reading.h"

namespace hubkeep {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kLeastTitle = 20;
constexpr std::string_view kGap = "  ";

// The first that a document has. REST's and GraphQL's names.
constexpr std::array<std::string_view, 12> kTitles = {"title",       "name",       "summary", "full_name",
                                                      "pattern",     "key_prefix", "slug",    "property_name",
                                                      "description", "body",       "url",     "html_url"};
constexpr std::array<std::string_view, 6> kStates = {"state",     "status",     "enforcement",
                                                     "role_name", "permission", "conclusion"};
constexpr std::array<std::string_view, 8> kTimes = {"updated_at", "updatedAt",  "published_at", "created_at",
                                                    "createdAt",  "starred_at", "edited_at",    "pushed_at"};
constexpr std::array<std::string_view, 5> kPeople = {"user", "author", "creator", "inviter", "owner"};

template <typename Names>
std::string first_text(const Json& document, const Names& names) {
  for (const std::string_view name : names)
    if (std::string text = text_at(document, name); !text.empty()) return text;
  return "";
}

std::string first_line(std::string_view text) {
  text = trim(text);
  return std::string(trim(text.substr(0, text.find('\n'))));
}

std::string first_person(const Json& document) {
  for (const std::string_view name : kPeople)
    if (std::string login = text_at(at(document, name), "login"); !login.empty()) return login;
  return text_at(document, "login");
}

bool has_number(std::string_view kind) {
  return kind == "issue" || kind == "pull_request" || kind == "issue_graph" || kind == "milestone" ||
         kind == "discussion";
}

std::string state_of_release(const Json& release) {
  if (is_true(release, "draft")) return "draft";
  return is_true(release, "prerelease") ? "prerelease" : "release";
}

// What a row has beside its title, narrower from one to the next.
enum class Tail { author_and_time, author_and_day, day, none };

std::string day_of(const std::string& at) {
  constexpr std::size_t kDay = std::string_view("2026-11-29").size();
  return readable_time(at).substr(0, kDay);
}

std::string padded(const std::string& text, std::size_t columns) {
  const std::size_t used = columns_of(text);
  return used < columns ? text + std::string(columns - used, ' ') : text;
}

class List {
 public:
  List(std::span<const ListRow> rows, std::size_t width) : rows_(rows), width_(width) {
    for (const ListRow& row : rows_) {
      names_ = std::max(names_, columns_of(printable(row.name)));
      states_ = std::max(states_, columns_of(state_of(row)));
      authors_ = std::max(authors_, columns_of(printable(row.author)));
      times_ = std::max(times_, columns_of(readable_time(row.at)));
    }
    if (width_ > 0) choose_tail();
  }

  std::string run() const {
    std::string text;
    for (const ListRow& row : rows_) text += line_of(row) + "\n";
    return text;
  }

 private:
  static std::string state_of(const ListRow& row) {
    const std::string state = printable(row.state);
    return row.gone ? state + (state.empty() ? "gone" : ", gone") : state;
  }

  void choose_tail() {
    for (const Tail tail : {Tail::author_and_time, Tail::author_and_day, Tail::day, Tail::none}) {
      tail_ = tail;
      const std::size_t taken = head_width() + tail_width();
      title_ = width_ > taken ? width_ - taken : 0;
      if (title_ >= kLeastTitle) return;
    }
  }
  std::size_t head_width() const { return names_ + kGap.size() + (states_ == 0 ? 0 : states_ + kGap.size()); }
  std::size_t tail_width() const {
    const std::size_t author = authors_ == 0 ? 0 : kGap.size() + authors_;
    const std::size_t time = times_ == 0 ? 0 : kGap.size() + times_;
    const std::size_t day = times_ == 0 ? 0 : kGap.size() + day_of("2026-11-29T10:00:00Z").size();
    switch (tail_) {
      case Tail::author_and_time:
        return author + time;
      case Tail::author_and_day:
        return author + day;
      case Tail::day:
        return day;
      case Tail::none:
        break;
    }
    return 0;
  }

  std::string line_of(const ListRow& row) const {
    std::string line = fmt::format("{:>{}}{}", printable(row.name), names_, kGap);
    if (states_ > 0) line += padded(state_of(row), states_) + std::string(kGap);
    const std::string title = printable(first_line(row.title));
    line += width_ == 0 ? title : padded(cut_to(title, title_), title_);
    line += tail_of(row);
    while (line.ends_with(' ')) line.pop_back();
    return width_ == 0 ? line : cut_to(line, width_);
  }
  std::string tail_of(const ListRow& row) const {
    const std::string gap(kGap);
    std::string text;
    const std::string author = printable(row.author);
    if (tail_ < Tail::day && authors_ > 0) text += gap + (width_ == 0 ? author : padded(author, authors_));
    if (tail_ == Tail::author_and_time && times_ > 0) text += gap + readable_time(row.at);
    if (tail_ == Tail::author_and_day || tail_ == Tail::day) text += gap + day_of(row.at);
    return text;
  }

  const std::span<const ListRow> rows_;
  const std::size_t width_;
  std::size_t names_ = 0;
  std::size_t states_ = 0;
  std::size_t authors_ = 0;
  std::size_t times_ = 0;
  std::size_t title_ = 0;
  Tail tail_ = Tail::author_and_time;
};

// "hubot" of a person, "bug" of a label: how people call a thing that a document names.
std::string name_in(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_boolean() || value.is_number()) return value.dump();
  return first_text(
      value, std::array<std::string_view, 7>{"login", "name", "title", "slug", "context", "node_id", "id"});
}

std::string names_in(const Json& value) {
  if (!value.is_array()) return name_in(value);
  std::string text;
  for (const Json& each : value) {
    const std::string name = name_in(each);
    if (!name.empty()) text += (text.empty() ? "" : ", ") + name;
  }
  return text;
}

// Of use to programs alone.
bool is_address(std::string_view name) {
  return name == "url" || name.ends_with("_url") || name == "node_id" || name == "id";
}

}  // namespace

ListRow row_of(const ItemSummary& item) {
  return {.name = "#" + std::to_string(item.number),
          .state = item.state,
          .title = item.title,
          .author = item.author,
          .at = item.updated_at,
          .gone = item.gone};
}

ListRow row_of(const MetaLine& line, const Json& document) {
  ListRow row{.name = (has_number(line.kind) ? "#" : "") + line.id,
              .state = first_text(document, kStates),
              .title = first_text(document, kTitles),
              .author = first_person(document),
              .at = first_text(document, kTimes),
              .gone = line.gone};
  if (!line.parent.empty()) row.name += " #" + line.parent;
  if (line.kind == "release") {
    row.name = text_at(document, "tag_name");
    row.state = state_of_release(document);
    row.at = first_text(document, std::array<std::string_view, 2>{"published_at", "created_at"});
  }
  return row;
}

void sort_rows(std::vector<ListRow>& rows) {
  const auto place = [](const ListRow& row) {
    const std::string_view digits = std::string_view(row.name).substr(row.name.starts_with('#') ? 1 : 0);
    std::uint64_t number = UINT64_MAX;
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return number;
  };
  std::sort(rows.begin(), rows.end(), [&](const ListRow& a, const ListRow& b) {
    const auto first = place(a);
    const auto second = place(b);
    return first != second ? first < second : a.name < b.name;
  });
}

std::string list_text(std::span<const ListRow> rows, std::size_t width) {
  return List(rows, width).run();
}

std::string document_text(const ListRow& row, const Json& document, std::size_t width) {
  std::string text =
      wrapped(printable(row.name) + std::string(kGap) + printable(first_line(row.title)), width, "");
  if (row.gone)
    text += wrapped("not on GitHub any more since: " + readable_time(format_time(*row.gone)), width, "");
  if (!document.is_object()) return text;
  std::string below;
  for (const auto& [name, value] : document.items()) {
    if (is_address(name)) continue;
    const std::string said = names_in(value);
    if (trim(said).empty()) continue;
    if (name == "body" || name == "description" || said.find('\n') != std::string::npos)
      below += "\n" + (name == "body" ? "" : printable(name) + ":\n") + wrapped(said, width, kGap);
    else
      text += wrapped(fmt::format("{}: {}", printable(name), parse_time(said) ? readable_time(said) : said),
                      width, "");
  }
  return text + below;
}

}  // namespace hubkeep
