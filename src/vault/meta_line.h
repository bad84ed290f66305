// A line of an increment of a part `meta`: a document as GitHub sent it, with what it is of before it; or
// that it is gone. docs/storage-format.md, "parts.meta".
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "vault/lines.h"

namespace hubkeep {

/// A pull request with thousands of events, joined of all its pages, has some MiB.
constexpr ByteCount kLargestDocument = ByteCount{64} << 20;
constexpr LineLimits kMetaLimits{.line = kLargestDocument + (ByteCount{64} << 10),
                                 .total = ByteCount{256} << 30};

struct MetaLine {
  std::string_view kind;             // as it is written: a later version may know more of them
  std::string id;                    // of its kind
  std::string parent;                // empty: none
  std::optional<UtcTime> at = {};    // when GitHub gave the document
  std::optional<UtcTime> gone = {};  // when it was first missed
  std::string_view document;         // a JSON object; empty: the line says nothing but that it is gone

  friend bool operator==(const MetaLine&, const MetaLine&) = default;
};

/// Lent by the text. Throws Error(corrupt) for what is no such line; whether the document is JSON is not
/// looked at.
MetaLine meta_line_from(std::string_view line);
/// With its line feed. Line feeds of the document, which JSON has between tokens alone, become spaces.
std::string to_line(const MetaLine& line);

}  // namespace hubkeep
