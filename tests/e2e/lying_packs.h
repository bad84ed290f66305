// Packs that are well-formed, and not what was asked for: each object in them is whole and the checksum
// right, so that only who follows the links between objects can tell.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "sim/faults.h"
#include "sim/git_request.h"

namespace hubkeep {

/// What a lie is made of: a repository whose newest commit on main has added files, of which `dir/one` and
/// `dir/two` are two, and what else a server could mix it up with.
struct LyingServer {
  std::filesystem::path repository;
  std::filesystem::path another;  // with a history that has nothing in common with it
  std::string earlier_pack;       // of all that `repository` had before

  /// The objects that git would send.
  std::vector<std::string> objects_for(const sim::FetchedObjects& asked) const;
};

struct Lie {
  const char* name;
  std::function<sim::FetchAnswer(const LyingServer&, const sim::FetchedObjects&)> answer;
};

/// The eleven, in a fixed order.
const std::vector<Lie>& lies();

/// What the same machinery sends when it does not lie.
sim::FetchAnswer honest_answer(const LyingServer& server, const sim::FetchedObjects& asked);

/// The same with dir/two a second time, which git takes.
sim::FetchAnswer answer_with_a_blob_twice(const LyingServer& server, const sim::FetchedObjects& asked);

/// These objects, each as a whole.
std::string pack_of(const std::filesystem::path& repository, const std::vector<std::string>& objects);

/// All objects of all refs.
std::string whole_pack(const std::filesystem::path& repository);

}  // namespace hubkeep
