// What an invocation is asked to do: {"action": "backup"}, and so on. docs/aws.md, "Events".
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "vault/names.h"

namespace hubkeep {

enum class LambdaAction { backup, plan, backup_repositories, finish, verify, drill };

std::string_view to_string(LambdaAction action);

struct LambdaEvent {
  LambdaAction action = LambdaAction::backup;
  std::string name;  // of plan: what the caller calls the run
  SnapshotId run;    // of backup_repositories and finish
  int attempt = 1;   // of backup_repositories; of verify: at what comes after `after`
  nlohmann::ordered_json batch;
  int share = 0;                          // of backup_repositories; see BatchRequest
  std::vector<std::string> repositories;  // of verify; none: all. Of drill; none: it chooses
  std::string after;                      // of verify: where the one before has ended
  std::string read_data_subset;           // of verify
  bool deep = false;                      // of verify
  // Of drill; what is nothing is as its setting says.
  bool all = false;
  std::optional<std::uint64_t> count;
  std::optional<std::uint64_t> seed;
  std::optional<bool> against_github;
};

/// Throws Error(invalid) that says what is wrong with it.
LambdaEvent parse_event(const std::string& text);

}  // namespace hubkeep
