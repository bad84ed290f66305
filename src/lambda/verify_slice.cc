// A verification may take many invocations: each says up to where it came, and the next begins there. What
// comes first there can be so large that an invocation never gets to its end; the third attempt at one place
// may pass it over, and an attempt that does not get on even so fails, or the state machine would go on
// forever. See VerifySlice.AsksToPassWhatComesFirstInTheThirdAttempt and FailsWhereItCannotGainAnything.
#include "lambda/verify_slice.h"

#include <fmt/format.h>

#include "base/error.h"

namespace hubkeep {
namespace {

constexpr int kMaxAttempts = 3;  // as those of a repository of a shared run

VerifySummary verify_in_time(const VerifyRequest& request, const Verification& verify) {
  try {
    return verify(request);
  } catch (const Error& error) {
    // The time was over before anything was verified: the place stays where it was.
    if (error.kind() != ErrorKind::cancelled) throw;
    return {.catalog = {},
            .runs = {},
            .verdicts = {},
            .states = {},
            .zips = {},
            .stopped = true,
            .verified_up_to = request.after};
  }
}

}  // namespace

VerifySummary verify_slice(const LambdaEvent& event, const Verification& verify) {
  const VerifyRequest request{.repositories = event.repositories,
                              .after = event.after,
                              .passes_first = event.attempt >= kMaxAttempts};
  VerifySummary summary = verify_in_time(request, verify);
  if (request.passes_first && summary.stopped && summary.verified_up_to == request.after)
    throw Error(ErrorKind::cancelled,
                fmt::format("the time of an invocation was over {} times before anything could be verified",
                            event.attempt));
  return summary;
}

}  // namespace hubkeep
