// One invocation of a verification that takes more than one. docs/aws.md, "Events".
#pragma once

#include <functional>

#include "app/wiring.h"
#include "lambda/event.h"

namespace hubkeep {

using Verification = std::function<VerifySummary(const VerifyRequest&)>;

/// What `verify` finds from the event's place on. Where the time is over before it could look at anything, it
/// is that place again; what gains nothing in the third attempt is passed. Throws Error(cancelled) when there
/// is nothing that could be passed, and what `verify` throws.
VerifySummary verify_slice(const LambdaEvent& event, const Verification& verify);

}  // namespace hubkeep
