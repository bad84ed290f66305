// A gist as GitHub describes it, without what its files hold: GET /gists/{id} sends up to 1 MiB of each of
// 300 files, all of which the history has. It is cut out while it streams by, so that a gist of any size
// takes no more memory than its description.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/byte_sink.h"

namespace hubkeep {

/// Takes JSON as it comes. Each `content` of the `files` becomes null, and line breaks become spaces; all
/// else stays as it was sent.
class GistDocument final : public ByteSink {
 public:
  /// Throws Error(corrupt) past kMaxJsonSize of what is kept, and for what is nested too deep.
  void write(std::string_view bytes) override;
  /// The document, without a line break. Called once, last. Throws Error(corrupt) for what is no JSON.
  std::string finish();

 private:
  void take(char c);
  void take_in_string(char c);
  void begin_string();
  void close();
  bool is_content() const;

  std::string kept_;
  std::string open_;                // the brackets around this place
  std::vector<std::string> names_;  // of the member that this place is in, for each of them
  std::string text_;                // of the name that is being read
  bool is_name_next_ = false;
  bool is_in_string_ = false;
  bool is_escaped_ = false;
  bool is_name_ = false;     // the string that this place is in
  bool is_cut_out_ = false;  // the same
};

}  // namespace hubkeep
