// A simulated GitHub, a vault and the hubkeep program, for tests of the whole.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "e2e/background_run.h"
#include "sim/git_worker.h"
#include "sim/simulator.h"
#include "sim/temporary_folder.h"

namespace hubkeep {

/// The program under test: TESTED_HUBKEEP, else the one that was built beside the tests.
std::string hubkeep_binary();

/// What programs remember goes there, not to the home of whoever runs the tests.
class OwnStateFolder {
 public:
  explicit OwnStateFolder(const std::filesystem::path& folder);
};

class EndToEnd : public testing::Test {
 protected:
  EndToEnd();

  /// A repository whose last push is old enough to be trusted; it has no wiki unless a test gives it one.
  sim::RepositoryId add_repository(const std::string& name, const sim::RepositoryOptions& options = {});
  /// One with a history; the more files, the larger.
  sim::RepositoryId add_filled(const std::string& name, unsigned seed = 1, int files = 5);
  /// A commit on main that makes its only file this, and its push.
  void push_file(sim::RepositoryId id, const std::string& content);
  /// Marks a push a day ago, later than all before: GitHub's clock stays as this machine's, or a test has set
  /// it.
  void pushed(sim::RepositoryId id);
  std::filesystem::path path_of(sim::RepositoryId id) { return world_.repository(id).path; }

  /// Of this machine's environment, tokens, proxies, certificate authorities and hubkeep.toml do not count.
  sim::RunResult hubkeep(std::vector<std::string> arguments, sim::Environment environment = {});
  /// A line as a person types it into a shell, in whose PATH hubkeep is, in scratch_.
  sim::RunResult shell(const std::string& line, sim::Environment environment = {});
  /// From github_ into vault(), with token_ unless the environment names another.
  sim::RunResult backup(std::vector<std::string> arguments = {}, sim::Environment environment = {});
  /// The same, but they run on while the test does.
  BackgroundRun start_hubkeep(std::vector<std::string> arguments, sim::Environment environment = {});
  BackgroundRun start_backup(std::vector<std::string> arguments = {}, sim::Environment environment = {});
  /// Restores as a bare repository; the test fails when hubkeep does.
  std::filesystem::path restore(const std::string& name, const std::string& snapshot = "");
  /// Restores with the commands of the vault's README.txt, run from that text by a shell.
  std::filesystem::path restore_by_readme(const std::filesystem::path& folder, const std::string& snapshot);

  /// Removes the vault, and what this machine knows of it.
  void begin_anew();

  std::filesystem::path vault() const { return scratch_ / "vault"; }
  /// The ids of a repository's snapshots, oldest first, and its folder in the vault.
  std::vector<std::string> snapshots_of(const std::filesystem::path& folder) const;
  std::filesystem::path folder_of(sim::RepositoryId id) const;
  std::size_t temporary_files() const;

  /// What is done to a vault behind hubkeep's back, most tests do on purpose: only some have a machine that
  /// remembers.
  bool remembers_vaults_ = false;
  /// Most tests are about histories, and count what these cost. Others are about all that the program keeps
  /// when nobody says otherwise.
  bool keeps_histories_alone_ = true;
  sim::TemporaryFolder scratch_;
  OwnStateFolder state_folder_{scratch_ / "state"};
  sim::World world_;
  sim::Simulator github_;
  std::string token_;
  int restored_ = 0;
  int pushes_ = 0;
};

/// Bytes that do not compress, the same for the same seed.
std::string random_bytes(std::size_t size, unsigned seed);

/// All refs with their objects, and HEAD: what must be equal after a restore. Test merges are left out.
std::string state_of(const std::filesystem::path& repository);

}  // namespace hubkeep
