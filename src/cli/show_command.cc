// One object of a vault on standard output: text decoded, for people and their tools; anything else byte for
// byte.

#include <fmt/format.h>
#include <unistd.h>

#include "app/wiring.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/bytes_to_output.h"
#include "cli/command_table.h"
#include "cli/output.h"
#include "store/object_key.h"
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

void take(CommandCall& call, const std::vector<std::string>& arguments) {
  if (arguments.empty()) throw Error(ErrorKind::invalid, "show needs the key of an object: hubkeep show KEY");
  const std::string& key = arguments.front();
  if (!is_valid_key(key))
    throw Error(ErrorKind::invalid, fmt::format("not a valid key: '{}'", printable(key)));
  call.words = {key};
}

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

ExitCode run(const CommandCall& call, const Settings& settings, const std::stop_token& stop) {
  const ObjectKey& key = call.words.front();
  const auto vault = open_vault_to_read(settings, stop);
  VaultObjects& objects = vault->objects();
  if (!objects.find(key))
    throw Error(ErrorKind::not_found,
                fmt::format("there is no object {} in {}", key, printable(objects.description())));
  try {
    show(objects, key, stop);
  } catch (const Error&) {
    if (!is_output_lost()) throw;  // finish_output() says the rest
  }
  return ExitCode::ok;
}

}  // namespace

CommandDefinition show_command() {
  return {.name = "show",
          .settings = Command::reader,
          .usage = "hubkeep show KEY [FLAGS]",
          .summary = "print one object of a vault, such as a manifest",
          .story =
              "KEY is the name of an object as verify prints it: its path in the vault. Manifests, refs, the "
              "catalog, state and reports are printed as text. Everything else, bundles and zips, is printed "
              "byte for byte and must go into a file. Nothing is compared with what was written: run verify "
              "for that. Needs neither GitHub nor a token.",
          .examples =
              "  hubkeep show catalog.jsonl.zst\n"
              "  hubkeep show runs/20261123T184501Z-3f9a1c.jsonl.zst --from /srv/github-vault\n"
              "  hubkeep show zip/2026-11-23/acme/site-3f9a1c.zip > site.zip\n",
          .max_arguments = 1,
          .take = take,
          .run = run};
}

}  // namespace hubkeep
