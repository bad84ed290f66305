#include "metadata/conversation_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "metadata/columns.h"

namespace hubkeep {
namespace {

constexpr std::string_view kIndent = "  ";
constexpr std::size_t kDiffLines = 4;  // of the end of a hunk, where the comment stands
constexpr std::size_t kLeastWidth = 20;

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + printable(word);
  return text;
}

void wrap_line(std::string_view line, std::size_t width, std::string_view indent, std::string& out) {
  std::string current;
  for (const std::string_view word : split(line, ' ')) {
    const bool fits = columns_of(current) + 1 + columns_of(word) + indent.size() <= width;
    if (!current.empty() && !fits) {
      out.append(indent).append(current).append("\n");
      current.clear();
    } else if (!current.empty() || word.empty()) {
      current += ' ';
    }
    current += word;
  }
  out.append(indent).append(current).append("\n");
}

bool keeps_its_form(std::string_view line) {
  return line.starts_with("    ") || line.starts_with("|");
}

std::string when(const ConversationEntry& entry) {
  std::string text = readable_time(entry.at);
  if (!entry.edited_at.empty()) text += ", edited " + readable_time(entry.edited_at);
  if (!entry.hidden_because.empty()) text += ", hidden: " + printable(to_lower(entry.hidden_because));
  if (entry.gone) text += ", not on GitHub any more since " + readable_time(format_time(*entry.gone));
  return text;
}

std::string reactions_of(const ConversationEntry& entry) {
  std::string text;
  for (const Reaction& each : entry.reactions)
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", each.content, each.count);
  return text;
}

std::string review_words(const std::string& state) {
  if (state == "approved") return "approved this";
  if (state == "changes_requested") return "asked for changes";
  if (state == "dismissed") return "reviewed this (dismissed)";
  return "reviewed this";
}

std::string head_of(const ConversationEntry& entry) {
  const std::string author = printable(entry.author);
  switch (entry.kind) {
    case EntryKind::event:
      return fmt::format("* {} {}, {}", author, printable(entry.text), when(entry));
    case EntryKind::review:
      return fmt::format("{} {}, {}", author, review_words(entry.state), when(entry));
    case EntryKind::review_comment:
      if (entry.in_reply_to.empty())
        return fmt::format("{} on {}{}{}, {}{}", author, printable(entry.path), entry.line.empty() ? "" : ":",
                           entry.line, when(entry), entry.is_resolved ? ", resolved" : "");
      break;
    case EntryKind::text:
      break;
  }
  return fmt::format("{}, {}{}", author, when(entry), entry.is_answer ? ", the answer" : "");
}

// The last lines of the hunk, which the comment is about.
std::string diff_of(const ConversationEntry& entry, std::string_view indent) {
  std::vector<std::string_view> lines = split(entry.diff, '\n');
  const std::size_t begin = lines.size() > kDiffLines ? lines.size() - kDiffLines : 0;
  std::string text;
  for (std::size_t i = begin; i < lines.size(); ++i)
    text += fmt::format("{}> {}\n", indent, printable(lines[i]));
  return text;
}

class Page {
 public:
  Page(const Conversation& conversation, std::string_view repository, std::size_t width)
      : conversation_(conversation), repository_(repository), width_(width) {}

  std::string run() && {
    head();
    const bool has_text = conversation_.item.kind != ItemKind::gist;  // of its own, which comes first
    for (std::size_t i = 0; i < conversation_.entries.size(); ++i)
      add(conversation_.entries[i], has_text && i == 0);
    return std::move(text_);
  }

 private:
  void head() {
    const ItemSummary& item = conversation_.item;
    const std::string number = item.number == 0 ? "" : fmt::format("#{}", item.number);
    add_wrapped(fmt::format("{}{}  {}", repository_, number, printable(item.title)), "");
    add_wrapped(fmt::format("{} {} by {}, {}, {}", printable(item.state), to_string(item.kind),
                            printable(item.author), readable_time(item.created_at),
                            count_of(item.comments, "comment")),
                "");
    line("labels", joined(item.labels));
    line("milestone", printable(conversation_.milestone));
    line("assigned to", joined(conversation_.assignees));
    if (!conversation_.base.empty())
      line("merges", fmt::format("{} into {}", printable(conversation_.head), printable(conversation_.base)));
    line("merged by", printable(conversation_.merged_by));
    if (item.gone) line("not on GitHub any more since", readable_time(format_time(*item.gone)));
  }

  void line(std::string_view name, const std::string& value) {
    if (!value.empty()) add_wrapped(fmt::format("{}: {}", name, value), "");
  }

  void add_wrapped(std::string_view text, std::string_view indent) { text_ += wrapped(text, width_, indent); }

  void add(const ConversationEntry& entry, bool is_first) {
    const bool is_event = entry.kind == EntryKind::event;
    const std::string indent(entry.in_reply_to.empty() ? "" : kIndent);
    // Events in a row stand together.
    if (!is_event || !was_event_) text_ += "\n";
    was_event_ = is_event;
    if (!is_first) add_wrapped(head_of(entry), indent);
    if (is_event) return;
    const std::string inner = indent + std::string(kIndent);
    if (entry.in_reply_to.empty() && !entry.diff.empty()) text_ += diff_of(entry, inner);
    if (!trim(entry.text).empty()) add_wrapped(entry.text, inner);
    if (const std::string reactions = reactions_of(entry); !reactions.empty()) add_wrapped(reactions, inner);
  }

  const Conversation& conversation_;
  const std::string_view repository_;
  const std::size_t width_;
  std::string text_;
  bool was_event_ = false;
};

}  // namespace

std::string readable_time(std::string_view time) {
  constexpr std::size_t kMinutes = std::string_view("2026-11-29T10:00").size();
  if (time.size() < kMinutes || !parse_time(time)) return printable(time);
  std::string text(time.substr(0, kMinutes));
  text[text.find('T')] = ' ';
  return text + " UTC";
}

std::string wrapped(std::string_view text, std::size_t width, std::string_view indent) {
  width = std::max(width, indent.size() + kLeastWidth);
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' '))
    text.remove_suffix(1);
  std::string out;
  bool is_fenced = false;
  for (std::string_view line : split(text, '\n')) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    const bool is_fence = trim(line).starts_with("```");
    const std::string safe = printable(line);
    if (safe.empty())
      out += "\n";
    else if (is_fence || is_fenced || keeps_its_form(line))
      out.append(indent).append(safe).append("\n");
    else
      wrap_line(safe, width, indent, out);
    if (is_fence) is_fenced = !is_fenced;
  }
  return out;
}

std::string conversation_text(const Conversation& conversation, std::string_view repository,
                              std::size_t width) {
  return Page(conversation, repository, width).run();
}

}  // namespace hubkeep
