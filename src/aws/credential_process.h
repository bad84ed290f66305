// A program of the user's that prints credentials.
// Specification: docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html
#pragma once

#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "aws/credentials.h"

namespace hubkeep {

/// Splits a command line as a POSIX shell does, without any expansion. Throws Error(invalid) for a quote that
/// does not end, and for nothing.
std::vector<std::string> split_command(std::string_view command);

/// Runs `command` without a shell. Throws Error: invalid (the command line), not_found (no such program),
/// unauthorized (it failed; the message has the end of what it wrote to standard error), corrupt (its
/// output), cancelled.
Credentials process_credentials(const std::string& command, const std::stop_token& stop);

}  // namespace hubkeep
