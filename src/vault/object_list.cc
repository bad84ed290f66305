#include "vault/object_list.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json.h"
#include "base/zstd.h"
#include "vault/lines.h"

namespace hubkeep {
namespace {

// Some hundred bytes an object: a line has its record and what its kind says of it.
constexpr LineLimits kListLimits{.line = ByteCount{1} << 20, .total = ByteCount{1} << 30};

}  // namespace

ListReader read_lists(ObjectStore& store, const std::string& folder, const std::stop_token& stop) {
  return [&store, folder, &stop](const ObjectRecord& list, const auto& visit) {
    LineSplitter lines([&](std::string_view line) { visit(parse_ordered_json(line, kListLimits.line)); },
                       kListLimits);
    if (list.encoding == "identity") {
      read_checked(store, folder, list, lines, stop);
    } else {
      ZstdDecompressor content(lines);
      read_checked(store, folder, list, content, stop);
      content.finish();
    }
    lines.finish();
  };
}

}  // namespace hubkeep
