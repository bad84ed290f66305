// The edge of a piece of work that must not end what is around it.
#pragma once

#include <exception>
#include <optional>

#include "base/error.h"

namespace hubkeep {

/// What `action` throws: nothing where it ends well. What is no Error becomes an internal one.
template <typename Action>
std::optional<Error> caught_error(Action&& action) {
  try {
    action();
    return std::nullopt;
  } catch (const Error& error) {
    return error;
  } catch (const std::exception& error) {
    return Error(ErrorKind::internal, error.what());
  }
}

}  // namespace hubkeep
