// A vault that was set back to an older copy of itself contradicts itself nowhere. Only who remembers a later
// run sees it, as a machine that keeps the last run does. It becomes a loss in the state, so that all runs
// tell of it until it is accepted: BackupAccount.AVaultThatLacksAKnownRunIsNotGoodUntilThatIsAccepted.
#include "run/begin_state.h"

#include <fmt/format.h>

#include "vault/future_snapshots.h"
#include "vault/run_report.h"

namespace hubkeep {
namespace {

// Where the run's report is still there, the state alone was set back.
Loss lost_run(const BackupContext& context, const CompletedRun& known) {
  const ObjectKey report = run_report_key(known.run);
  const bool is_there = context.vault.objects().find(report).has_value();
  return {.key = is_there ? state_key(context.host) : report,
          .detail = is_there ? fmt::format("does not know the run {}, which was its last", known.run.str())
                             : "is missing: the vault was set back to what it had been before that run",
          .found_at = context.clock.now(),
          .accepted_at = std::nullopt};
}

}  // namespace

HostState begin_state(const BackupContext& context, const Catalog& catalog, const std::stop_token& stop) {
  HostState state = context.vault.begin_state(context.host, catalog, context.clock, stop);
  if (!context.known_run || !is_behind(state.newest_run, *context.known_run)) return state;
  context.observer.notice(older_vault_text(state.newest_run, *context.known_run));
  const Loss loss = lost_run(context, *context.known_run);
  return context.vault.update_state(
      context.host, [&](HostState& now) { add_loss(now.losses, loss); }, context.clock, stop);
}

void tell_of_the_future(const BackupContext& context, const Catalog& catalog) {
  const std::string text = future_snapshots_text(catalog, context.now_by_github());
  if (!text.empty()) context.observer.notice(text);
}

}  // namespace hubkeep
