#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <exception>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "app/wiring.h"
#include "base/error.h"
#include "base/log.h"
#include "base/text.h"
#include "cli/command_table.h"
#include "cli/output.h"
#include "report/status_line.h"
#include "restore/at_hand.h"
#include "restore/restore_repository.h"
#include "vault/select_snapshot.h"

namespace hubkeep {
namespace {

using Json = nlohmann::ordered_json;

[[noreturn]] void refuse(const std::string& message) {
  throw Error(ErrorKind::invalid, message);
}

void take(CommandCall& call, const std::vector<std::string>& arguments) {
  const bool all = call.has("all");
  if (call.has("bare") && call.has("mirror")) refuse("--bare and --mirror exclude each other");
  if (all && arguments.size() != 1) refuse("restore --all needs one folder: hubkeep restore --all DIR");
  if (arguments.empty()) refuse("restore needs a repository: hubkeep restore OWNER/NAME");
  if (!all) call.repositories = {arguments.front()};
  if (!all && arguments.size() == 1) return;
  if (arguments.back().empty()) refuse("the folder to restore into is empty");
  call.words = {arguments.back()};
}

RepositoryKind kind_of(const CommandCall& call) {
  if (call.has("mirror")) return RepositoryKind::mirror;
  return call.has("bare") ? RepositoryKind::bare : RepositoryKind::work_tree;
}

// A name from outside as a folder: it cannot lead out of where it is put, nor make git take its files for the
// configuration of the folder around it.
std::string safe_folder(std::string_view name) {
  const std::string encoded = encode_name(name);
  return equals_ignoring_case(encoded, ".git") ? "%2E" + encoded.substr(1) : encoded;
}

std::string folder_name(std::string_view name, RepositoryKind kind) {
  return safe_folder(name) + (kind == RepositoryKind::work_tree ? "" : ".git");
}

std::optional<ThawRequest> thaw_request(const Settings& settings) {
  if (settings.thaw.empty()) return std::nullopt;
  const ThawTier tier = settings.thaw == "expedited" ? ThawTier::expedited
                        : settings.thaw == "bulk"    ? ThawTier::bulk
                                                     : ThawTier::standard;
  return ThawRequest{.tier = tier, .days = std::chrono::days(settings.thaw_days)};
}

// Runs `action`; where the vault may be damaged, the Error that leaves it says how to find out.
template <typename Action>
void with_damage_advice(const Vault& vault, const CatalogEntry& entry, Action&& action) {
  try {
    action();
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::corrupt && error.kind() != ErrorKind::not_found) throw;
    throw Error(
        error.kind(),
        fmt::format("{}: whether the vault is damaged, and what of it can still be restored, is said by {}",
                    error.message(), vault.command("verify --restore", exact_name(entry))));
  }
}

constexpr std::size_t kMaxShown = 20;

// The end of a path tells more than its start.
std::string shortened(const std::string& path) {
  constexpr std::size_t kMaxLength = 300;
  return path.size() <= kMaxLength ? path : "..." + path.substr(path.size() - kMaxLength);
}

class Restorer {
 public:
  Restorer(const CommandCall& call, const Settings& settings, std::stop_token stop)
      : call_(call),
        settings_(settings),
        stop_(std::move(stop)),
        kind_(kind_of(call)),
        thaw_(thaw_request(settings)) {
    vault_ = open_vault_to_read(settings, stop_);
    catalog_ = vault_->load_catalog(
        [](const std::string& text) { log_line(LogLevel::quiet, "note: " + text); }, stop_);
  }

  ExitCode one() {
    const CatalogEntry& entry =
        find_repository(catalog_, call_.repositories.front(), vault_->command("list"));
    const auto& name = entry.listing.full_name;
    const std::filesystem::path folder =
        call_.words.empty() ? folder_name(name.substr(name.find('/') + 1), kind_) : call_.words[0];
    try {
      restore(entry, folder);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::cold || !thaw_) throw;
      tell_failure(name, error);
    }
    print_result();
    return asked_for_ || not_all_written_ ? ExitCode::incomplete : ExitCode::ok;
  }

  ExitCode all() {
    std::size_t failed = 0;
    for (const auto& [key, entry] : catalog_) {
      if (entry.has_only_zips() && vault_->list_snapshots(entry.folder).empty()) {
        log_line(LogLevel::quiet, "note: " + only_zips(entry));
        continue;
      }
      try {
        restore(entry, std::filesystem::path(call_.words[0]) / place_of(entry));
      } catch (const Error& error) {
        if (error.kind() == ErrorKind::cancelled) throw;
        ++failed;
        tell_failure(entry.listing.full_name, error);
      } catch (const std::exception& error) {
        ++failed;
        tell_failure(entry.listing.full_name, Error(ErrorKind::internal, error.what()));
      }
    }
    print_result();
    if (failed == 0) return not_all_written_ ? ExitCode::incomplete : ExitCode::ok;
    return failed == catalog_.size() && !asked_for_ ? ExitCode::nothing_done : ExitCode::incomplete;
  }

 private:
  // What was asked for is no failure: it only takes its time.
  void tell_failure(const std::string& name, const Error& error) {
    const bool asked = error.kind() == ErrorKind::cold && thaw_;
    asked_for_ = asked_for_ || asked;
    log_line(LogLevel::quiet,
             fmt::format("{}: {}{}", printable(name), asked ? "" : "failed: ", error.message()));
    result_.push_back({{"repository", name}, {"error", error.message()}});
  }

  // owner/name, with the id where another has, or had, the name's better claim.
  std::filesystem::path place_of(const CatalogEntry& entry) {
    std::string full_name = entry.listing.full_name;
    for (auto holder = holder_of(full_name); holder != entry.id && holder != 0; holder = holder_of(full_name))
      full_name += fmt::format(".{}", entry.id.str());
    const auto slash = full_name.find('/');
    return std::filesystem::path(safe_folder(full_name.substr(0, slash))) /
           folder_name(full_name.substr(slash + 1), kind_);
  }

  // Who has the name now; among those that are gone, the one that came last. Case does not count: file
  // systems differ.
  SubjectId holder_of(const std::string& full_name) const {
    const CatalogEntry* holder = nullptr;
    for (const auto& [key, entry] : catalog_) {
      if (!equals_ignoring_case(entry.listing.full_name, full_name)) continue;
      if (holder == nullptr || (holder->gone_since && !entry.gone_since) ||
          (holder->gone_since.has_value() == entry.gone_since.has_value() && entry.id > holder->id)) {
        holder = &entry;
      }
    }
    return holder == nullptr ? SubjectId() : holder->id;
  }

  void restore(const CatalogEntry& entry, const std::filesystem::path& folder) {
    const auto& name = entry.listing.full_name;
    const auto tell = [&](const std::string& text) {
      log_line(LogLevel::quiet, fmt::format("note: {}: {}", printable(name), text));
    };
    const StoredManifest stored =
        find_snapshot(*vault_, entry, settings_.at, has_settled_history, tell, stop_);
    const GitPart git = git_part(stored.manifest.parts);
    if (!git.left_out.empty()) tell(describe(git.left_out));
    if (!has_settled_history(stored.manifest.parts))
      tell(fmt::format("snapshot {} is not complete: not all that GitHub had then is in it",
                       stored.manifest.snapshot.str()));
    const AtHand found = look_at_hand(vault_->store(), entry.folder, stored.manifest.parts, thaw_, stop_);
    if (!found.all()) throw Error(ErrorKind::cold, describe(found, thaw_));
    // Beyond this point nothing is cold, but for what only reading tells of.
    if (!settings_.quiet) {
      log_line(LogLevel::quiet, fmt::format("{}: restoring snapshot {} into {}, about {} of disk",
                                            printable(name), stored.manifest.snapshot.str(),
                                            printable(folder.string()), human_size(disk_needed(git, kind_))));
    }
    CheckOutReport report;
    with_thaw_advice([&] {
      StatusLine progress(settings_.log_format == "text" && isatty(STDERR_FILENO) == 1 && !settings_.quiet);
      ByteCount read = 0;
      const auto received = [&](ByteCount bytes) {
        read += bytes;
        progress.draw(printable(name), read, "read");
      };
      with_damage_advice(*vault_, entry, [&] {
        report = restore_repository(*vault_, entry.folder, stored.manifest,
                                    {.folder = folder, .temp_dir = settings_.temp_dir, .kind = kind_},
                                    received, stop_);
      });
    });
    result_.push_back({{"repository", name},
                       {"snapshot", stored.manifest.snapshot.str()},
                       {"git", git.status.word()},
                       {"folder", folder.string()}});
    for (const LeftOutRef& ref : git.left_out) result_.back()["left_out"].push_back(to_json(ref));
    tell_not_written(name, report);
    if (!settings_.json) print(printable(folder.string()) + "\n");
  }

  // The history is in its place all the same.
  void tell_not_written(const std::string& name, const CheckOutReport& report) {
    if (!report.notice.empty()) {
      log_line(LogLevel::quiet, fmt::format("note: {}: {}", printable(name), report.notice));
      result_.back()["note"] = report.notice;
    }
    if (report.count == 0) return;
    not_all_written_ = true;
    Json files = Json::array();
    for (const NotWritten& file : report.named) files.push_back({{"path", file.path}, {"why", file.why}});
    result_.back()["not_written"] = {{"count", report.count}, {"files", std::move(files)}};
    log_line(
        LogLevel::quiet,
        fmt::format("{}: the whole history is restored, but {} of the work tree could not "
                    "be written as in the commit:",
                    printable(name), report.count == 1 ? "1 file" : fmt::format("{} files", report.count)));
    const std::size_t shown = std::min(report.named.size(), kMaxShown);
    for (std::size_t i = 0; i < shown; ++i) {
      const NotWritten& file = report.named[i];
      log_line(LogLevel::quiet,
               fmt::format("  {}: {}", printable(shortened(file.path)), printable(file.why)));
    }
    if (report.count > shown) log_line(LogLevel::quiet, fmt::format("  and {} more", report.count - shown));
  }

  void print_result() const {
    if (settings_.json) print(format_json_to_print({{"restored", result_}}) + "\n");
  }

  const CommandCall& call_;
  const Settings& settings_;
  const std::stop_token stop_;
  const RepositoryKind kind_;
  const std::optional<ThawRequest> thaw_;
  std::shared_ptr<Vault> vault_;
  Catalog catalog_;
  Json result_ = Json::array();
  bool asked_for_ = false;  // for something that is cold
  bool not_all_written_ = false;
};

ExitCode run(const CommandCall& call, const Settings& settings, const std::stop_token& stop) {
  Restorer restorer(call, settings, stop);
  return call.has("all") ? restorer.all() : restorer.one();
}

}  // namespace

CommandDefinition restore_command() {
  return {
      .name = "restore",
      .settings = Command::restore,
      .usage = "hubkeep restore OWNER/NAME [DIR] [FLAGS]\n       hubkeep restore --all DIR [FLAGS]",
      .summary = "bring repositories back from a vault, as they were at any snapshot",
      .story =
          "Needs neither GitHub nor a token. Without DIR, the repository goes into a new folder with its "
          "name. Never overwrites anything.",
      .examples =
          "  hubkeep restore acme/site\n"
          "  hubkeep restore acme/site old-site --at 2026-11-23T18:45:01Z\n"
          "  hubkeep restore acme/site site.git --mirror --from /srv/github-vault\n"
          "  hubkeep restore --all everything\n",
      .plain_flags = {{"all", "every repository in the vault, each in a folder OWNER/NAME below DIR"},
                      {"bare", "a bare repository: branches and tags, no work tree"},
                      {"mirror", "a bare repository with every ref as GitHub had it, including refs/pull/*"}},
      .max_arguments = 2,
      .take = take,
      .run = run};
}

}  // namespace hubkeep
