#include "lambda/verify_slice.h"

#include <gmock/gmock.h>

#include "base/error_of.h"

namespace hubkeep {
namespace {

using testing::HasSubstr;

LambdaEvent event_of(int attempt) {
  return {.action = LambdaAction::verify, .attempt = attempt, .after = "repos/x/"};
}

VerifySummary stopped_at(const std::string& place) {
  VerifySummary summary;
  summary.stopped = true;
  summary.verified_up_to = place;
  return summary;
}

VerifySummary out_of_time(const VerifyRequest&) {
  throw Error(ErrorKind::cancelled, "stopped");
}

TEST(VerifySlice, BeginsAgainAtItsPlaceWhereTheTimeWasOverBeforeItBegan) {
  const VerifySummary summary = verify_slice(event_of(2), out_of_time);

  EXPECT_TRUE(summary.stopped);
  EXPECT_EQ(summary.verified_up_to, "repos/x/");
}

TEST(VerifySlice, AsksToPassWhatComesFirstInTheThirdAttempt) {
  std::vector<bool> passes;
  for (const int attempt : {1, 2, 3})
    verify_slice(event_of(attempt), [&](const VerifyRequest& request) {
      passes.push_back(request.passes_first);
      return stopped_at("repos/y/");
    });

  EXPECT_EQ(passes, (std::vector<bool>{false, false, true}));
}

TEST(VerifySlice, FailsWhereItCannotGainAnything) {
  for (const Verification& verify :
       {Verification(out_of_time), Verification([](const auto&) { return stopped_at("repos/x/"); })}) {
    const Error error = error_of([&] { verify_slice(event_of(3), verify); });

    EXPECT_EQ(error.kind(), ErrorKind::cancelled);
    EXPECT_THAT(error.message(), HasSubstr("over 3 times"));
  }
}

TEST(VerifySlice, LeavesOtherErrorsAlone) {
  EXPECT_THROW(verify_slice(event_of(1),
                            [](const auto&) -> VerifySummary { throw Error(ErrorKind::forbidden, "no"); }),
               Error);
}

}  // namespace
}  // namespace hubkeep
