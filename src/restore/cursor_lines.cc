#include "restore/cursor_lines.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "vault/lines.h"

namespace hubkeep {
namespace {

using Json = nlohmann::ordered_json;

constexpr LineLimits kLimits{.line = ByteCount{1} << 20, .total = ByteCount{1} << 30};

void read_lines(const PartRestoreWork& work, const ObjectRecord& cursor,
                const std::function<void(const Json&)>& visit) {
  LineSplitter lines([&](std::string_view line) { visit(parse_ordered_json(line, kLimits.line)); }, kLimits);
  work.vault.objects().read(work.folder, cursor, lines, work.stop);
  lines.finish();
}

std::string text_in(const Json& line, const char* field) {
  const auto found = line.find(field);
  return found != line.end() && found->is_string() ? found->get<std::string>() : "";
}

}  // namespace

void visit_cursor(const PartRestoreWork& work, const Part& part,
                  const std::function<void(const Json& line)>& visit) {
  const auto cursor = part.json().find("cursor");
  if (cursor == part.json().end() || !cursor->is_object()) return;
  std::string problem;
  try {
    read_lines(work, object_record_from_json(*cursor), visit);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::cancelled || error.kind() == ErrorKind::transient) throw;
    problem = error.message();
  } catch (const nlohmann::json::exception& error) {
    problem = printable(error.what());
  }
  if (!problem.empty()) work.notice(fmt::format("it is not known what the vault lacks: {}", problem));
}

std::string reason_in(const Json& line) {
  const std::string why = text_in(line, "why");
  const std::string message = text_in(line, "message");
  if (why == "pending") return "the backup had not come to it";
  if (!message.empty()) return message;
  if (why == "missing") return "GitHub does not have it";
  if (why == "not_uploaded") return "its upload had not come to its end";
  if (why == "not_permitted") return "GitHub gives it only to classic tokens";
  return why.empty() ? "GitHub did not hand it out" : "GitHub did not hand it out: " + why;
}

}  // namespace hubkeep
