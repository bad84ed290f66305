// Does what an event asks for.
#pragma once

#include <string>

#include "app/environment_source.h"
#include "app/settings.h"
#include "lambda/runtime_api.h"

namespace hubkeep {

/// Throws Error(invalid) for a variable of the function's that no event could work with; the secret is not
/// read.
void check_lambda_settings(const Environment& environment);

/// The answer, as JSON. Metrics go to standard output. Throws Error when nothing could be done.
std::string handle_event(const Invocation& invocation, const Environment& environment);

}  // namespace hubkeep
