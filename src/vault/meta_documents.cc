// Increments are read from the newest to the oldest, so that the first line that is met of a document is its
// newest, and all further ones are skipped. That needs one line of a document at most in each increment:
// where some have more, which their record says, they are looked through for the last ones before.
#include "vault/meta_documents.h"

#include <ranges>
#include <unordered_map>
#include <vector>

#include "vault/meta_ids.h"

namespace hubkeep {
namespace {

using Number = MetaIds::Number;

// Of a document in one increment.
struct LastLine {
  std::uint64_t document = 0;  // which line has it; 0: none
  std::optional<UtcTime> gone = {};
};
using LastLines = std::unordered_map<Number, LastLine>;

class DocumentWalk {
 public:
  DocumentWalk(const MetaFilter& filter, const MetaDocuments::Visitor& visitor)
      : filter_(filter), visitor_(visitor) {}

  /// Lines of an increment with one line a document, in any order.
  void take(std::string_view text) {
    if (!filter_.may_match(text)) return;
    MetaLine line = meta_line_from(text);
    if (filter_.matches(line)) take(ids_.add(line.kind, line.id), line);
  }

  /// Of one that is looked through before.
  void look_at(std::string_view text, std::uint64_t at, LastLines& last) {
    if (!filter_.may_match(text)) return;
    const MetaLine line = meta_line_from(text);
    if (!filter_.matches(line)) return;
    LastLine& known = last[ids_.add(line.kind, line.id)];
    known.gone = line.gone;
    if (!line.document.empty()) known.document = at;
  }
  void take_last(std::string_view text, std::uint64_t at, const LastLines& last) {
    if (!filter_.may_match(text)) return;
    MetaLine line = meta_line_from(text);
    if (!filter_.matches(line)) return;
    const Number number = ids_.add(line.kind, line.id);
    const LastLine& known = last.at(number);
    if (known.document != at && (known.document != 0 || line.gone != known.gone)) return;
    line.gone = known.gone;
    take(number, line);
  }

 private:
  void take(Number number, MetaLine& line) {
    if (number >= is_shown_.size()) is_shown_.resize(number + std::size_t{1});
    if (is_shown_[number]) return;
    if (line.document.empty()) {
      if (line.gone) gone_.try_emplace(number, *line.gone);
      return;
    }
    is_shown_[number] = true;
    if (const auto gone = gone_.find(number); gone != gone_.end()) line.gone = gone->second;
    visitor_(line);
  }

  const MetaFilter& filter_;
  const MetaDocuments::Visitor& visitor_;
  MetaIds ids_;
  std::vector<bool> is_shown_;
  std::unordered_map<Number, UtcTime> gone_;  // whose document is still to come
};

}  // namespace

bool MetaFilter::matches(const MetaLine& line) const {
  return (kinds.empty() || kinds.contains(line.kind)) && (id.empty() || id == line.id) &&
         (parent.empty() || parent == line.parent) &&
         (number.empty() || number == (line.parent.empty() ? line.id : line.parent));
}

// What is wanted stands in quotes before the document, unless something there is escaped.
bool MetaFilter::may_match(std::string_view line) const {
  const std::string_view head = line.substr(0, line.find(",\"document\":"));
  if (head.find('\\') != std::string_view::npos) return true;
  const auto has = [&](const std::string& wanted) {
    return wanted.empty() || head.find('"' + wanted + '"') != std::string_view::npos;
  };
  return has(id) && has(parent) && has(number);
}

void read_meta_lines(VaultObjects& objects, const std::string& folder, const ObjectRecord& increment,
                     const std::stop_token& stop, const std::function<void(std::string_view line)>& visit) {
  LineSplitter lines(visit, kMetaLimits);
  objects.read(folder, increment, lines, stop);
  lines.finish();
}

void MetaDocuments::visit(const MetaFilter& filter, const Visitor& visitor) const {
  DocumentWalk walk(filter, visitor);
  const auto read = [&](const ObjectRecord& record, const auto& take) {
    std::uint64_t at = 0;
    read_meta_lines(objects_, folder_, record, stop_, [&](std::string_view line) { take(line, ++at); });
  };
  for (const MetaIncrement& increment : std::ranges::reverse_view(part_.documents)) {
    if (increment.replaced == 0) {
      read(increment.record, [&](std::string_view line, std::uint64_t) { walk.take(line); });
      continue;
    }
    LastLines last;
    read(increment.record, [&](std::string_view line, std::uint64_t at) { walk.look_at(line, at, last); });
    read(increment.record, [&](std::string_view line, std::uint64_t at) { walk.take_last(line, at, last); });
  }
}

}  // namespace hubkeep
