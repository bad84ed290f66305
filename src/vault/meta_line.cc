// The members stand in one order and without space around them, so that what a line is of is known without
// looking into its document:
//
//   {"kind":…,"id":…[,"parent":…][,"at":…][,"gone":…][,"document":…]}
//
// A repository may have a million lines, and most readers want few of them.
#include "vault/meta_line.h"

#include <algorithm>

#include "vault/ordered_line.h"

namespace hubkeep {

MetaLine meta_line_from(std::string_view line) {
  OrderedLine reader(line, "a line of documents");
  MetaLine result;
  reader.require("{\"kind\":");
  result.kind = reader.plain_text();
  reader.require(",\"id\":");
  result.id = reader.text();
  if (reader.take(",\"parent\":")) result.parent = reader.text();
  if (reader.take(",\"at\":")) result.at = reader.time();
  if (reader.take(",\"gone\":")) result.gone = reader.time();
  if (reader.take(",\"document\":")) result.document = reader.last_object();
  reader.require("}");
  if (!reader.is_at_end() || result.kind.empty() || result.id.empty()) reader.refuse();
  if (result.document.empty() ? !result.gone : !result.at) reader.refuse();
  return result;
}

std::string to_line(const MetaLine& line) {
  std::string text = "{\"kind\":" + quote(line.kind) + ",\"id\":" + quote(line.id);
  if (!line.parent.empty()) text += ",\"parent\":" + quote(line.parent);
  if (line.at) text += ",\"at\":" + quote(*line.at);
  if (line.gone) text += ",\"gone\":" + quote(*line.gone);
  if (!line.document.empty()) {
    text += ",\"document\":";
    const std::size_t begin = text.size();
    text += line.document;
    std::replace_if(
        text.begin() + static_cast<std::ptrdiff_t>(begin), text.end(),
        [](char c) { return c == '\n' || c == '\r'; }, ' ');
  }
  return text + "}\n";
}

}  // namespace hubkeep
