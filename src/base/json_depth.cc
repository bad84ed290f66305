#include "base/json_depth.h"

#include "base/error.h"

namespace hubkeep {

bool is_nested_too_deep(std::string_view json) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_string) {
      if (c == '\\') ++i;
      in_string = c != '"';
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > kMaxJsonDepth) return true;
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return false;
}

void check_json_depth(std::string_view json) {
  if (is_nested_too_deep(json)) throw Error(ErrorKind::corrupt, "JSON that is nested too deep");
}

}  // namespace hubkeep
