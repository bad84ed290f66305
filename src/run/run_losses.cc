// A loss stays in the state until it is over in one of two ways: a repair accepts it, or the object is back
// as it was written. RunLosses.AreAcceptedByTheRepairThatReplacesThem, EndWhenTheObjectIsBack.
#include "run/run_losses.h"

#include <algorithm>

#include "vault/loss_check.h"
#include "vault/losses.h"

namespace hubkeep {
namespace {

void accept(std::vector<Loss>& losses, const ObjectKey& key, UtcTime now) {
  const Loss accepted{.key = key, .detail = "is lost for good", .found_at = now, .accepted_at = now};
  if (add_loss(losses, accepted)) return;
  const auto known =
      std::find_if(losses.begin(), losses.end(), [&](const Loss& loss) { return loss.key == key; });
  if (!known->accepted_at) known->accepted_at = now;
}

void take_back(Vault& vault, std::vector<Loss>& losses, std::vector<ObjectKey>& back) {
  std::erase_if(losses, [&](const Loss& loss) {
    if (loss.accepted_at || !is_back(vault, loss, {})) return false;
    back.push_back(loss.key);
    return true;
  });
}

}  // namespace

void note_losses(HostState& state, const std::vector<Outcome>& outcomes) {
  for (const Outcome& outcome : outcomes)
    if (!outcome.losses.empty())
      merge_losses(outcome.id == 0 ? state.losses : state.repositories[outcome.id].losses, outcome.losses);
}

void accept_losses(HostState& state, const std::vector<LostForGood>& lost, UtcTime now) {
  for (const LostForGood& each : lost) {
    std::vector<Loss>* losses = &state.losses;
    if (each.id != 0) {
      RepositoryState& repository = state.repositories[each.id];
      if (repository.name.empty()) repository.name = each.repository;
      losses = &repository.losses;
    }
    for (const ObjectKey& key : each.objects) accept(*losses, key, now);
  }
}

std::vector<ObjectKey> take_back(Vault& vault, HostState& state) {
  std::vector<ObjectKey> back;
  take_back(vault, state.losses, back);
  for (auto& [id, repository] : state.repositories) take_back(vault, repository.losses, back);
  return back;
}

void merge_losses(std::vector<Loss>& losses, const std::vector<Loss>& more) {
  for (const Loss& loss : more) add_loss(losses, loss);
}

}  // namespace hubkeep
