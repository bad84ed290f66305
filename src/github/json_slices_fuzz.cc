// A list of GitHub's taken apart: the parts are what the parser sees, and nothing but commas and space lies
// between.

#include "github/json_slices.h"

#include "base/json.h"
#include "fuzz/fuzz_support.h"

using namespace hubkeep;

namespace {

// `end`: behind the part before. Returns what is behind this one.
const char* check_place(std::string_view part, const char* end, std::string_view text) {
  fuzz::require(part.data() >= end && part.data() + part.size() <= text.data() + text.size(),
                "parts lie in the text, one after the other");
  for (const char* c = end; c < part.data(); ++c)
    fuzz::require(std::string_view(" \t\n\r,[\xEF\xBB\xBF").find(*c) != std::string_view::npos,
                  "nothing is left out");
  return part.data() + part.size();
}

void check_items(std::string_view text, const nlohmann::json& parsed) {
  const auto items = array_items(text);
  fuzz::require(items.has_value() == parsed.is_array(), "a list is a list");
  if (!items) return;
  fuzz::require(items->size() == parsed.size(), "each item is a part");
  const char* end = text.data();
  for (std::size_t i = 0; i < items->size(); ++i) {
    end = check_place((*items)[i], end, text);
    fuzz::require(is_json((*items)[i]) && parse_json((*items)[i]) == parsed[i], "a part is its item");
  }
}

void check_members(std::string_view text, const nlohmann::json& parsed) {
  if (!parsed.is_object()) return fuzz::require(!object_member(text, "id"), "only an object has members");
  for (const auto& [name, value] : parsed.items()) {
    const auto part = object_member(text, name);
    fuzz::require(part && is_json(*part) && parse_json(*part) == value, "a part is its member");
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::as_text(data, size);
  const bool is_whole = is_json(text);
  const auto parsed = parse_json_or_discard(text);
  fuzz::require(is_whole != parsed.is_discarded(), "is_json() and the parser agree");
  if (is_whole) {
    check_items(text, parsed);
    check_members(text, parsed);
  } else {
    array_items(text);
    object_member(text, "id");
  }
  return 0;
}
