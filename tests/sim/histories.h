// Histories of a known shape and size, for tests of transfers that break: each commit brings a file of random
// bytes, so that a pack has nearly as many bytes as was asked for, however it is packed.
#pragma once

#include <cstddef>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>

namespace hubkeep::sim {

struct HistoryShape {
  unsigned commits = 100;      // on main
  std::size_t bytes = 10'000;  // that each brings
  unsigned tags = 0;           // spread over them
  bool has_latest = false;     // a tag `latest` at the tip
  unsigned merge_every = 0;    // so many commits: one of three on the side, begun two commits before
  unsigned lines = 1;          // so many lines of commits beside each other, which the tip merges
  unsigned seed = 1;
};

/// In an empty repository. The same shape gives the same objects.
void make_history(const std::filesystem::path& repository, const HistoryShape& shape);

/// {"commits", "bytes", "tags", "latest", "merge_every", "lines", "seed"}, each as above where it is absent.
HistoryShape history_shape_from(const nlohmann::json& json);

}  // namespace hubkeep::sim
