// The Lambda's events: the answer to one that could not be finished is the event that goes on.

#include "lambda/event.h"

#include "fuzz/fuzz_support.h"
#include "lambda/answer.h"

using namespace hubkeep;

namespace {

void check_verify(const LambdaEvent& event) {
  VerifySummary summary;
  summary.stopped = true;
  summary.verified_up_to = event.after + "x";
  const LambdaEvent next = parse_event(answer_of(event, summary).dump());
  fuzz::require(next.action == event.action && next.after == summary.verified_up_to && next.attempt == 1 &&
                    next.repositories == event.repositories &&
                    next.read_data_subset == event.read_data_subset && next.deep == event.deep,
                "a verification goes on");
}

void check_batch(const LambdaEvent& event) {
  const BatchSummary summary{.attempt = 1, .left = event.batch};
  const LambdaEvent next = parse_event(answer_of(event, summary).dump());
  fuzz::require(next.action == event.action && next.run.str() == event.run.str() && next.attempt == 2 &&
                    next.batch == event.batch,
                "a batch goes on");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(fuzz::as_text(data, size));
  fuzz::error_of([&] {
    const LambdaEvent event = parse_event(text);
    if (event.action == LambdaAction::verify) check_verify(event);
    if (event.action == LambdaAction::backup_repositories) check_batch(event);
  });
  return 0;
}
