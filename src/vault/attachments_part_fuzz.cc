// Lines of attachments: what is believed names a file by its hash, and is written as it is read.

#include "fuzz/fuzz_support.h"
#include "vault/attachments_part.h"

using namespace hubkeep;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(fuzz::as_text(data, size));
  fuzz::error_of([&] {
    const KeptAttachment kept = kept_attachment_from_line(bytes);
    fuzz::require(kept.record.key == attachment_key(kept.record.sha256), "named by its hash");
    fuzz::require(kept_attachment_from_line(to_line(kept)) == kept, "written as it is read");
  });
  return 0;
}
