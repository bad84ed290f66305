// JSON from outside, and the one way to read it: nothing else calls the parser, which takes what it is given
// for as large and as deep as it comes, and quotes whole tokens in its complaints. scripts/check-layers holds
// that. Include this in sources only: it brings all of nlohmann::json.
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

#include "base/byte_sink.h"

namespace hubkeep {

/// What is small is far from it, and in memory JSON may take twenty times its bytes.
constexpr ByteCount kMaxJsonSize = ByteCount{8} << 20;

/// Throws Error(corrupt) for what is no JSON, larger than `limit`, or nested deeper than kMaxJsonDepth.
nlohmann::json parse_json(std::string_view text, ByteCount limit = kMaxJsonSize);
/// The same, with the members of objects in the order of the text.
nlohmann::ordered_json parse_ordered_json(std::string_view text, ByteCount limit = kMaxJsonSize);

/// Nothing is kept of what `keeps` says false for; its arguments are as of nlohmann::json's parser callbacks.
using JsonFilter = nlohmann::ordered_json::parser_callback_t;
nlohmann::ordered_json parse_ordered_json(std::string_view text, ByteCount limit, const JsonFilter& keeps);

/// A discarded value where parse_json() would throw.
nlohmann::json parse_json_or_discard(std::string_view text);

/// Whether parse_json() would read it; nothing is kept in memory.
bool is_json(std::string_view text, ByteCount limit = kMaxJsonSize);

}  // namespace hubkeep
