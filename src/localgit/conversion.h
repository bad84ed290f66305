// What .gitattributes make of a file on its way into the work tree: byte for byte what git does (convert.c)
// where nothing is configured.
#pragma once

#include <string>
#include <string_view>

#include "git/attributes.h"

namespace hubkeep {

struct FileAttributes {
  Attribute text;
  Attribute crlf;  // what older files say in place of `text`
  Attribute eol;
  Attribute ident;
  Attribute encoding;  // working-tree-encoding
};

struct Conversion {
  enum class LineEnds { as_stored, crlf, crlf_if_text };
  LineEnds line_ends = LineEnds::as_stored;
  bool ident = false;
  std::string encoding;  // empty: as stored
  std::string problem;   // of the attributes themselves

  bool changes_nothing() const { return line_ends == LineEnds::as_stored && !ident && encoding.empty(); }
};

Conversion conversion_by(const FileAttributes& attributes);

struct Converted {
  std::string content;
  std::string problem;  // what could not be done; the content is then as git leaves it
};

/// `oid` is the blob's, for $Id$.
Converted convert_to_work_tree(std::string content, const Conversion& conversion, std::string_view oid);

}  // namespace hubkeep
