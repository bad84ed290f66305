#include "vault/object_list.h"

#include <algorithm>
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

bool is_gone(const nlohmann::ordered_json& line) {
  const auto gone = line.find("gone");
  return gone != line.end() && gone->is_boolean() && gone->get<bool>();
}

std::string gone_line(const std::string& key) {
  return nlohmann::ordered_json{{"key", key}, {"gone", true}}.dump();
}

// From what the list `before` says to `now`. It is held against that line by line: both at once might be more
// than memory holds.
ListLines changes_since(const ObjectRecord& before, const ListReader& read_list, const ListLines& now) {
  ListLines changes;
  std::vector<const std::string*> same;  // keys
  read_list(before, [&](const nlohmann::ordered_json& line) {
    const auto& key = line.at("key").get_ref<const std::string&>();
    const auto is = now.find(key);
    if (is == now.end())
      changes.emplace(key, gone_line(key));
    else if (is->second == line.dump())
      same.push_back(&is->first);
  });
  std::sort(same.begin(), same.end());
  for (const auto& [key, line] : now)
    if (!std::binary_search(same.begin(), same.end(), &key)) changes.emplace(key, line);
  return changes;
}

// As they stand there, also of what is gone.
ListLines lines_of(const ObjectRecord& list, const ListReader& read_list) {
  ListLines lines;
  read_list(list, [&](const nlohmann::ordered_json& line) {
    lines.insert_or_assign(line.at("key").get<std::string>(), line.dump());
  });
  return lines;
}

ObjectRecord write_list(const ListPlace& place, const ListLines& lines) {
  RecordedWriter writer = place.objects.create(place.folder, place.record_key);
  LineBudget budget("the list of a part's objects", kListLimits);
  for (const auto& [key, line] : lines) {
    budget.spend(line.size() + 1);
    writer.write(line + "\n");
  }
  return writer.commit();
}

}  // namespace

bool are_few(std::size_t changes, std::size_t all) {
  constexpr std::size_t kWholeFrom = 4;
  return changes * kWholeFrom <= all;
}

nlohmann::ordered_json list_to_json(const ObjectRecord& list) {
  nlohmann::ordered_json json = to_json(list);
  json["lists"] = true;
  return json;
}

ListLines read_list_lines(const std::vector<ObjectRecord>& lists, const ListReader& read_list) {
  ListLines lines;
  for (const ObjectRecord& list : lists)
    read_list(list, [&](const nlohmann::ordered_json& line) {
      const auto& key = line.at("key").get_ref<const std::string&>();
      if (is_gone(line))
        lines.erase(key);
      else
        lines.insert_or_assign(key, line.dump());
    });
  return lines;
}

std::vector<ObjectRecord> store_list(const ListPlace& place, const std::vector<ObjectRecord>& before,
                                     const ListLines& now) {
  if (now.empty()) return {};
  if (before.empty()) return {write_list(place, now)};
  const ListReader read_list = read_lists(place.objects, place.folder, place.stop);
  // Changes are always to the list of all, so that no more than two objects are ever read.
  const ObjectRecord& all = before.front();
  const ListLines changes = changes_since(all, read_list, now);
  if (changes.empty()) return {all};
  if (before.size() == 2 && lines_of(before.back(), read_list) == changes) return before;
  if (!are_few(changes.size(), now.size())) return {write_list(place, now)};
  return {all, write_list(place, changes)};
}

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
