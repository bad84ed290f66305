// The program as an AWS Lambda function: takes events from the Runtime API until Lambda has enough of it.
#pragma once

#include "app/environment_source.h"

namespace hubkeep {

/// Whether Lambda has started this process.
bool is_lambda(const Environment& environment);

/// Returns the exit code, when it cannot go on: Lambda starts another process then.
int serve_lambda(const Environment& environment);

}  // namespace hubkeep
