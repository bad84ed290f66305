#include <nlohmann/json.hpp>

#include "app/wiring.h"
#include "cli/command_table.h"
#include "cli/output.h"
#include "report/doctor_table.h"
#include "report/run_log.h"
#include "vault/manifest.h"

namespace hubkeep {
namespace {

// Each row as soon as it is known: a server that does not answer is waited for.
class Table final : public LoggedRun<DoctorObserver> {
 public:
  explicit Table(bool is_shown)
      : LoggedRun(MovingLine::no, {.purpose = "to try", .done = "tried"}), is_shown_(is_shown) {}

  void found(const PlaceFinding& finding) override {
    if (is_shown_) print(describe(finding));
  }

 private:
  const bool is_shown_;
};

ExitCode run(const CommandCall&, const Settings& settings, const std::stop_token& stop) {
  Table table(!settings.json);
  const DoctorReport report = run_doctor(settings, table, stop);
  print(settings.json ? format_json_to_print(to_json(report)) + "\n" : describe_end(report));
  if (report.stopped) return ExitCode::interrupted;
  return report.is_good() ? ExitCode::ok : ExitCode::incomplete;
}

}  // namespace

CommandDefinition doctor_command() {
  return {.name = "doctor",
          .settings = Command::doctor,
          .usage = "hubkeep doctor [FLAGS]",
          .summary = "try whether a folder or bucket can hold a vault",
          .story =
              "Tries everything that a vault needs at --to, with what a backup would use there, and says of "
              "each thing: ok; does without, and what hubkeep does instead; not permitted, where hubkeep can "
              "do without; not tried, and why; MISSING, and what to do. What it writes (6 MiB at most at a "
              "time) lies below doctor/ and is removed at the end; what cannot be removed is named. A vault "
              "that is there is not touched, and none is made. Give the flags that the backup will have. The "
              "exit code is 3 if something is missing that a vault needs.",
          .examples =
              "  hubkeep doctor --to /mnt/nas/github-vault\n"
              "  hubkeep doctor --to s3://acme-backup --endpoint-url https://minio.example.com\n",
          .max_arguments = 0,
          .run = run};
}

}  // namespace hubkeep
