// Where the concrete classes meet; those of the store are in open_vault.cc. BackupParts makes them in the
// order of its members, each of which needs those above it; some of its initialisers do something first,
// because it has to happen before the vault is opened. Each run_…() below is one command.
#include "app/wiring.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/authorities.h"
#include "app/file_source.h"
#include "app/github_access.h"
#include "app/open_vault.h"
#include "backup/attachments_backup.h"
#include "backup/gist_meta_backup.h"
#include "backup/git_backup.h"
#include "backup/job.h"
#include "backup/lfs_backup.h"
#include "backup/meta_backup.h"
#include "backup/meta_graph.h"
#include "backup/meta_issues.h"
#include "backup/meta_lists.h"
#include "backup/meta_settings.h"
#include "backup/proof_options.h"
#include "backup/releases_backup.h"
#include "backup/wiki_backup.h"
#include "base/error.h"
#include "base/log.h"
#include "base/stopwatch.h"
#include "base/text.h"
#include "github/listed_before.h"
#include "github/rest_github.h"
#include "http/clock_watch.h"
#include "http/curl_client.h"
#include "remote/http_git_remote.h"
#include "remote/http_lfs_remote.h"
#include "run/accounting.h"
#include "run/dry_run.h"
#include "run/shared_run.h"
#include "store/leftovers.h"
#include "store/store_location.h"
#include "vault/findings.h"

namespace hubkeep {
namespace {

GitHubObserver waits_of(RunObserver& observer) {
  return {.on_wait = [&](const std::string& reason,
                         std::chrono::seconds wait) { observer.waiting(reason, wait); },
          .on_retry =
              [&](const Error& error, std::chrono::milliseconds wait) {
                observer.retrying({.kind = RetrySubject::Kind::github}, error, wait);
              }};
}

// For commands that show nothing else while they work. Without a state, so that it outlives each vault.
class Notes final : public RunObserver {
 public:
  void selected(std::size_t) override {}
  void moved(ByteCount) override {}
  void waiting(const std::string&, std::chrono::seconds) override {}
  void retrying(const RetrySubject&, const Error& error, std::chrono::milliseconds) override {
    log_debug("{}", error.message());
  }
  void notice(const std::string& text) override { log_notice(text); }
  void made_vault(const std::string&, const std::string&) override {}
};

// For a first look: what keeps it waiting is told, and all else by the one that follows.
class FirstLook final : public RunObserver {
 public:
  explicit FirstLook(RunObserver& run) : run_(run) {}
  void selected(std::size_t) override {}
  void moved(ByteCount) override {}
  void waiting(const std::string& reason, std::chrono::seconds duration) override {
    run_.waiting(reason, duration);
  }
  void retrying(const RetrySubject& subject, const Error& error, std::chrono::milliseconds wait) override {
    run_.retrying(subject, error, wait);
  }
  void notice(const std::string&) override {}
  void made_vault(const std::string&, const std::string&) override {}

 private:
  RunObserver& run_;
};

RunObserver& notes() {
  static Notes instance;
  return instance;
}

DataSubset data_to_read(const Settings& settings) {
  if (settings.read_data) return {.kind = DataSubset::Kind::all};
  return settings.read_data_subset.empty() ? DataSubset{} : DataSubset::parse(settings.read_data_subset);
}

std::filesystem::path scratch_of(const Settings& settings) {
  if (!settings.temp_dir.empty()) return settings.temp_dir;
  std::error_code error;
  const auto found = std::filesystem::temp_directory_path(error);
  return error ? "/tmp" : found;
}

ProofKind proof_of_verify(const Settings& settings) {
  if (settings.verify_deep) return ProofKind::deep;
  return settings.verify_restore ? ProofKind::restore : ProofKind::none;
}

// Empty: none is needed. A deep proof reads pieces of a folder again, where a bucket would be asked thousands
// of times.
std::filesystem::path scratch_of_verify(const Settings& settings) {
  const ProofKind proof = proof_of_verify(settings);
  if (proof == ProofKind::none) return {};
  const StoreLocation vault = parse_store_location(vault_to_read(settings));
  const bool is_folder = std::holds_alternative<FolderLocation>(vault);
  return proof == ProofKind::deep && is_folder && settings.temp_dir.empty() ? std::filesystem::path()
                                                                            : scratch_of(settings);
}

void read_repair(const Settings& settings, RunOptions& options) {
  if (settings.repair.empty()) return;
  const std::string name = printable(settings.repair.string());
  const FileText file = read_settings_file(settings.repair.string(), NamedBy::user, kMaxFindingsSize);
  if (file.state != FileText::State::found)
    throw Error(ErrorKind::invalid,
                fmt::format("{}: there is no file {}", origin_of(settings, "repair"), name));
  with_context(name, [&] {
    options.repair = parse_findings(file.text);
    options.damaged_zips = parse_zip_findings(file.text);
    options.lost_of_vault = parse_state_findings(file.text);
  });
}

std::optional<ThawRequest> thaw_request(const Settings& settings) {
  if (settings.thaw.empty()) return std::nullopt;
  const ThawTier tier = settings.thaw == "expedited" ? ThawTier::expedited
                        : settings.thaw == "bulk"    ? ThawTier::bulk
                                                     : ThawTier::standard;
  return ThawRequest{.tier = tier, .days = std::chrono::days(settings.thaw_days)};
}

// Without what this machine knows of the vault: whoever has lost that machine can read all the same.
std::shared_ptr<Vault> open_to_read(const Settings& settings, RunObserver& run, const std::stop_token& stop) {
  auto vault = open_vault(settings, {.location = vault_to_read(settings)}, {.run = run}, stop);
  if (vault->identity_damage()) run.notice(vault->identity_advice());
  return vault;
}

RunContents contents_of(const Settings& settings) {
  RunContents contents{.history = !settings.no_git};
  if (settings.zip) contents.zips = settings.zip_always ? ZipTime::always : ZipTime::when_moved;
  return contents;
}

// Who asks GitHub for what it knows of a repository, those first whose documents are worth most: what leads
// to others comes before these.
MetaCollectors meta_collectors() {
  MetaCollectors collectors = {issues_collector(), items_collector(), review_comments_collector()};
  for (auto& lists : list_collectors()) collectors.push_back(std::move(lists));
  collectors.push_back(discussions_collector());
  collectors.push_back(comments_graph_collector());  // of the comments that those before it have found
  collectors.push_back(settings_collector());
  collectors.push_back(branch_protections_collector());
  return collectors;
}

// In the order in which they are saved.
PartBackups part_backups(const Settings& settings) {
  const ContentKinds kinds = kinds_to_keep(settings);
  PartBackups parts = {git_backup()};
  if (kinds.contains(ContentKind::wiki)) parts.push_back(wiki_backup(settings.wiki_every));
  if (kinds.contains(ContentKind::lfs)) parts.push_back(lfs_backup({.largest = settings.lfs_max_size}));
  if (kinds.contains(ContentKind::releases)) parts.push_back(releases_backup());
  const auto documents = meta_backup(SubjectKind::repository, meta_collectors(), kinds);
  parts.push_back(documents);
  // Which looks for addresses in the texts of the two before it.
  if (kinds.contains(ContentKind::attachments)) parts.push_back(attachments_backup(documents));
  if (kinds.contains(ContentKind::gists) || kinds.contains(ContentKind::starred_gists))
    parts.push_back(gist_meta_backup());
  return parts;
}

// Of gists, who keeps no histories keeps nothing.
RepositorySelection selection_of(const Settings& settings) {
  RepositorySelection selection = settings.selection;
  const ContentKinds kinds = kinds_to_keep(settings);
  if (settings.no_git) return selection;
  if (kinds.contains(ContentKind::gists))
    selection.gists =
        parse_kinds(settings.with).contains(ContentKind::gists) ? Wish::demanded : Wish::if_possible;
  selection.starred_gists = kinds.contains(ContentKind::starred_gists);
  return selection;
}

Url api_url(const Settings& settings) {
  return with_context(origin_of(settings, "api-url"), [&] { return Url::parse(settings.api_url); });
}

RunOptions run_options(const Settings& settings) {
  RunOptions options{.selection = selection_of(settings),
                     .jobs = static_cast<int>(settings.jobs),
                     .stale_after = settings.stale_after,
                     .contents = contents_of(settings)};
  read_repair(settings, options);
  return options;
}

// What has just been seen of `vault`, on top of what was known of it.
void keep(KnownVaults& known, const Vault& vault, const std::map<std::string, CompletedRun>& newest_runs,
          Clock& clock) {
  if (vault.identity_damage()) return;
  KnownVault seen = known.find(vault.id()).value_or(KnownVault{});
  seen.id = vault.id();
  seen.seen_at = clock.now();
  for (const auto& [host, run] : newest_runs) seen.newest_runs.insert_or_assign(host, run);
  known.keep(seen);
}

// A run's refs stand in memory beside the buffers that --memory is about. Half a million fit into the least.
ByteCount largest_listing(ByteCount memory) {
  constexpr ByteCount kLeast = ByteCount{64} << 20;
  return std::clamp(memory > kMaxListingSize / 4 ? kMaxListingSize : memory * 4, kLeast, kMaxListingSize);
}

/// All that a backup needs. Keeps references to its arguments.
class BackupParts {
 public:
  /// Mode write is for a run that goes on in the vault where it was planned, mode read for one that is only
  /// foretold.
  BackupParts(const Settings& settings, BackupObserver& observer, const std::stop_token& stop,
              OpenMode mode = OpenMode::create)
      : api_(api_url(settings)),
        retries_{.max_attempts = static_cast<int>(settings.retries) + 1},
        clocks_(true, notice_of(observer)),
        http_(watch_clock(make_curl_client({.user_agent = "hubkeep/" HUBKEEP_VERSION,
                                            .authorities = github_authorities(settings),
                                            .stall_timeout = settings.stall_timeout}),
                          clock_, [this](std::chrono::seconds ahead) { clocks_.hear_github(ahead); })),
        token_(token_source_of(settings, *http_, clock_, waits_of(observer), retries_)),
        github_(make_rest_github(*http_, clock_,
                                 {.api_url = api_,
                                  .token = token_,
                                  .observer = waits_of(observer),
                                  .retries = retries_,
                                  .aliases = api_aliases(settings)})),
        memory_(settings.memory),
        known_((warn_of_plain_http(settings, observer),
                known_vaults(settings, resolved_vault_location(settings), notice_of(observer)))),
        vault_((refuse_to_lock_by_a_wrong_clock(settings, stop),
                list_before_a_vault_is_made(settings, mode, observer, stop),
                open_vault(settings,
                           {.location = resolved_vault_location(settings),
                            .mode = mode,
                            .memory = &memory_,
                            .may_be_missing = mode == OpenMode::read,
                            .known = &known_},
                           {.run = observer, .clocks = &clocks_}, stop))),
        context_{.vault = *vault_,
                 .github = listed_,
                 .open_remote = http_git_opener(*http_, clock_,
                                                {.host = host_access(settings, observer),
                                                 .agent = "hubkeep/" HUBKEEP_VERSION,
                                                 .largest_listing = largest_listing(settings.memory)}),
                 .open_lfs = http_lfs_opener(*http_, clock_, host_access(settings, observer)),
                 .parts = part_backups(settings),
                 .clock = clock_,
                 .observer = observer,
                 .program = program_version(),
                 .host = github_->host(),
                 .recheck = settings.recheck_after,
                 .retries = retries_,
                 .absences = {.max_gone = MaxGone::parse(settings.max_gone), .accept = settings.accept_gone},
                 .proof = {.is_wanted = !settings.no_proof && has_memory_to_prove(), .memory = &memory_},
                 .known_run = known_run(),
                 .clock_ahead = [this] { return clocks_.ahead_of_github(); }} {
    if (!settings.no_proof && !has_memory_to_prove())
      observer.notice(fmt::format("nothing is proved with {} of memory: that takes {}, see --memory",
                                  human_size(memory_.total()), human_size(memory_to_prove())));
    if (mode == OpenMode::read) return;
    if (vault_->is_new()) observer.made_vault(vault_->objects().description(), vault_->id());
    if (!known_.find(vault_->id())) keep(known_, *vault_, {}, clock_);
  }

  const BackupContext& context() const { return context_; }

  void keep_run(const RunSummary& summary) {
    if (summary.newest_run) keep(known_, *vault_, {{context_.host, *summary.newest_run}}, clock_);
  }

  MemoryBudget& memory() { return memory_; }

 private:
  std::optional<CompletedRun> known_run() const {
    const auto runs = known_.find(vault_->id()).value_or(KnownVault{}).newest_runs;
    const auto run = runs.find(github_->host());
    return run == runs.end() ? std::nullopt : std::optional(run->second);
  }

  HostAccess host_access(const Settings& settings, BackupObserver& observer) const {
    return {
        .api_url = api_, .token = token_, .observer = waits_of(observer), .aliases = api_aliases(settings)};
  }

  void warn_of_plain_http(const Settings& settings, BackupObserver& observer) const {
    if (api_.scheme != "http" || (settings.token.empty() && settings.app_id.empty())) return;
    std::vector<Url> places = {api_};
    for (const std::string& alias : api_aliases(settings)) places.push_back(Url::parse("http://" + alias));
    for (const Url& place : places) {
      if (place.is_loopback()) continue;
      observer.notice(fmt::format("the token travels unencrypted to {}", place.origin()));
    }
  }

  ByteCount memory_to_prove() const {
    return kBackupJobMemory + kIndexingShare + vault_->objects().writer_memory();
  }
  bool has_memory_to_prove() const { return memory_.total() >= memory_to_prove(); }

  // Locks go by the store's clock, which is held against this machine's; where both are wrong alike, GitHub
  // knows, and is asked before anything is locked. A lock counts days.
  void refuse_to_lock_by_a_wrong_clock(const Settings& settings, const std::stop_token& stop) {
    if (settings.object_lock.empty()) return;
    try {
      http_->send({.url = Url::parse(api_.without_query() + "/rate_limit")}, nullptr, stop);
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::cancelled) throw;
      return;  // the listing says what is wrong
    }
    const std::chrono::seconds ahead = clocks_.ahead_of_github();
    if (std::chrono::abs(ahead) > std::chrono::days(1))
      throw Error(ErrorKind::invalid, "nothing is locked by a wrong clock: " +
                                          describe_clock("this machine", ahead, "GitHub's") + ": set it");
  }

  // Of a wrong token no vault is left, nor of another first listing that brings nothing. Where this machine
  // knows a vault, none is made.
  void list_before_a_vault_is_made(const Settings& settings, OpenMode mode, RunObserver& observer,
                                   const std::stop_token& stop) {
    if (mode != OpenMode::create || !known_.all().empty()) return;
    FirstLook first_look(observer);
    const VaultRequest request{
        .location = resolved_vault_location(settings), .may_be_missing = true, .known = &known_};
    const bool is_there = !open_vault(settings, request, {.run = first_look}, stop)->is_new();
    if (is_there) return;
    const RepositoryList& list = listed_.list_now(selection_of(settings), stop);
    if (settings.repair.empty()) require_something(list);
  }

  SystemClock clock_;
  const Url api_;
  const RetryPolicy retries_;
  RunClocks clocks_;
  const std::unique_ptr<HttpClient> http_;
  const std::shared_ptr<TokenSource> token_;
  const std::unique_ptr<GitHub> github_;
  ListedBefore listed_{*github_};
  MemoryBudget memory_;
  KnownVaults known_;
  const std::shared_ptr<Vault> vault_;
  const BackupContext context_;
};

/// GitHub, to be asked what it has now. Keeps references to its arguments.
class GitHubParts {
 public:
  GitHubParts(const Settings& settings, RunObserver& observer)
      : api_(api_url(settings)),
        retries_{.max_attempts = static_cast<int>(settings.retries) + 1},
        http_(make_curl_client({.user_agent = "hubkeep/" HUBKEEP_VERSION,
                                .authorities = github_authorities(settings),
                                .stall_timeout = settings.stall_timeout})),
        token_(token_source_of(settings, *http_, clock_, waits_of(observer), retries_)),
        github_(make_rest_github(*http_, clock_,
                                 {.api_url = api_,
                                  .token = token_,
                                  .observer = waits_of(observer),
                                  .retries = retries_,
                                  .aliases = api_aliases(settings)})),
        open_remote_(http_git_opener(*http_, clock_,
                                     {.host = {.api_url = api_,
                                               .token = token_,
                                               .observer = waits_of(observer),
                                               .aliases = api_aliases(settings)},
                                      .agent = "hubkeep/" HUBKEEP_VERSION})),
        now_{.github = *github_, .open_remote = open_remote_, .retries = retries_} {}

  const GitHubNow& now() const { return now_; }

 private:
  SystemClock clock_;
  const Url api_;
  const RetryPolicy retries_;
  const std::unique_ptr<HttpClient> http_;
  const std::shared_ptr<TokenSource> token_;
  const std::unique_ptr<GitHub> github_;
  const GitRemoteOpener open_remote_;
  const GitHubNow now_;
};

std::uint64_t new_seed() {
  std::uint64_t seed = 0;
  for (const char c : from_hex(random_hex(8))) seed = seed << 8U | static_cast<unsigned char>(c);
  return seed;
}

}  // namespace

std::string program_version() {
  return "hubkeep " HUBKEEP_VERSION;
}

RunSummary run_backup(const Settings& settings, BackupObserver& observer, const StopTokens& stops) {
  BackupParts parts(settings, observer, stops.stop);
  RunSummary summary = backup_account(parts.context(), run_options(settings), parts.memory(), stops);
  parts.keep_run(summary);
  return summary;
}

DryRun run_dry(const Settings& settings, BackupObserver& observer, const std::stop_token& stop) {
  const BackupParts parts(settings, observer, stop, OpenMode::read);
  DryRun run = dry_run(parts.context(), selection_of(settings), contents_of(settings), stop);
  run.vault = resolved_vault_location(settings);
  return run;
}

SharedPlan run_plan(const Settings& settings, BackupObserver& observer, const std::string& name,
                    const std::stop_token& stop) {
  BackupParts parts(settings, observer, stop);
  return plan_shared_run(parts.context(), run_options(settings), name, stop);
}

BatchSummary run_batch(const Settings& settings, BackupObserver& observer, const BatchRequest& request,
                       const StopTokens& stops) {
  BackupParts parts(settings, observer, stops.stop, OpenMode::write);
  return work_on_batch(
      parts.context(), parts.memory(),
      {.jobs = static_cast<int>(settings.jobs), .stops = stops, .contents = contents_of(settings)}, request);
}

RunSummary run_finish(const Settings& settings, BackupObserver& observer, const SnapshotId& run,
                      const std::stop_token& stop) {
  BackupParts parts(settings, observer, stop, OpenMode::write);
  return finish_shared_run(parts.context(), run, stop);
}

VerifySummary run_verify(const Settings& settings, const VerifyRequest& request, VerifyObserver& observer,
                         const std::stop_token& stop) {
  KnownVaults known = known_vaults(settings, vault_to_read(settings), notice_of(observer));
  const auto vault =
      open_vault(settings, {.location = vault_to_read(settings), .known = &known}, {.run = observer}, stop);
  const auto known_runs = known.find(vault->id()).value_or(KnownVault{}).newest_runs;
  MemoryBudget memory(settings.memory);
  VerifySummary summary = verify_vault(*vault,
                                       {.repositories = request.repositories,
                                        .after = request.after,
                                        .passes_first = request.passes_first,
                                        .read = data_to_read(settings),
                                        .proof = proof_of_verify(settings),
                                        .scratch = scratch_of_verify(settings),
                                        .memory = &memory,
                                        .jobs = static_cast<std::size_t>(settings.jobs),
                                        .known_runs = known_runs},
                                       observer, stop);
  SystemClock clock;
  keep(known, *vault, summary.runs.to_keep(), clock);
  return summary;
}

CopySummary run_copy(const Settings& settings, const CopyRequest& request, CopyObserver& observer,
                     const std::stop_token& stop) {
  MemoryBudget memory(settings.memory);
  // The vault to read from is not held against what this machine knows: as with open_to_read(), a machine
  // that knows nothing can read it.
  const auto from = with_context(printable(request.from), [&] {
    Settings any = settings;  // the vault that is asked for is the one to copy to
    any.vault_id.clear();
    return open_vault(any, {.location = request.from}, {.run = observer}, stop);
  });
  if (from->identity_damage()) observer.notice(from->identity_advice());
  KnownVaults known = known_vaults(settings, request.to, notice_of(observer));
  const auto to = with_context(printable(request.to), [&] {
    return open_vault(settings,
                      {.location = request.to, .mode = OpenMode::create, .memory = &memory, .known = &known},
                      {.run = observer}, stop);
  });
  if (to->is_new()) observer.made_vault(to->objects().description(), to->id());
  SystemClock clock;
  keep(known, *to, {}, clock);
  if (from->objects().description() == to->objects().description())
    throw Error(ErrorKind::invalid, "both are the same vault: name another place to copy to");
  to->objects().clean_up(settings.stale_after, notice_of(observer));
  const CopyContext context{.from = *from, .to = *to, .observer = observer};
  return copy_vault(context,
                    {.repositories = request.repositories, .jobs = static_cast<std::size_t>(settings.jobs)},
                    memory, stop);
}

RestoreSummary run_restore(const Settings& settings, RestoreRequest request, RestoreObserver& observer,
                           const std::stop_token& stop) {
  request.at = settings.at;
  request.temp_dir = settings.temp_dir;
  request.thaw = thaw_request(settings);
  request.jobs = static_cast<std::size_t>(settings.jobs);
  const auto vault = open_to_read(settings, observer, stop);
  return restore_vault(*vault, request, observer, stop);
}

ExportOutcome run_export(const Settings& settings, ExportRequest request, const std::stop_token& stop) {
  request.at = settings.at;
  request.temp_dir = settings.temp_dir;
  request.thaw = thaw_request(settings);
  const auto vault = open_vault_to_read(settings, stop);
  return export_repository(*vault, request, log_notice, stop);
}

VaultToBrowse open_vault_to_browse(const Settings& settings, const std::stop_token& stop) {
  auto traffic = std::make_shared<StoreTraffic>();
  auto vault =
      open_vault(settings, {.location = vault_to_read(settings), .traffic = traffic}, {.run = notes()}, stop);
  if (vault->identity_damage()) log_notice(vault->identity_advice());
  return {.vault = std::move(vault),
          .traffic = std::move(traffic),
          .options = {.cache = settings.cache_folder, .memory = settings.memory, .notice = log_notice}};
}

DrillReport run_drill(const Settings& settings, const DrillRequest& request, DrillObserver& observer,
                      const std::stop_token& stop) {
  // It is written to at the end: not into another vault than the one that this machine knows.
  const KnownVaults known = known_vaults(settings, vault_to_read(settings), notice_of(observer));
  const auto vault =
      open_vault(settings, {.location = vault_to_read(settings), .known = &known}, {.run = observer}, stop);
  std::optional<GitHubParts> github;
  if (settings.against_github) github.emplace(settings, observer);
  SystemClock clock;
  return drill_vault(*vault, clock,
                     {.repositories = request.repositories,
                      .all = request.all,
                      .count = static_cast<std::size_t>(settings.drill_count),
                      .seed = settings.drill_seed ? *settings.drill_seed : new_seed(),
                      .temp_dir = scratch_of(settings),
                      .github = github ? &github->now() : nullptr,
                      .program = program_version(),
                      .elapsed = steady_time},
                     observer, stop);
}

DoctorReport run_doctor(const Settings& settings, DoctorObserver& observer, const std::stop_token& stop) {
  const std::string name = "doctor/" + SnapshotId::make(SystemClock().now()).str();
  const auto place = open_place(settings, resolved_vault_location(settings), name, observer);
  return examine_place(*place, observer, stop);
}

std::unique_ptr<HttpClient> make_patient_client() {
  return make_curl_client({.user_agent = "hubkeep/" HUBKEEP_VERSION,
                           .stall_timeout = std::chrono::seconds(0),
                           .use_proxy = false});
}

std::shared_ptr<Vault> open_vault_to_read(const Settings& settings, const std::stop_token& stop) {
  return open_to_read(settings, notes(), stop);
}

}  // namespace hubkeep
