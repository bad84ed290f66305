#include "cli/show_object.h"

#include <fmt/format.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/bytes_to_output.h"
#include "cli/output.h"
#include "vault/key_kind.h"

namespace hubkeep {
namespace {

bool is_text(std::string_view key) {
  return encoding_of(key) != Encoding::identity || key.ends_with(".json") || key.ends_with(".txt");
}

// Whole lines, since print() escapes half a character; one that does not end goes out in pieces.
class LinesToOutput final : public ByteSink {
 public:
  void write(std::string_view bytes) override {
    pending_ += bytes;
    const auto end = pending_.rfind('\n');
    if (end == std::string::npos && pending_.size() < kMaxPending) return;
    const std::size_t taken = end == std::string::npos ? pending_.size() : end + 1;
    print(std::string_view(pending_).substr(0, taken));
    pending_.erase(0, taken);
    stop_if_nobody_reads();
  }
  void finish() {
    if (!pending_.empty()) print(pending_ + "\n");
  }

 private:
  static constexpr std::size_t kMaxPending = std::size_t{1} << 20;
  std::string pending_;
};

void show_text(VaultObjects& objects, const ObjectKey& key, const std::stop_token& stop) {
  LinesToOutput lines;
  objects.read(key, lines, stop);
  lines.finish();
}

void show(VaultObjects& objects, const ObjectKey& key, const std::stop_token& stop) {
  if (is_text(key)) return with_context(key, [&] { show_text(objects, key, stop); });
  if (isatty(STDOUT_FILENO) == 1)
    throw Error(ErrorKind::invalid,
                fmt::format("{} is not text: write it into a file, as in hubkeep show {} > {}", key, key,
                            last_component(key)));
  BytesToOutput bytes;
  objects.read_stored(key, bytes, stop);
}

}  // namespace

void show_object(VaultObjects& objects, const ObjectKey& key, const std::stop_token& stop) {
  if (!objects.find(key))
    throw Error(ErrorKind::not_found,
                fmt::format("there is no object {} in {}", key, printable(objects.description())));
  try {
    show(objects, key, stop);
  } catch (const Error&) {
    if (!is_output_lost()) throw;  // finish_output() says the rest
  }
}

}  // namespace hubkeep
