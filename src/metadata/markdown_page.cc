#include "metadata/markdown_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "metadata/conversation_text.h"
#include "metadata/yaml_text.h"

namespace hubkeep {
namespace {

using Json = nlohmann::ordered_json;

// Between lines of dashes; each value is YAML.
std::string front_matter(const Conversation& conversation, std::string_view repository) {
  const ItemSummary& item = conversation.item;
  const Json fields = {{"repository", repository},
                       {"kind", to_string(item.kind)},
                       {"number", item.number},
                       {"title", item.title},
                       {"state", item.state},
                       {"author", item.author},
                       {"created", item.created_at},
                       {"updated", item.updated_at},
                       {"labels", item.labels},
                       {"milestone", conversation.milestone},
                       {"assignees", conversation.assignees},
                       {"head", conversation.head},
                       {"base", conversation.base},
                       {"merged_by", conversation.merged_by},
                       {"gone", item.gone ? format_time(*item.gone) : ""}};
  std::string text = "---\n";
  for (const auto& [name, value] : fields.items())
    if (!value.empty() && value != "") text += fmt::format("{}: {}\n", name, yaml_text(value));
  return text + "---\n\n";
}

std::string head_of(const ConversationEntry& entry) {
  std::string text = fmt::format("**{}**", markdown_line(entry.author));
  if (entry.kind == EntryKind::review) text += " reviewed this (" + markdown_line(entry.state) + ")";
  if (entry.kind == EntryKind::review_comment && !entry.path.empty())
    text += fmt::format(" on {}{}{}", markdown_line(entry.path), entry.line.empty() ? "" : ":", entry.line);
  text += ", " + readable_time(entry.at);
  if (!entry.edited_at.empty()) text += ", edited " + readable_time(entry.edited_at);
  if (entry.is_resolved) text += ", resolved";
  if (entry.is_answer) text += ", the answer";
  if (!entry.hidden_because.empty()) text += ", hidden: " + markdown_line(to_lower(entry.hidden_because));
  if (entry.gone) text += ", not on GitHub any more since " + readable_time(format_time(*entry.gone));
  return text;
}

// Longer than any in it, so that nothing in it ends it.
std::string fence_for(std::string_view text) {
  std::size_t longest = 2;
  std::size_t run = 0;
  for (const char c : text) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return std::string(longest + 1, '`');
}

std::string reactions_of(const ConversationEntry& entry) {
  std::string text;
  for (const Reaction& each : entry.reactions)
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", each.content, each.count);
  return text;
}

std::string entry_text(const ConversationEntry& entry, bool is_first, const AttachmentLinks& links) {
  if (entry.kind == EntryKind::event)
    return fmt::format("- {} {}, {}\n", markdown_line(entry.author), markdown_line(entry.text),
                       readable_time(entry.at));
  std::string text;
  if (!is_first) text += "\n---\n\n" + head_of(entry) + "\n\n";
  if (!entry.diff.empty() && entry.in_reply_to.empty()) {
    const std::string fence = fence_for(entry.diff);
    text += fmt::format("{}diff\n{}\n{}\n\n", fence, entry.diff, fence);
  }
  text += links.rewrite(entry.text);
  if (!text.empty() && text.back() != '\n') text += '\n';
  if (const std::string reactions = reactions_of(entry); !reactions.empty()) text += "\n" + reactions + "\n";
  return text;
}

}  // namespace

std::string markdown_line(std::string_view text) {
  constexpr std::string_view kMarks = "\\`*_[]<>#|~&";
  std::string line;
  for (const char c : printable(text)) {
    if (kMarks.find(c) != std::string_view::npos) line += '\\';
    line += c;
  }
  return line;
}

std::string markdown_page(const Conversation& conversation, std::string_view repository,
                          const AttachmentLinks& links) {
  const ItemSummary& item = conversation.item;
  std::string text = front_matter(conversation, repository);
  text += fmt::format("# {} (#{})\n\n", markdown_line(item.title), item.number);
  bool was_event = false;
  for (std::size_t i = 0; i < conversation.entries.size(); ++i) {
    const ConversationEntry& entry = conversation.entries[i];
    const bool is_event = entry.kind == EntryKind::event;
    if (is_event && !was_event) text += '\n';
    text += entry_text(entry, i == 0, links);
    was_event = is_event;
  }
  return text;
}

}  // namespace hubkeep
