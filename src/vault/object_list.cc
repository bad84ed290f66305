#include "vault/object_list.h"

#include <nlohmann/json.hpp>
#include <optional>

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "vault/lines.h"
#include "vault/written_by.h"

namespace hubkeep {
namespace {

// Some hundred bytes an object: a line has its record and what its kind says of it.
constexpr LineLimits kListLimits{.line = ByteCount{1} << 20, .total = ByteCount{1} << 30};

using LineVisitor = std::function<void(const nlohmann::ordered_json& line)>;

// What is wrong with the line, if anything.
std::optional<Error> visit_line(std::string_view line, const LineVisitor& visit) {
  try {
    visit(parse_ordered_json(line, kListLimits.line));
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::corrupt && error.kind() != ErrorKind::invalid) throw;
    return error;
  } catch (const nlohmann::json::exception& error) {
    return Error(ErrorKind::corrupt, printable(error.what()));
  }
  return std::nullopt;
}

}  // namespace

// A flipped bit can make any line of a line, also one that a later version seems to have written: the hash of
// the whole decides first whether it is what was written.
ListReader read_lists(VaultObjects& objects, const std::string& folder, const std::stop_token& stop) {
  return [&objects, folder, &stop](const ObjectRecord& list, const LineVisitor& visit) {
    std::optional<Error> wrong;
    LineSplitter lines([&](std::string_view line) { wrong = wrong ? wrong : visit_line(line, visit); },
                       kListLimits);
    objects.read(folder, list, lines, stop);
    lines.finish();
    if (!wrong) return;
    if (wrong->kind() == ErrorKind::invalid) throw UnknownToThisVersion(wrong->message());
    throw wrong->with_context(resolve_key(folder, list.key) + " is as it was written, but cannot be used");
  };
}

void visit_objects(const Manifest& manifest, const ListReader& read_list,
                   const std::function<void(const ObjectRecord&)>& visit) {
  for (const auto& [name, part] : manifest.parts)
    as_written_by(manifest.program, [&] { visit_objects(part, read_list, visit); });
}

std::vector<UnreadableList> require_known(const Manifest& manifest, const ListReader& read_list) {
  std::vector<UnreadableList> unreadable;
  const ListReader read = [&](const ObjectRecord& list, const LineVisitor& visit) {
    try {
      read_list(list, visit);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::corrupt && error.kind() != ErrorKind::not_found &&
          error.kind() != ErrorKind::cold)
        throw;
      unreadable.push_back({list, error});
    }
  };
  visit_objects(manifest, read, [](const ObjectRecord&) {});
  return unreadable;
}

}  // namespace hubkeep
