// XML from outside, and the one way to read it: an answer that is nested without end is none.
// Include this in sources only: it brings all of pugixml.
#pragma once

#include <pugixml.hpp>
#include <string_view>

namespace hubkeep {

constexpr int kMaxXmlDepth = 32;  // no answer of AWS's comes near it

/// False for what is no whole XML; `document` is what stood before the cut. False, and an empty document, for
/// what is nested deeper than kMaxXmlDepth.
bool load_xml(pugi::xml_document& document, std::string_view text);

}  // namespace hubkeep
