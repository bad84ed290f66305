#include "vault/attachments_part.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "vault/json_fields.h"
#include "vault/lines.h"

namespace hubkeep {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kRoot = "/attachments/";
constexpr LineLimits kCursorLimits{.line = ByteCount{1} << 16, .total = ByteCount{1} << 30};

constexpr std::array kLacks = {AttachmentLack::pending, AttachmentLack::not_permitted,
                               AttachmentLack::missing, AttachmentLack::refused};

AttachmentLack parse_lack(const std::string& text) {
  const auto found =
      std::find_if(kLacks.begin(), kLacks.end(), [&](AttachmentLack why) { return to_string(why) == text; });
  // What a later version says is a reason, too.
  return found == kLacks.end() ? AttachmentLack::refused : *found;
}

template <typename Action>
auto read_as(std::string_view what, Action&& action) -> decltype(action()) {
  try {
    return action();
  } catch (const nlohmann::json::exception& error) {
    throw Error(ErrorKind::corrupt, fmt::format("not {}: {}", what, printable(error.what())));
  }
}

AttachmentsPart from_json(const Json& json) {
  AttachmentsPart attachments{.status = PartStatus(json.at("status").get<std::string>())};
  // A part that failed before it could be looked at has its status alone.
  if (json.contains("objects"))
    for (const Json& list : json.at("objects")) attachments.objects.push_back(object_record_from_json(list));
  if (json.contains("cursor")) attachments.cursor = object_record_from_json(json.at("cursor"));
  return attachments;
}

LackingAttachment lacking_from_line(std::string_view line) {
  return read_as("a line of the attachments' cursor", [&] {
    const Json json = parse_ordered_json(line, kCursorLimits.line);
    return LackingAttachment{.url = json.at("url"),
                             .why = parse_lack(json.at("why")),
                             .message = json.value("message", ""),
                             .since = time_from_json(json.at("since"))};
  });
}

std::string to_line(const LackingAttachment& lacking) {
  Json json = {{"url", lacking.url}, {"why", to_string(lacking.why)}};
  if (!lacking.message.empty()) json["message"] = lacking.message;
  json["since"] = format_time(lacking.since);
  return json.dump();
}

}  // namespace

std::string attachment_key(std::string_view oid) {
  return fmt::format("{}{}/{}/{}", kRoot, oid.substr(0, 2), oid.substr(2, 2), oid);
}

std::string_view to_string(AttachmentLack why) {
  switch (why) {
    case AttachmentLack::pending:
      return "pending";
    case AttachmentLack::not_permitted:
      return "not_permitted";
    case AttachmentLack::missing:
      return "missing";
    case AttachmentLack::refused:
      return "refused";
  }
  return "refused";
}

AttachmentsPart attachments_part(const Part& part) {
  return read_as("the part of attachments", [&] { return from_json(part.json()); });
}

Part to_part(const AttachmentsPart& attachments) {
  Json json = {{"status", attachments.status.word()}, {"objects", Json::array()}};
  for (const ObjectRecord& list : attachments.objects) json["objects"].push_back(list_to_json(list));
  if (attachments.cursor) json["cursor"] = to_json(*attachments.cursor);
  return Part(std::move(json));
}

std::string to_line(const KeptAttachment& kept) {
  Json json = to_json(kept.record);
  json["addresses"] = Json::array();
  for (const AttachmentAddress& address : kept.addresses) {
    Json one = {{"url", address.url}, {"name", address.name}};
    if (!address.type.empty()) one["type"] = address.type;
    json["addresses"].push_back(std::move(one));
  }
  return json.dump();
}

KeptAttachment kept_attachment_from_line(std::string_view line) {
  return read_as("a line of attachments", [&] {
    const Json json = parse_ordered_json(line);
    KeptAttachment kept{.record = object_record_from_json(json)};
    if (kept.record.key != attachment_key(kept.record.sha256) || kept.record.encoding != "identity")
      throw Error(ErrorKind::corrupt, "not an attachment: " + printable(kept.record.key));
    for (const Json& one : json.at("addresses"))
      kept.addresses.push_back({.url = one.at("url"), .name = one.at("name"), .type = one.value("type", "")});
    return kept;
  });
}

KeptAttachments read_attachments(VaultObjects& objects, const std::string& folder,
                                 const std::vector<ObjectRecord>& lists, const std::stop_token& stop) {
  KeptAttachments kept;
  for (const auto& [key, line] : read_list_lines(lists, read_lists(objects, folder, stop)))
    kept.emplace(key, kept_attachment_from_line(line));
  return kept;
}

ListLines lines_of(const KeptAttachments& kept) {
  ListLines lines;
  for (const auto& [key, each] : kept) lines.emplace(key, to_line(each));
  return lines;
}

std::vector<LackingAttachment> read_attachments_cursor(VaultObjects& objects, const std::string& folder,
                                                       const ObjectRecord& cursor,
                                                       const std::stop_token& stop) {
  std::vector<LackingAttachment> lacking;
  LineSplitter lines([&](std::string_view line) { lacking.push_back(lacking_from_line(line)); },
                     kCursorLimits);
  objects.read(folder, cursor, lines, stop);
  lines.finish();
  return lacking;
}

ObjectRecord write_attachments_cursor(VaultObjects& objects, const std::string& folder,
                                      const std::string& record_key,
                                      const std::vector<LackingAttachment>& lacking) {
  RecordedWriter writer = objects.create(folder, record_key);
  LineBudget budget("the list of attachments that are lacking", kCursorLimits);
  for (const LackingAttachment& each : lacking) {
    const std::string line = to_line(each) + "\n";
    budget.spend(line.size());
    writer.write(line);
  }
  return writer.commit();
}

}  // namespace hubkeep
