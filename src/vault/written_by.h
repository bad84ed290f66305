// What a later version wrote and this one does not know: the error says which version to use.
#pragma once

#include <string>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "vault/format_version.h"

namespace hubkeep {

/// Of something in a vault that this version does not know: its message begins a sentence about that. An
/// Error(invalid) of a store is another matter.
class UnknownToThisVersion : public Error {
 public:
  explicit UnknownToThisVersion(std::string what) : Error(ErrorKind::invalid, std::move(what)) {}
};

/// The same Error, of something that this version does not know, with the program that wrote it and what to
/// do.
inline Error written_by(const Error& error, const std::string& program) {
  return {error.kind(),
          error.message() + " was written by " + printable(program) + ": " + std::string(kUseNewerVersion)};
}

/// Runs `action` and returns what it does; what is unknown in it was written by `program`.
template <typename Action>
auto as_written_by(const std::string& program, Action&& action) -> decltype(action()) {
  try {
    return action();
  } catch (const UnknownToThisVersion& error) {
    throw written_by(error, program);
  }
}

}  // namespace hubkeep
