// Asks the states of all hosts three things: has a run ever completed, which repositories fail and of which
// of them nothing was ever saved, and do they know the run that this machine remembers as the last. A vault
// without that run was set back to what it had been before, whatever its clocks say (is_behind()).
#include "verify/verify_runs.h"

#include <fmt/format.h>

#include <set>

#include "base/text.h"
#include "store/object_key.h"

namespace hubkeep {
namespace {

class RunsVerification {
 public:
  explicit RunsVerification(const std::vector<CatalogEntry>& entries) {
    for (const CatalogEntry& entry : entries) saved_.insert(place_of(entry.folder));
  }

  RunsVerdict run(Vault& vault, const RememberedStates& states, const KnownRuns& known) {
    for (const HostState& state : states.all()) look_at(state);
    // A version that kept no state wrote the catalog at the end of a run.
    if (states.all().empty() && !states.is_any_damaged() && !vault.holds_data())
      verdict_.problems.emplace_back("no run has ever completed into this vault");
    for (const auto& [host, run] : known) compare(host, run);
    return std::move(verdict_);
  }

 private:
  // "repos/github.com" and "7" of "repos/github.com/acme/site.7/": what stays when a repository is renamed.
  static std::pair<std::string, std::string> place_of(std::string_view folder) {
    const auto host_end = folder.find('/', folder.find('/') + 1);
    if (host_end == std::string_view::npos) return {};
    const std::string_view last = last_component(folder.substr(0, folder.size() - 1));
    return {std::string(folder.substr(0, host_end)), std::string(last.substr(last.rfind('.') + 1))};
  }

  bool is_saved(const std::string& host, const SubjectId& id, const RepositoryState& repository) const {
    const std::string host_folder = std::string(root_of(id.kind()).folder) + encode_name(host);
    return !repository.folder.empty() || saved_.contains({host_folder, id.str()});
  }

  void look_at(const HostState& state) {
    if (state.newest_run)
      verdict_.newest.emplace(state.host, *state.newest_run);
    else
      verdict_.problems.push_back(
          fmt::format("no run for {} has ever completed into this vault", printable(state.host)));
    for (const auto& [id, repository] : state.repositories) {
      if (!repository.failure) continue;
      auto& list = is_saved(state.host, id, repository) ? verdict_.failing : verdict_.never_saved;
      list.push_back(
          {.repository = repository.name, .id = id, .host = state.host, .failure = *repository.failure});
    }
  }

  void compare(const std::string& host, const CompletedRun& known) {
    const auto found = verdict_.newest.find(host);
    const auto newest = found == verdict_.newest.end() ? std::nullopt : std::optional(found->second);
    if (!is_behind(newest, known)) return;
    verdict_.lost_runs = true;
    verdict_.problems.push_back(older_vault_text(newest, known));
  }

  std::set<std::pair<std::string, std::string>> saved_;
  RunsVerdict verdict_;
};

}  // namespace

RunsVerdict verify_runs(Vault& vault, const RememberedStates& states,
                        const std::vector<CatalogEntry>& entries, const KnownRuns& known) {
  return RunsVerification(entries).run(vault, states, known);
}

std::string describe_never_saved(const FailingRepository& repository) {
  return fmt::format("never saved: {}, since {}: {}", printable(repository.repository),
                     format_time(repository.failure.since), printable(repository.failure.message));
}

}  // namespace hubkeep
