// Lines of JSON, each with its members in this order and those in brackets perhaps absent:
//
//   {"kind":…,"id":…,"hash":…[,"parent":…][,"gone":…]}     a document
//   {"cursor":KIND,"text":…}                                how far its walk came
//   {"sweep":KIND,"began":…,"cursor":…,"all":…,"seen":…}    under way; "seen": a bit a document, in hex
//   digits
//   {"swept":KIND,"at":…}
//   {"pending":KIND,"id":…,"node_id":…,"parent":…}
//   {"listing":COLLECTOR,"text":…}
//   {"group":…}
//   {"attachment":…}
//
// Lines of other kinds are a later version's. An object of changes has the documents that changed, and all of
// the other lines.
#include "vault/meta_state.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/error.h"
#include "crypto/hash.h"
#include "vault/lines.h"
#include "vault/object_list.h"
#include "vault/ordered_line.h"

namespace hubkeep {
namespace {

constexpr LineLimits kStateLimits{.line = ByteCount{4} << 20, .total = ByteCount{1} << 30};
constexpr std::uint32_t kIsText = std::uint32_t{1} << 31U;
constexpr std::size_t kHashDigits = 16;
constexpr unsigned kBitsOfADigit = 4;

std::uint64_t hash_from(OrderedLine& line) {
  const std::string_view text = line.plain_text();
  std::uint64_t hash = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), hash, 16);
  if (text.size() != kHashDigits || error != std::errc() || end != text.data() + text.size()) line.refuse();
  return hash;
}

std::optional<std::uint32_t> small_number(std::string_view text) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_whole = error == std::errc() && end == text.data() + text.size();
  if (!is_whole || number >= kIsText || (text.size() > 1 && text.front() == '0')) return std::nullopt;
  return number;
}

/// The lines of one object.
class LineWriter {
 public:
  LineWriter(VaultObjects& objects, const std::string& folder, const std::string& record_key)
      : writer_(objects.create(folder, record_key)) {}

  void write(const std::string& line) {
    budget_.spend(line.size() + 1);
    writer_.write(line + "\n");
  }
  ObjectRecord commit() { return writer_.commit(); }

 private:
  RecordedWriter writer_;
  LineBudget budget_{"the state of a part's documents", kStateLimits};
};

void write_walks(LineWriter& lines, const MetaWalks& walks) {
  for (const auto& [kind, text] : walks.cursors)
    lines.write(fmt::format(R"({{"cursor":{},"text":{}}})", quote(kind), quote(text)));
  for (const auto& [kind, time] : walks.swept)
    lines.write(fmt::format(R"({{"swept":{},"at":{}}})", quote(kind), quote(time)));
  for (const auto& [kind, documents] : walks.pending)
    for (const auto& [id, document] : documents)
      lines.write(fmt::format(R"({{"pending":{},"id":{},"node_id":{},"parent":{}}})", quote(kind), quote(id),
                              quote(document.node_id), quote(document.parent)));
  for (const auto& [collector, text] : walks.seen)
    lines.write(fmt::format(R"({{"listing":{},"text":{}}})", quote(collector), quote(text)));
  for (const std::string& group : walks.groups) lines.write(fmt::format(R"({{"group":{}}})", quote(group)));
  for (const std::string& url : walks.attachments)
    lines.write(fmt::format(R"({{"attachment":{}}})", quote(url)));
}

}  // namespace

std::uint64_t meta_hash(std::string_view document) {
  const std::string digits = sha256_hex(document).substr(0, kHashDigits);
  std::uint64_t hash = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), hash, 16);
  return hash;
}

// Of one object, the first or the second.
class MetaState::Reader {
 public:
  explicit Reader(MetaState& state) : state_(state) {}

  void take(std::string_view text) {
    OrderedLine line(text, "a line of the documents' state");
    if (line.take(R"({"kind":)"))
      take_document(line);
    else
      take_walk(line);
  }
  /// Beyond the last line of the last object.
  void finish() {
    for (const auto& [kind, bits] : seen_) state_.see(kind, bits);
  }

 private:
  void take_document(OrderedLine& line) {
    const std::string_view kind = line.plain_text();
    line.require(R"(,"id":)");
    const std::string id = line.text();
    line.require(R"(,"hash":)");
    const std::uint64_t hash = hash_from(line);
    std::string parent;
    if (line.take(R"(,"parent":)")) parent = line.text();
    std::optional<UtcTime> gone;
    if (line.take(R"(,"gone":)")) gone = line.time();
    end(line);
    if (kind.empty() || id.empty()) line.refuse();
    const Number number = state_.put(kind, id, parent, hash);
    if (gone) state_.set_gone(number, *gone);
  }

  void take_walk(OrderedLine& line) {
    MetaWalks& into = state_.walks;
    if (line.take(R"({"cursor":)")) {
      const std::string kind = line.text();
      into.cursors[kind] = after(line, R"(,"text":)");
    } else if (line.take(R"({"sweep":)")) {
      take_sweep(line);
    } else if (line.take(R"({"swept":)")) {
      const std::string kind = line.text();
      line.require(R"(,"at":)");
      into.swept[kind] = line.time();
    } else if (line.take(R"({"pending":)")) {
      const std::string kind = line.text();
      PendingDocument document;
      document.id = after(line, R"(,"id":)");
      document.node_id = after(line, R"(,"node_id":)");
      document.parent = after(line, R"(,"parent":)");
      into.pending[kind].insert_or_assign(document.id, document);
    } else if (line.take(R"({"listing":)")) {
      const std::string collector = line.text();
      into.seen[collector] = after(line, R"(,"text":)");
    } else if (line.take(R"({"group":)")) {
      into.groups.insert(line.text());
    } else if (line.take(R"({"attachment":)")) {
      into.attachments.insert(line.text());
    } else {
      if (!line.take("{")) line.refuse();
      return;
    }
    end(line);
  }

  void take_sweep(OrderedLine& line) {
    const std::string kind = line.text();
    MetaSweep& sweep = state_.walks.sweeps[kind];
    line.require(R"(,"began":)");
    sweep.began = line.time();
    sweep.cursor = after(line, R"(,"cursor":)");
    line.require(R"(,"all":)");
    sweep.has_seen_all = line.take("true");
    if (!sweep.has_seen_all) line.require("false");
    seen_[kind] = after(line, R"(,"seen":)");
  }

  static std::string after(OrderedLine& line, std::string_view name) {
    line.require(name);
    return line.text();
  }
  static void end(OrderedLine& line) {
    line.require("}");
    if (!line.is_at_end()) line.refuse();
  }

  MetaState& state_;
  std::map<std::string, std::string> seen_;
};

std::string MetaState::parent_of(Number number) const {
  const std::uint32_t code = parents_[number];
  if ((code & kIsText) != 0) return parent_texts_[code & ~kIsText];
  return std::to_string(code);
}

std::optional<UtcTime> MetaState::gone_since(Number number) const {
  const auto found = gone_.find(number);
  return found == gone_.end() ? std::nullopt : std::optional(found->second);
}

// No parent is a text, too.
std::uint32_t MetaState::code_of_parent(std::string_view parent) {
  if (const auto number = small_number(parent)) return *number;
  const auto [found, is_new] = parent_codes_.try_emplace(
      std::string(parent), kIsText | static_cast<std::uint32_t>(parent_texts_.size()));
  if (is_new) parent_texts_.emplace_back(parent);
  return found->second;
}

void MetaState::mark_changed(Number number) {
  if ((flags_[number] & kChanged) != 0) return;
  flags_[number] |= kChanged;
  ++changed_;
}

MetaState::Number MetaState::put(std::string_view kind, std::string_view id, std::string_view parent,
                                 std::uint64_t hash) {
  const Number number = ids_.add(kind, id);
  const std::uint32_t code = code_of_parent(parent);
  if (number == size()) {
    hashes_.push_back(hash);
    parents_.push_back(code);
    flags_.push_back(0);
    mark_changed(number);
    return number;
  }
  const bool was_gone = gone_.erase(number) > 0;
  if (was_gone || hashes_[number] != hash || parents_[number] != code) mark_changed(number);
  hashes_[number] = hash;
  parents_[number] = code;
  return number;
}

void MetaState::set_gone(Number number, UtcTime since) {
  if (gone_.try_emplace(number, since).second) mark_changed(number);
}

void MetaState::forget_seen(std::string_view kind) {
  for (Number number = 0; number < size(); ++number)
    if (is_seen(number) && ids_.kind_of(number) == kind) flags_[number] &= static_cast<std::uint8_t>(~kSeen);
}

void MetaState::forget_written() {
  for (std::uint8_t& flags : flags_) flags &= static_cast<std::uint8_t>(~kWritten);
}

std::map<std::string, MetaCount> MetaState::counts() const {
  std::map<std::string, MetaCount> counts;
  for (Number number = 0; number < size(); ++number) {
    MetaCount& count = counts[std::string(ids_.kind_of(number))];
    ++(gone_.contains(number) ? count.gone : count.kept);
  }
  return counts;
}

std::string MetaState::seen_in(const std::string& kind, const std::vector<Number>& sorted) const {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string digits;
  unsigned bits = 0;
  unsigned count = 0;
  for (const Number number : sorted) {
    if (ids_.kind_of(number) != kind) continue;
    bits |= static_cast<unsigned>(is_seen(number)) << count;
    if (++count < kBitsOfADigit) continue;
    digits += kDigits[bits];
    bits = count = 0;
  }
  if (count > 0) digits += kDigits[bits];
  return digits;
}

void MetaState::see(const std::string& kind, std::string_view bits) {
  std::size_t at = 0;
  for (const Number number : ids_.sorted()) {
    if (ids_.kind_of(number) != kind) continue;
    unsigned digit = 0;
    const std::string_view text = bits.substr(std::min(at / kBitsOfADigit, bits.size()), 1);
    std::from_chars(text.data(), text.data() + text.size(), digit, 16);
    if ((digit >> (at % kBitsOfADigit) & 1U) != 0) set_seen(number);
    ++at;
  }
}

MetaState MetaState::read(VaultObjects& objects, const std::string& folder,
                          const std::vector<ObjectRecord>& stored, const std::stop_token& stop) {
  MetaState state;
  for (const ObjectRecord& record : stored) {
    state.walks = {};
    Reader reader(state);
    LineSplitter lines([&](std::string_view line) { reader.take(line); }, kStateLimits);
    objects.read(folder, record, lines, stop);
    lines.finish();
    if (&record == &stored.front()) {
      state.changed_ = 0;
      for (std::uint8_t& flags : state.flags_) flags = 0;
    }
    if (&record == &stored.back()) reader.finish();
  }
  return state;
}

std::vector<ObjectRecord> MetaState::write(VaultObjects& objects, const std::string& folder,
                                           const std::string& record_key,
                                           const std::vector<ObjectRecord>& before) {
  const bool has_all = before.empty() || !are_few(changed_, size());
  LineWriter lines(objects, folder, record_key);
  const std::vector<Number> sorted = ids_.sorted();
  for (const Number number : sorted) {
    if (!has_all && (flags_[number] & kChanged) == 0) continue;
    std::string line = fmt::format(R"({{"kind":{},"id":{},"hash":"{:016x}")", quote(ids_.kind_of(number)),
                                   quote(ids_.id_of(number)), hashes_[number]);
    if (const std::string parent = parent_of(number); !parent.empty()) line += ",\"parent\":" + quote(parent);
    if (const auto gone = gone_since(number)) line += ",\"gone\":" + quote(*gone);
    lines.write(line + "}");
  }
  write_walks(lines, walks);
  for (const auto& [kind, sweep] : walks.sweeps)
    lines.write(fmt::format(R"({{"sweep":{},"began":{},"cursor":{},"all":{},"seen":"{}"}})", quote(kind),
                            quote(sweep.began), quote(sweep.cursor), sweep.has_seen_all,
                            seen_in(kind, sorted)));
  ObjectRecord record = lines.commit();
  if (!has_all) return {before.front(), std::move(record)};
  changed_ = 0;
  for (std::uint8_t& flags : flags_) flags &= static_cast<std::uint8_t>(~kChanged);
  return {std::move(record)};
}

}  // namespace hubkeep
