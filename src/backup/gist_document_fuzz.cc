// The description of a gist, however it is cut: it is JSON, or there is an Error; and what is JSON stays so.

#include "backup/gist_document.h"

#include "base/json.h"
#include "fuzz/fuzz_support.h"

using namespace hubkeep;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::as_text(data, size);
  std::string whole;
  std::string in_pieces;
  const auto error = fuzz::error_of([&] {
    GistDocument document;
    document.write(text);
    whole = document.finish();
  });
  fuzz::error_of([&] {
    GistDocument document;
    for (const char& c : text) document.write(std::string_view(&c, 1));
    in_pieces = document.finish();
  });
  fuzz::require(whole == in_pieces, "it does not matter how it is cut");
  fuzz::require(error || is_json(whole), "what is kept is JSON");
  fuzz::require(!error || !is_json(text), "what is JSON is kept");
  return 0;
}
