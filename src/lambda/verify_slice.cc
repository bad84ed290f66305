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
