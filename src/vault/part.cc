// A part is kept as the JSON that it is, so that what a later version adds survives. Whatever in it has a
// key, a size, a hash and an encoding is the record of an object, however deep it stands. One that says
// "lists": true is a list object, whose lines are records in turn. Several lists side by side in an array are
// one list and its changes: the last word on a key counts.
#include "vault/part.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "base/error.h"
#include "base/text.h"
#include "vault/json_integer.h"

namespace hubkeep {
namespace {

using Json = nlohmann::ordered_json;
using RecordVisitor = std::function<void(const ObjectRecord&)>;

bool is_record(const Json& json) {
  return json.is_object() && json.contains("key") && json.contains("size") && json.contains("sha256") &&
         json.contains("encoding");
}

bool is_true(const Json& json, const char* field) {
  const auto found = json.find(field);
  return found != json.end() && found->is_boolean() && found->get<bool>();
}

bool is_list(const Json& json) {
  return is_record(json) && is_true(json, "lists");
}

ObjectRecord record_of(const Json& json) {
  try {
    return object_record_from_json(json);
  } catch (const nlohmann::json::exception& error) {
    throw Error(ErrorKind::corrupt, "not an object record: " + printable(error.what()));
  }
}

/// Visits the records below `json`, itself included; a record may hold others.
class Walk {
 public:
  Walk(const ListReader* read_list, const RecordVisitor& visit) : read_list_(read_list), visit_(visit) {}

  void go(const Json& json) const {
    if (is_list(json)) return go_through({&json});
    if (is_record(json)) visit_(record_of(json));
    if (json.is_array() && std::any_of(json.begin(), json.end(), is_list)) return go_through_array(json);
    if (json.is_structured())
      for (const Json& value : json) go(value);
  }

 private:
  // A list of all, and perhaps one of what has changed since; whatever else stands beside them.
  void go_through_array(const Json& array) const {
    std::vector<const Json*> lists;
    for (const Json& value : array) is_list(value) ? lists.push_back(&value) : go(value);
    go_through(lists);
  }

  // What a later list says of a key counts: the line there, or that it is gone. Read from the last list to
  // the first, so that only the keys of the shorter ones, the changes, are held.
  void go_through(const std::vector<const Json*>& lists) const {
    for (const Json* list : lists) visit_(record_of(*list));
    if (read_list_ == nullptr) return;
    std::set<std::string, std::less<>> settled;
    for (auto list = lists.rbegin(); list != lists.rend(); ++list) {
      const bool is_first = std::next(list) == lists.rend();
      (*read_list_)(record_of(**list), [&](const Json& line) {
        const auto key = line.at("key").get<std::string>();
        if (settled.contains(key)) return;
        // The first list is read last: nobody asks any more whether its keys are settled. It may be long.
        if (!is_first) settled.insert(key);
        if (is_true(line, "gone")) return;
        if (!is_record(line) || is_list(line))
          throw Error(ErrorKind::corrupt, "not a line of a list object: " + printable(key));
        go(line);
      });
    }
  }

  const ListReader* read_list_;  // none: lists are not read
  const RecordVisitor& visit_;
};

std::uint64_t sum_of(const Json& json, const char* field) {
  std::uint64_t sum = 0;
  if (!json.is_structured()) return sum;
  for (const auto& [key, value] : json.items()) {
    const bool is_count =
        json.is_object() && key == field && value.is_number_integer() && value.get<std::int64_t>() >= 0;
    sum += is_count ? value.get<std::uint64_t>() : sum_of(value, field);
  }
  return sum;
}

}  // namespace

Part::Part(Json json) {
  const auto status = json.is_object() ? json.find("status") : json.end();
  if (status == json.end() || !status->is_string())
    throw Error(ErrorKind::corrupt, "a part of a snapshot has no status");
  json_ = std::make_shared<const Json>(std::move(json));
}

PartStatus Part::status() const {
  return PartStatus(json_->at("status").get<std::string>());
}

bool operator==(const Part& a, const Part& b) {
  return a.json_ == b.json_ || *a.json_ == *b.json_;
}

PartStatuses statuses_of(const Parts& parts) {
  PartStatuses statuses;
  for (const auto& [name, part] : parts) statuses.emplace(name, part.status());
  return statuses;
}

PartStatus status_of(const PartStatuses& parts, std::string_view name) {
  const auto found = parts.find(PartName(name));
  return found == parts.end() ? PartStatus::absent : found->second;
}

bool are_all_ok(const PartStatuses& parts) {
  return !parts.empty() && std::all_of(parts.begin(), parts.end(),
                                       [](const auto& part) { return part.second == PartStatus::ok; });
}

std::string describe_incomplete(const PartStatuses& parts) {
  if (parts.empty()) return "not known";
  std::string text;
  for (const auto& [name, status] : parts) {
    if (status == PartStatus::ok) continue;
    text += (text.empty() ? "" : ", ") + (parts.size() == 1 ? "" : printable(name) + " ") +
            printable(status.word());
  }
  return text;
}

bool is_settled(const Part& part) {
  const PartStatus status = part.status();
  if (status != PartStatus::partial)
    return status == PartStatus::ok || status == PartStatus::absent || status == PartStatus::gone ||
           status == PartStatus::not_permitted;
  const Json& json = part.json();
  // What is lacking stands in its cursor, and it says itself that none of it may still come.
  const auto pending = json.find("pending");
  if (json.contains("cursor") && pending != json.end() && *pending == 0) return true;
  // A partial part is settled when nothing is missing but the refs that it names as left out: another run
  // would get no more. Manifest.IsSettledWhenNothingIsMissingButWhatItNames.
  const auto left_out = json.find("left_out");
  return left_out != json.end() && !left_out->empty() && !is_true(json, "lacks_others") &&
         !json.contains("missing_objects");
}

bool are_all_settled(const Parts& parts) {
  return !parts.empty() &&
         std::all_of(parts.begin(), parts.end(), [](const auto& part) { return is_settled(part.second); });
}

PartNames names_not_proved(const Parts& parts) {
  PartNames names;
  for (const auto& [name, part] : parts) {
    const auto proved = part.json().find("proved");
    if (proved != part.json().end() && *proved == false) names.insert(name);
  }
  return names;
}

std::uint64_t count_not_proved(const Part& part) {
  return sum_of(part.json(), "not_proved");
}

void visit_objects(const Part& part, const ListReader& read_list, const RecordVisitor& visit) {
  try {
    Walk(&read_list, visit).go(part.json());
  } catch (const nlohmann::json::exception& error) {
    throw Error(ErrorKind::corrupt, "not a part: " + printable(error.what()));
  }
}

void visit_named_objects(const Part& part, const RecordVisitor& visit) {
  Walk(nullptr, visit).go(part.json());
}

}  // namespace hubkeep
