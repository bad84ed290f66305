// The one door to the JSON parser: size and depth are looked at first, since the parser builds a tree that is
// many times larger than its text and whatever prints or copies it calls itself once a level. The parser's
// complaint quotes what it stumbled over, so it is cut and made printable.
#include "base/json.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/json_depth.h"
#include "base/text.h"

namespace hubkeep {
namespace {

constexpr std::size_t kShown = 200;

template <typename Json>
Json parse(std::string_view text, ByteCount limit, const typename Json::parser_callback_t& keeps) {
  if (text.size() > limit)
    throw Error(ErrorKind::corrupt, fmt::format("JSON of {}, where at most {} are read",
                                                human_size(text.size()), human_size(limit)));
  check_json_depth(text);
  try {
    return Json::parse(text, keeps);
  } catch (const nlohmann::json::exception& error) {
    throw Error(ErrorKind::corrupt, printable(std::string_view(error.what()).substr(0, kShown)));
  }
}

}  // namespace

nlohmann::json parse_json(std::string_view text, ByteCount limit) {
  return parse<nlohmann::json>(text, limit, nullptr);
}

nlohmann::ordered_json parse_ordered_json(std::string_view text, ByteCount limit) {
  return parse<nlohmann::ordered_json>(text, limit, nullptr);
}

nlohmann::ordered_json parse_ordered_json(std::string_view text, ByteCount limit, const JsonFilter& keeps) {
  return parse<nlohmann::ordered_json>(text, limit, keeps);
}

nlohmann::json parse_json_or_discard(std::string_view text) {
  try {
    return parse_json(text);
  } catch (const Error&) {
    return nlohmann::json(nlohmann::json::value_t::discarded);
  }
}

bool is_json(std::string_view text, ByteCount limit) {
  return text.size() <= limit && !is_nested_too_deep(text) && nlohmann::json::accept(text);
}

}  // namespace hubkeep
