// For tests: the Error that something throws.
#pragma once

#include <gtest/gtest.h>

#include "base/error.h"

namespace hubkeep {

/// The test has failed when `action` throws no Error.
template <typename Action>
Error error_of(Action&& action) {
  try {
    action();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "no Error was thrown";
  return {ErrorKind::internal, "no Error was thrown"};
}

}  // namespace hubkeep
