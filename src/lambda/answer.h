// What an invocation answers. docs/aws.md, "Events".
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "base/error.h"
#include "drill/drill_record.h"
#include "lambda/event.h"
#include "lambda/runtime_api.h"
#include "run/shared_run.h"
#include "store/store_location.h"
#include "verify/verify_vault.h"

namespace hubkeep {

/// "status": DONE, INCOMPLETE where repositories failed, CONTINUE where there was no time for all.
nlohmann::ordered_json answer_of(LambdaAction action, const RunSummary& summary);
nlohmann::ordered_json answer_of(const SharedPlan& plan, const S3Location& vault);
/// The next round's event, whole. "shares" are those that other workers fetch before it, each sent the same
/// event with one of them as "share".
nlohmann::ordered_json answer_of(const LambdaEvent& event, const BatchSummary& summary);
/// With CONTINUE it is the event to go on with. "damaged" are repositories, then zips, 20 at most.
nlohmann::ordered_json answer_of(const LambdaEvent& event, const VerifySummary& summary);

/// INCOMPLETE also where there was no time for all: a drill does not go on in another invocation.
nlohmann::ordered_json answer_of(const DrillReport& report);

/// "Hubkeep.NotFound": what Step Functions calls the error.
LambdaFailure failure_of(const Error& error);

}  // namespace hubkeep
