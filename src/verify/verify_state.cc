// The states are read once, at the beginning. They serve three ends: they name snapshots that nothing else
// names any more, they remember losses that an empty folder would not show, and they are objects themselves,
// which may be damaged or missing. A state is missing when a manifest names its vault and there is none for
// its host: versions that kept no state did not write that.
#include "verify/verify_state.h"

#include <algorithm>

#include "base/error.h"
#include "vault/key_kind.h"
#include "vault/loss_check.h"
#include "vault/losses.h"

namespace hubkeep {
namespace {

constexpr std::string_view kSuffix = ".jsonl.zst";

std::vector<ObjectKey> state_keys(VaultObjects& objects) {
  std::vector<ObjectKey> keys;
  objects.list(std::string(kStateFolder), "", [&](const ObjectInfo& object) {
    if (kind_of(object.key) == KeyKind::state) keys.push_back(object.key);
    return true;
  });
  return keys;
}

// As it stands in the key: what cannot be read does not say it.
std::string host_of(const ObjectKey& key) {
  return key.substr(kStateFolder.size(), key.size() - kStateFolder.size() - kSuffix.size());
}

bool all_accepted(const std::vector<Damage>& damages) {
  return std::all_of(damages.begin(), damages.end(), [](const Damage& damage) { return damage.accepted; });
}

}  // namespace

bool StateVerdict::is_good() const {
  return all_accepted(damages);
}

RememberedStates::RememberedStates(Vault& vault, const std::stop_token& stop) : vault_(vault), stop_(stop) {
  for (const ObjectKey& key : state_keys(vault.objects())) {
    try {
      if (auto state = vault.read_state_object(key, stop)) states_.push_back(std::move(*state));
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::corrupt) throw;
      damaged_.push_back({.host = host_of(key),
                          .damages = {{.key = key,
                                       .kind = DamageKind::content,
                                       .detail = loss_detail(error, key),
                                       .snapshots = {}}}});
    }
  }
}

void RememberedStates::recall(Catalog& catalog) const {
  for (const HostState& state : states_) recall_snapshots(catalog, state);
}

std::vector<const Loss*> RememberedStates::losses_of(const std::string& folder,
                                                     const Verdict& verdict) const {
  std::vector<const Loss*> losses;
  for (const HostState& state : states_) {
    for (const Loss& loss : state.losses)
      if (loss.key.starts_with(folder)) losses.push_back(&loss);
    const auto found = state.repositories.find(verdict.id);
    if (state.host != verdict.host || found == state.repositories.end()) continue;
    for (const Loss& loss : found->second.losses) losses.push_back(&loss);
  }
  return losses;
}

std::optional<Damage> RememberedStates::damage_of(const Loss& loss) const {
  // A loss that is over is not told, whether or not a run has taken it out yet.
  // VerifyState.TellsOfLossesUntilTheyAreAcceptedOrBack.
  if (is_back(vault_, loss, stop_)) return std::nullopt;
  return Damage{.key = loss.key,
                .kind = loss.detail.starts_with("is missing") ? DamageKind::missing : DamageKind::content,
                .detail = loss.detail,
                .snapshots = {},
                .accepted = loss.accepted_at.has_value()};
}

void RememberedStates::add_losses(const std::string& folder, Verdict& verdict) const {
  for (const Loss* loss : losses_of(folder, verdict)) {
    const auto found = std::find_if(verdict.damages.begin(), verdict.damages.end(),
                                    [&](const Damage& damage) { return damage.key == loss->key; });
    // What runs alarm of is not accepted, whatever a snapshot says: a repair ends with the state.
    // VerifyState.WhatRunsAlarmOfIsNotAccepted.
    if (found != verdict.damages.end())
      found->accepted = loss->accepted_at.has_value();
    else if (auto damage = damage_of(*loss))
      verdict.damages.push_back(std::move(*damage));
  }
}

std::vector<StateVerdict> RememberedStates::judge(const std::set<std::string>& keeping) const {
  std::vector<StateVerdict> verdicts = damaged_;
  std::set<ObjectKey> there;
  for (const StateVerdict& verdict : damaged_) there.insert(verdict.damages.front().key);
  for (const HostState& state : states_) {
    there.insert(state_key(state.host));
    StateVerdict& verdict = verdicts.emplace_back(StateVerdict{.host = state.host, .damages = {}});
    for (const Loss& loss : state.losses) {
      if (is_of_a_subject(loss.key)) continue;  // told with the folder
      if (auto damage = damage_of(loss)) verdict.damages.push_back(std::move(*damage));
    }
  }
  for (const std::string& host : keeping) {
    if (there.contains(state_key(host))) continue;
    verdicts.push_back({.host = host,
                        .damages = {{.key = state_key(host),
                                     .kind = DamageKind::missing,
                                     .detail = "is missing",
                                     .snapshots = {}}}});
  }
  return verdicts;
}

}  // namespace hubkeep
