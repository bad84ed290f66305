// A program of the user's prints credentials as JSON. The command is split into words as a shell does it, but
// there is no shell, so that nothing in it is run but the program.
#include "aws/credential_process.h"

#include <fmt/format.h>

#include "aws/credentials_json.h"
#include "base/error.h"
#include "base/json.h"
#include "base/subprocess.h"
#include "base/text.h"

namespace hubkeep {
namespace {

constexpr auto kOrigin = "credential_process";
constexpr std::chrono::minutes kTimeLimit{5};  // somebody may have to touch a key
constexpr ByteCount kOutputLimit = ByteCount{1} << 20;

class WordReader {
 public:
  explicit WordReader(std::string_view text) : text_(text) {}

  std::vector<std::string> read() {
    while (!text_.empty()) take(next());
    end_word();
    return std::move(words_);
  }

 private:
  char next() {
    const char c = text_.front();
    text_.remove_prefix(1);
    return c;
  }

  void take(char c) {
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') return end_word();
    in_word_ = true;
    if (c == '\'' || c == '"') return quoted(c);
    if (c == '\\' && !text_.empty()) c = next();
    word_ += c;
  }

  void quoted(char quote) {
    while (!text_.empty()) {
      char c = next();
      if (c == quote) return;
      // Between double quotes, a backslash stands for itself before anything but these.
      const bool escape = quote == '"' && c == '\\' && !text_.empty() &&
                          std::string_view("\"\\$`").find(text_[0]) != std::string_view::npos;
      word_ += escape ? next() : c;
    }
    throw Error(ErrorKind::invalid, fmt::format("{}: a {} is not closed", kOrigin, quote));
  }

  void end_word() {
    if (in_word_) words_.push_back(std::move(word_));
    word_.clear();
    in_word_ = false;
  }

  std::string_view text_;
  std::vector<std::string> words_;
  std::string word_;
  bool in_word_ = false;
};

// Programs end with what went wrong.
std::string last_of(std::string_view errors) {
  constexpr std::size_t kShown = 500;
  const auto text = trim(errors);
  return printable(text.substr(text.size() - std::min(text.size(), kShown)));
}

}  // namespace

std::vector<std::string> split_command(std::string_view command) {
  auto words = WordReader(command).read();
  if (words.empty()) throw Error(ErrorKind::invalid, fmt::format("{} is empty", kOrigin));
  return words;
}

Credentials process_credentials(const std::string& command, const std::stop_token& stop) {
  // The user's own program for AWS gets all of AWS's settings: but for secrets, what the user has.
  const auto result = with_context(kOrigin, [&] {
    return run_process({.arguments = split_command(command),
                        .environment = {},
                        .inherits = [](std::string_view) { return true; },
                        .time_limit = kTimeLimit,
                        .output_limit = kOutputLimit},
                       "", stop);
  });
  if (result.exit_code != 0) {
    throw Error(ErrorKind::unauthorized,
                fmt::format("{} ended with {}: {}", kOrigin, result.exit_code, last_of(result.errors)));
  }
  const auto json = parse_json_or_discard(result.output);
  if (json.is_object() && json.value("Version", nlohmann::json()) != 1) {
    throw Error(ErrorKind::corrupt, fmt::format("{} gave another Version than 1", kOrigin));
  }
  return parse_credentials_json(result.output, kOrigin);
}

}  // namespace hubkeep
