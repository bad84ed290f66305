// Documents of any kind as lists for people, and one of them with all that it says. Safe for a terminal
// whatever somebody wrote.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "metadata/conversation.h"
#include "vault/meta_line.h"

namespace hubkeep {

/// What a list says of a document. Texts as GitHub has them.
struct ListRow {
  std::string name;   // "#12", or by what else people know it
  std::string state;  // may be empty, as all that follows
  std::string title;
  std::string author;
  std::string at;
  std::optional<UtcTime> gone = {};
};

ListRow row_of(const ItemSummary& item);
/// Of a document of any kind: what it has that may stand for these.
ListRow row_of(const MetaLine& line, const nlohmann::ordered_json& document);

/// In order of their names, numbers as numbers.
void sort_rows(std::vector<ListRow>& rows);

/// A line for each, of at most `width` columns: the title is cut, and where that leaves too little of it, the
/// time and the author are left out. 0: nothing is cut.
std::string list_text(std::span<const ListRow> rows, std::size_t width);

/// All that a document says but addresses, a line for each member, longer texts below their name.
std::string document_text(const ListRow& row, const nlohmann::ordered_json& document, std::size_t width);

}  // namespace hubkeep
