// A mirror is restored, not a work tree: it has every object and every ref, and so proves the history. How
// files come out of it is git's own business. Only what the vault has is used up to the point where GitHub is
// asked, so the time is that of an emergency.
#include "drill/drill_repository.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>

#include "base/text.h"
#include "drill/compare_refs.h"
#include "drill/fsck.h"
#include "drill/restored_repository.h"
#include "restore/at_hand.h"
#include "restore/restore_repository.h"
#include "restore/workshop.h"
#include "vault/select_snapshot.h"
#include "vault/written_by.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;

class Exercise {
 public:
  Exercise(const DrillContext& context, const CatalogEntry& entry, DrillOutcome& outcome)
      : context_(context),
        entry_(entry),
        outcome_(outcome),
        scratch_(context.scratch / "repository"),
        repository_(scratch_.path() / "mirror.git") {}

  void run() {
    const Manifest manifest = choose_snapshot();
    const GitPart git = git_part(manifest.parts);
    if (!fits_on_disk(git)) return;
    require_at_hand(manifest);
    restore(manifest);
    // Beyond this point it counts as restored; what follows says how good it is.
    outcome_.result = DrillResult::restored;
    const RefState refs = compare_with_snapshot(manifest, git);
    check();
    if (context_.options.github != nullptr) compare_with_github(*context_.options.github, manifest, refs);
  }

 private:
  // restore takes an older snapshot where the newest is damaged or not complete; a drill says so.
  Manifest choose_snapshot() {
    const auto notice = [&](const std::string& text) { outcome_.notes.push_back(text); };
    Manifest manifest =
        find_snapshot(context_.vault, entry_, "", has_settled_history, notice, context_.stop).manifest;
    outcome_.snapshot = manifest.snapshot;
    for (const CatalogSnapshot& newest : entry_.newest)
      if (newest.snapshot > manifest.snapshot && status_of(newest.parts, kGitPart) == PartStatus::ok)
        outcome_.differences.add({.against = "vault",
                                  .what = "newest snapshot",
                                  .restored = manifest.snapshot.str(),
                                  .there = newest.snapshot.str(),
                                  .explanation = ""});
    return manifest;
  }

  bool fits_on_disk(const GitPart& git) {
    outcome_.disk_needed = disk_needed(git, RepositoryKind::mirror);
    std::error_code error;
    const auto space = fs::space(scratch_.path(), error);
    if (error || space.available >= outcome_.disk_needed) return true;
    outcome_.result = DrillResult::too_large;
    outcome_.notes.push_back(
        fmt::format("restoring it needs about {}, and {} has {} free", human_size(outcome_.disk_needed),
                    printable(context_.options.temp_dir.string()), human_size(space.available)));
    return false;
  }

  void require_at_hand(const Manifest& manifest) const {
    AtHand found;
    as_written_by(manifest.program, [&] {
      found = look_at_hand(context_.vault.objects(), entry_.folder,
                           {{PartName(kGitPart), manifest.parts.at(PartName(kGitPart))}}, {}, context_.stop);
    });
    if (!found.all())
      throw Error(ErrorKind::cold,
                  fmt::format("{} of its objects lie in an archive class", found.cold + found.thawing));
  }

  void restore(const Manifest& manifest) {
    std::atomic<ByteCount> read = 0;  // several threads read at once
    const auto received = [&](ByteCount bytes) {
      read += bytes;
      context_.observer.moved(bytes);
    };
    const auto begun = context_.options.elapsed();
    restore_repository(context_.vault, entry_.folder, manifest,
                       {.folder = repository_, .temp_dir = scratch_.path(), .kind = RepositoryKind::mirror},
                       received, context_.stop);
    outcome_.bytes = read;
    outcome_.restoring = context_.options.elapsed() - begun;
  }

  RefState compare_with_snapshot(const Manifest& manifest, const GitPart& git) {
    const RefState restored = read_ref_files(repository_, git.format);
    outcome_.refs = restored.refs.size();
    const RefState wanted = context_.vault.read_ref_state(entry_.folder, git, context_.stop);
    compare_refs(restored, wanted, "snapshot", [](const std::string&) { return ""; }, outcome_.differences);
    // A thin pack is completed with bases that other packs have, too: there may be more, and never less.
    std::uint64_t in_bundles = 0;
    for (const Bundle& bundle : git.bundles) in_bundles += bundle.objects;
    outcome_.objects = count_objects(repository_);
    const bool is_as_many =
        git.bundles.size() == 1 ? outcome_.objects == in_bundles : outcome_.objects >= in_bundles;
    if (!is_as_many)
      outcome_.differences.add({.against = "snapshot",
                                .what = "objects",
                                .restored = std::to_string(outcome_.objects),
                                .there = std::to_string(in_bundles),
                                .explanation = ""});
    if (!git.left_out.empty()) outcome_.notes.push_back(describe(git.left_out));
    if (manifest.gone_since)
      outcome_.notes.push_back("gone from GitHub since " + format_time(*manifest.gone_since));
    return restored;
  }

  void check() {
    const auto begun = context_.options.elapsed();
    const FsckAnswer answer = run_fsck(repository_, context_.stop);
    outcome_.checking = context_.options.elapsed() - begun;
    outcome_.fsck = answer.result;
    outcome_.fsck_lines = answer.lines;
    if (answer.result == FsckResult::not_run)
      outcome_.notes.push_back(
          "git fsck was not run, because there is no git; that every object which the refs lead to is there "
          "was proved by the restore itself");
  }

  // Compared with the state that the vault claims to have: a run that finds nothing new makes no snapshot,
  // and only the catalog learns of the listing.
  const Listing& listing_of(const Manifest& manifest) const {
    const bool is_newest = std::any_of(entry_.newest.begin(), entry_.newest.end(), [&](const auto& newest) {
      return newest.snapshot == manifest.snapshot;
    });
    return is_newest ? entry_.listing : manifest.listing;
  }

  void compare_with_github(const GitHubNow& now, const Manifest& manifest, const RefState& restored) {
    if (entry_.id.kind() == SubjectKind::account) {
      outcome_.notes.push_back("not compared with GitHub: it is an account");
      return;
    }
    if (entry_.host != now.github.host()) {
      outcome_.notes.push_back(fmt::format("not compared with GitHub: it is of {}, and --api-url names {}",
                                           printable(entry_.host), printable(now.github.host())));
      return;
    }
    const bool is_gist = entry_.id.kind() == SubjectKind::gist;
    const RepositoryIdentity known{.id = is_gist ? 0 : entry_.id.number(),
                                   .node_id = entry_.node_id,
                                   .gist = is_gist ? entry_.id.str() : ""};
    const RepositoryAnswer answer = now.github.repositories_by_id({&known, 1}, context_.stop).at(0);
    if (answer.error) throw answer.error->with_context("GitHub");
    outcome_.compared_with_github = true;
    if (!answer.repository) {
      outcome_.differences.add(
          {.against = "github",
           .what = is_gist ? "gist" : "repository",
           .restored = entry_.listing.full_name,
           .there = "",
           .explanation =
               entry_.gone_since ? "known to be gone since " + format_time(*entry_.gone_since) : ""});
      return;
    }
    Listing listed;
    listed.pushed_at = answer.repository->pushed_at;
    listed.default_branch = answer.repository->default_branch;
    ChangesSince changes = changes_between(listing_of(manifest), listed);
    for (const LeftOutRef& ref : git_part(manifest.parts).left_out) changes.left_out.insert(ref.name);
    const auto remote = now.open_remote(answer.repository->clone_url);
    const auto tell = [&](const Error& error, std::chrono::milliseconds wait) {
      context_.observer.retrying({.kind = RetrySubject::Kind::repository, .repository = outcome_.repository},
                                 error, wait);
    };
    const RefState there = with_retries(now.retries, context_.clock, context_.stop, tell,
                                        [&] { return remote->list_refs(restored.format, context_.stop); });
    compare_refs(
        restored, there, "github", [&](const std::string& name) { return explain_ref(name, changes); },
        outcome_.differences);
  }

  const DrillContext& context_;
  const CatalogEntry& entry_;
  DrillOutcome& outcome_;
  const ScratchFolderGuard scratch_;
  const fs::path repository_;
};

}  // namespace

DrillOutcome drill_repository(const DrillContext& context, const CatalogEntry& entry, ChosenAs chosen_as) {
  DrillOutcome outcome{.repository = entry.listing.full_name.empty() ? entry.folder : entry.listing.full_name,
                       .id = entry.id,
                       .host = entry.host,
                       .chosen_as = chosen_as};
  const auto fail = [&](const Error& error) {
    if (outcome.result != DrillResult::restored) outcome.result = DrillResult::failed;
    outcome.error = error;
  };
  if (context.stop.stop_requested()) return outcome;
  try {
    Exercise(context, entry, outcome).run();
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::cancelled) fail(error);
    if (error.kind() == ErrorKind::cancelled) outcome.result = DrillResult::not_done;
  } catch (const std::exception& error) {
    fail(Error(ErrorKind::internal, error.what()));
  }
  return outcome;
}

}  // namespace hubkeep
