// The state of each host is merged into that of the other vault, as one that was written by its own runs:
// what was looked at later counts, an acceptance in either one counts, and a loss counts unless the other
// vault has the object. What is lost here may be there
// (CopyVault.WhatIsLostHereAndThereInTheOtherIsNotLostThere).
// MergeState.KeepsWhatIsNewerAndWhatWasAcceptedInEither.
#include "copy/copy_state.h"

#include <algorithm>

#include "base/clock.h"
#include "vault/loss_check.h"
#include "vault/losses.h"

namespace hubkeep {
namespace {

void merge_loss(std::vector<Loss>& losses, Loss loss) {
  const auto known =
      std::find_if(losses.begin(), losses.end(), [&](const Loss& other) { return other.key == loss.key; });
  if (known == losses.end()) {
    losses.push_back(std::move(loss));
    return;
  }
  known->found_at = std::min(known->found_at, loss.found_at);
  if (!known->accepted_at) known->accepted_at = loss.accepted_at;
}

// In the folder that the repository has there.
Loss moved(Loss loss, const std::string& from, const std::string& to) {
  if (!from.empty() && loss.key.starts_with(from)) loss.key = to + loss.key.substr(from.size());
  return loss;
}

class StateCopy {
 public:
  StateCopy(const CopyContext& context, const CopiedRepositories& copied, const std::stop_token& stop)
      : context_(context), copied_(copied), stop_(stop) {}

  /// Whether the other vault had remembered something that is lost.
  bool copy(const HostState& from) {
    SystemClock clock;
    context_.to.begin_state(from.host, copied_.to, clock, stop_);
    const HostState to =
        context_.to.update_state(from.host, [&](HostState& state) { merge(state, from); }, clock, stop_);
    return is_lost(to) && !is_lost(from);
  }

 private:
  static bool is_lost(const HostState& state) {
    return std::any_of(state.losses.begin(), state.losses.end(), [&](const Loss& loss) {
      return loss.key == state_key(state.host) && !loss.accepted_at;
    });
  }

  void merge(HostState& to, const HostState& from) {
    if (!to.newest_run || (from.newest_run && from.newest_run->finished > to.newest_run->finished))
      to.newest_run = from.newest_run;
    for (const Loss& loss : from.losses) merge_loss(to.losses, loss);
    take_out(to.losses);
    for (const auto& [id, repository] : from.repositories) {
      if (copied_.wanted && !copied_.wanted->contains({from.host, id})) continue;
      RepositoryState& known = to.repositories[id];
      merge_state(known, repository, folder_of({from.host, id}, repository.folder));
      take_out(known.losses);
    }
    for (const CatalogUpdate& update : copied_.updates) {
      const auto known = to.repositories.find(update.entry.id);
      if (update.entry.host == from.host && known != to.repositories.end())
        remember_snapshots(known->second, update);
    }
  }

  std::string folder_of(const SubjectKey& key, const std::string& there) const {
    const auto known = copied_.to.find(key);
    return known == copied_.to.end() || there.empty() ? there : known->second.folder;
  }

  void take_out(std::vector<Loss>& losses) {
    std::erase_if(losses,
                  [&](const Loss& loss) { return !loss.accepted_at && is_back(context_.to, loss, stop_); });
  }

  const CopyContext& context_;
  const CopiedRepositories& copied_;
  const std::stop_token& stop_;
};

std::vector<ObjectKey> state_keys(VaultObjects& objects) {
  std::vector<ObjectKey> keys;
  objects.list_children(std::string(kStateFolder), [&](std::string_view name) {
    if (!name.ends_with('/')) keys.push_back(std::string(kStateFolder) + std::string(name));
    return true;
  });
  return keys;
}

}  // namespace

std::vector<std::string> copy_states(const CopyContext& context, const CopiedRepositories& copied,
                                     const std::stop_token& stop) {
  std::vector<std::string> problems;
  for (const ObjectKey& key : state_keys(context.from.objects())) {
    try {
      const auto state = context.from.read_state_object(key, stop);
      if (state && StateCopy(context, copied, stop).copy(*state))
        problems.push_back(key +
                           " was lost in the other vault, and what that itself remembered with it: "
                           "verify it, and it says how to accept that");
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::corrupt) throw;
      problems.push_back("what the vault remembers is left out: " + error.message());
    }
  }
  return problems;
}

void merge_state(RepositoryState& to, const RepositoryState& from, const std::string& folder) {
  const bool is_newer = to.name.empty() || from.checked_at > to.checked_at;
  if (is_newer) {
    to.name = from.name;
    to.is_private = from.is_private;
    to.checked_at = from.checked_at;
    to.failure = from.failure;
    const auto accepted_at = to.absence ? to.absence->accepted_at : std::nullopt;
    to.absence = from.absence;
    if (to.absence && !to.absence->accepted_at) to.absence->accepted_at = accepted_at;
  }
  if (to.folder.empty()) to.folder = folder;
  if (to.newest.empty()) to.newest = from.newest;
  for (const Loss& loss : from.losses) merge_loss(to.losses, moved(loss, from.folder, folder));
}

}  // namespace hubkeep
