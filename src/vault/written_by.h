// What a later version wrote and this one does not know: the error says which version to use.
#pragma once

#include <string>

#include "base/error.h"
#include "base/text.h"
#include "vault/format_version.h"

namespace hubkeep {

/// The same Error, of something that this version does not know, with the program that wrote it and what to
/// do.
inline Error written_by(const Error& error, const std::string& program) {
  return {error.kind(),
          error.message() + " was written by " + printable(program) + ": " + std::string(kUseNewerVersion)};
}

/// Runs `action` and returns what it does; an Error(invalid) that leaves it is one of what `program` wrote.
template <typename Action>
auto as_written_by(const std::string& program, Action&& action) -> decltype(action()) {
  try {
    return action();
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::invalid) throw;
    throw written_by(error, program);
  }
}

}  // namespace hubkeep
