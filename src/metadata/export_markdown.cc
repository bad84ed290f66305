// A page for each issue, pull request and discussion. Texts stay as they were written but for the addresses
// of files that the vault has: they lead to attachments/ then.
#include <fmt/format.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/json.h"
#include "base/text.h"
#include "metadata/attachment_links.h"
#include "metadata/conversation.h"
#include "metadata/conversation_text.h"
#include "metadata/export_formats.h"
#include "metadata/markdown_page.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

std::string_view folder_of(ItemKind kind) {
  switch (kind) {
    case ItemKind::issue:
      return "issues";
    case ItemKind::pull_request:
      return "pulls";
    default:
      return "discussions";
  }
}

// Written by the restore of attachments: which address is which file.
AttachmentLinks links_in(const fs::path& attachments) {
  std::error_code error;
  if (!fs::exists(attachments / "attachments.json", error)) return AttachmentLinks();
  std::ostringstream text;
  text << std::ifstream(attachments / "attachments.json", std::ios::binary).rdbuf();
  const Json names = parse_ordered_json(text.str(), text.str().size());
  std::map<std::string, std::string, std::less<>> files;
  for (const auto& [address, name] : names.items())
    files.emplace(address, "../attachments/" + name.get<std::string>());
  return AttachmentLinks(std::move(files));
}

}  // namespace

void export_markdown(const ExportWork& work) {
  export_part(work, "attachments");
  const AttachmentLinks links = links_in(work.place / "attachments");
  const std::string& repository = work.parts.manifest.listing.full_name;
  ExportFile index(work.place / "index.md");
  index.write(fmt::format("# {}\n\n", markdown_line(repository)));
  for (const char* folder : {"issues", "pulls", "discussions"}) make_export_folder(work.place / folder);
  visit_conversations(work.documents, [&](const Conversation& conversation) {
    const ItemSummary& item = conversation.item;
    const std::string path = fmt::format("{}/{}.md", folder_of(item.kind), item.number);
    ExportFile page(work.place / path);
    page.write(markdown_page(conversation, repository, links));
    page.finish();
    index.write(fmt::format("- [#{} {}]({}), {} {} by {}, {}{}\n", item.number, markdown_line(item.title),
                            path, item.state, to_string(item.kind), markdown_line(item.author),
                            readable_time(item.created_at), item.gone ? ", not on GitHub any more" : ""));
    ++work.outcome.documents;
  });
  index.finish();
}

}  // namespace hubkeep
