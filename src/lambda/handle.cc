// An event becomes a command: settings are loaded as on the command line, but without flags and files, then
// the same run_…() functions do the work with the deadline's stop tokens. Nothing is kept from one event to
// the next.
#include "lambda/handle.h"

#include <fmt/format.h>

#include <cstdio>

#include "app/file_source.h"
#include "app/load_settings.h"
#include "app/secret_reader.h"
#include "app/wiring.h"
#include "base/error.h"
#include "base/log.h"
#include "base/text.h"
#include "lambda/answer.h"
#include "lambda/deadline.h"
#include "lambda/event.h"
#include "lambda/verify_slice.h"
#include "report/drill_progress.h"
#include "report/metrics.h"
#include "report/progress.h"
#include "report/verify_progress.h"
#include "run/shared_run.h"

namespace hubkeep {
namespace {

using Json = nlohmann::ordered_json;

// The function's own disk is gone with it.
S3Location vault_of(const std::string& location) {
  if (!to_lower(location).starts_with("s3://"))
    throw Error(
        ErrorKind::invalid,
        "no bucket to write to: set BACKUP_S3_BUCKET, or HUBKEEP_TO as s3://BUCKET/PREFIX, in the function's "
        "environment or in its secret");
  return parse_s3_location(location);
}

// Without one a run would save what is public, and say that all is well.
void check_credential(const Settings& settings) {
  if (settings.token.empty() && settings.app_id.empty())
    throw Error(ErrorKind::unauthorized,
                "no token: set TOKEN_GITHUB, or HUBKEEP_APP_ID and HUBKEEP_APP_KEY of a GitHub App, in the "
                "function's secret or environment");
}

Command command_of(LambdaAction action) {
  if (action == LambdaAction::verify) return Command::verify;
  return action == LambdaAction::drill ? Command::drill : Command::backup;
}

// What an event says of a drill counts as a flag does.
FlagValues flags_of(const LambdaEvent& event) {
  FlagValues flags;
  if (event.count) flags["count"] = {std::to_string(*event.count)};
  if (event.seed) flags["seed"] = {std::to_string(*event.seed)};
  if (event.against_github) flags["against-github"] = {*event.against_github ? "true" : "false"};
  return flags;
}

class Handler {
 public:
  Handler(const Environment& environment, const Invocation& invocation)
      : environment_(environment), deadline_(invocation.deadline) {}

  Json handle(const LambdaEvent& event) {
    const Command command = command_of(event.action);
    // The secret is read each time: a new token counts at once.
    settings_ = load_settings(command, flags_of(event), environment_, {.read_secret = read_aws_secret});
    settings_.state_folder.clear();  // what is written to the function's disk is gone with it
    set_log_format(settings_.log_format == "json" ? LogFormat::json : LogFormat::text);
    set_log_level(settings_.verbose ? LogLevel::verbose
                  : settings_.quiet ? LogLevel::quiet
                                    : LogLevel::normal);
    for (const auto& warning : settings_.warnings)
      log_event(LogLevel::quiet, Severity::warning, warning, nullptr);
    const S3Location vault =
        vault_of(command == Command::backup ? resolved_vault_location(settings_) : vault_to_read(settings_));
    if (command == Command::backup || settings_.against_github) check_credential(settings_);
    switch (event.action) {
      case LambdaAction::backup:
        return answer_of(event.action, counted(run_backup(settings_, progress_, deadline_.stops())));
      case LambdaAction::plan:
        return answer_of(run_plan(settings_, progress_, event.name, deadline_.stop()), vault);
      case LambdaAction::backup_repositories:
        return answer_of(
            event,
            run_batch(
                settings_, progress_,
                {.run = event.run, .attempt = event.attempt, .batch = event.batch, .share = event.share},
                deadline_.stops()));
      case LambdaAction::finish:
        return answer_of(event.action,
                         counted(run_finish(settings_, progress_, event.run, deadline_.stop())));
      case LambdaAction::verify:
        return verify(event);
      case LambdaAction::drill:
        return drill(event);
    }
    throw Error(ErrorKind::internal, "an action without a handler");
  }

 private:
  Json verify(const LambdaEvent& event) {
    if (event.deep && !event.read_data_subset.empty())
      throw Error(
          ErrorKind::invalid,
          "the event has \"deep\", which reads the whole history, and \"read_data_subset\": give one");
    if (!event.read_data_subset.empty()) {
      DataSubset::parse(event.read_data_subset);
      settings_.read_data_subset = event.read_data_subset;
    }
    if (event.deep) {
      settings_.verify_deep = true;
      settings_.read_data_subset.clear();
    }
    VerifyProgress progress(MovingLine::no);
    return answer_of(event, counted(verify_slice(event, [&](const VerifyRequest& request) {
                       return run_verify(settings_, request, progress, deadline_.stop());
                     })));
  }

  Json drill(const LambdaEvent& event) const {
    DrillProgress progress(MovingLine::no);
    return answer_of(run_drill(settings_, {.repositories = event.repositories, .all = event.all}, progress,
                               deadline_.stop()));
  }

  // One write: a line of the log is one event of CloudWatch's.
  template <typename Summary>
  Summary counted(Summary summary) const {
    const auto name = environment_.find("AWS_LAMBDA_FUNCTION_NAME");
    const std::string line =
        metrics_line(metrics_of(summary), name == environment_.end() ? "hubkeep" : name->second,
                     SystemClock().now()) +
        "\n";
    std::fwrite(line.data(), 1, line.size(), stdout);
    std::fflush(stdout);
    return summary;
  }

  const Environment& environment_;
  Deadline deadline_;
  Progress progress_{MovingLine::no};
  Settings settings_;
};

}  // namespace

void check_lambda_settings(const Environment& environment) {
  load_settings(Command::backup, {}, environment, {.read_secret = {}});
}

std::string handle_event(const Invocation& invocation, const Environment& environment) {
  try {
    Handler handler(environment, invocation);
    return handler.handle(parse_event(invocation.event)).dump(-1, ' ', false, Json::error_handler_t::replace);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::cancelled) throw;
    throw error.with_context("the time of this invocation was over before it could do anything");
  }
}

}  // namespace hubkeep
