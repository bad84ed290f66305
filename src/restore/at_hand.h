// Whether all that a snapshot is made of can be read now, or lies in an archive class of its store.
#pragma once

#include <cstddef>
#include <optional>
#include <stop_token>
#include <string>

#include "base/error.h"
#include "vault/vault.h"

namespace hubkeep {

struct AtHand {
  std::size_t cold = 0;  // objects that nobody has asked for; after thawing: those that were asked for now
  std::size_t thawing = 0;
  ByteCount size = 0;  // of all of them

  bool all() const { return cold == 0 && thawing == 0; }
};

/// Looks at the objects of a snapshot, whatever its parts: a request of the store for a thousand of them, and
/// one for each of those that the store's list calls cold. With `thaw`, asks for each that is cold: then one
/// for each object, since no list tells of the archive tiers of INTELLIGENT_TIERING, and a second for each
/// cold one. What is missing is left to the restore to miss.
AtHand look_at_hand(VaultObjects& objects, const std::string& folder, const Parts& parts,
                    const std::optional<ThawRequest>& thaw, const std::stop_token& stop);

/// For people: "3 of its objects (1.5 GiB) lie in an archive class; …", and what to do.
std::string describe(const AtHand& found, const std::optional<ThawRequest>& thaw);

constexpr const char* kThawAdvice =
    "give --thaw standard (or bulk, which costs less, or expedited) to ask for it";

/// Runs `action`; an Error(cold) that leaves it says what to do.
template <typename Action>
void with_thaw_advice(Action&& action) {
  try {
    action();
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::cold) throw;
    throw Error(ErrorKind::cold, error.message() + ": " + kThawAdvice);
  }
}

}  // namespace hubkeep
