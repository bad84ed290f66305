// A day's metadata.json: what is believed can be written and read again, and names zips of that day only.

#include "fuzz/fuzz_support.h"
#include "store/object_key.h"
#include "vault/zip_record.h"

using namespace hubkeep;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string day = "2026-11-23";
  const std::string text(fuzz::as_text(data, size));
  for (const ZipRecord& record : salvage_zip_metadata(day, text))
    fuzz::require(day_of_zip(record.object.key) == day, "of that day: " + record.object.key);
  fuzz::error_of([&] {
    const auto named = parse_zip_metadata(day, text);
    for (const ZipRecord& record : named.zips) {
      const ObjectKey key = resolve_key("", record.object.key);
      fuzz::require(is_valid_key(key), "zips have keys: " + key);
      fuzz::require(key.starts_with("zip/" + day + "/") && key.ends_with(".zip"), "of that day: " + key);
    }
    fuzz::require(parse_zip_metadata(day, format_zip_metadata(day, named)) == named,
                  "what was read can be written");
  });
  return 0;
}
