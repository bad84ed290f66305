// .gitattributes and patterns: whatever the bytes, they are read, and a path gets its values or a refusal.

#include "base/error.h"
#include "fuzz/fuzz_support.h"
#include "git/attributes.h"

using namespace hubkeep;

// The first line is a path, what follows is the root's file and that of each folder.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::as_text(data, size);
  const auto line = text.substr(0, text.find('\n'));
  const std::string path(line.substr(0, line.find('\0')));
  const std::string content(text.substr(line.size()));
  Attributes attributes([&](const std::string&) { return content; });
  try {
    const AttributeValues values = attributes.of(path);
    fuzz::require(values == attributes.of(path), "a path has the same values each time");
    for (const auto& [name, value] : values) {
      fuzz::require(!name.empty(), "an attribute has a name");
      fuzz::require(value.value.empty() || value.state == Attribute::State::value, "only texts have a text");
    }
  } catch (const Error& error) {
    fuzz::require(error.kind() == ErrorKind::invalid, "what cannot be told is invalid");
  }
  return 0;
}
