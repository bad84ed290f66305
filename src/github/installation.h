// Where a GitHub App is installed, and which of its installations a run is about.
#pragma once

#include <stop_token>

#include "github/github.h"
#include "github/rest_client.h"

namespace hubkeep {

struct Installation {
  std::int64_t id = 0;
  User account;
  bool is_suspended = false;
};

/// The one installation that has all accounts that `selection` names; where it names none, the only one there
/// is. `client` sends the App's own tokens. Throws Error as RestClient does, and invalid where there is no
/// such installation, more than one, or a suspended one: which, and what to do, is in the message.
Installation find_installation(RestClient& client, const RepositorySelection& selection,
                               const std::stop_token& stop);

}  // namespace hubkeep
