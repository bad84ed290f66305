// Does what an event asks for.
#pragma once

#include <string>

#include "app/environment_source.h"
#include "app/settings.h"
#include "aws/lambda_runtime.h"

namespace hubkeep {

/// The settings of an invocation: from the function's variables and, unless `without_secret`, from the
/// secret, which is read each time so that a new token counts at once. Throws Error as load_settings() does.
Settings load_lambda_settings(Command command, const Environment& environment, bool with_secret);

/// The answer, as JSON. Metrics go to standard output. Throws Error when nothing could be done.
std::string handle_event(const Invocation& invocation, const Environment& environment);

}  // namespace hubkeep
