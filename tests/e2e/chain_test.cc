// Chains of bundles: that they stay short, that every snapshot of a long one comes back, and what they cost.

#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "backup/git_chain_plan.h"
#include "e2e/end_to_end.h"
#include "store/folder/folder_store.h"
#include "vault/vault.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;

class Chain : public EndToEnd {
 protected:
  // A commit with a new file of that size that does not compress.
  void push(sim::RepositoryId id, std::size_t size) {
    std::string content(size, '\0');
    std::generate(content.begin(), content.end(), [&] { return static_cast<char>(random_()); });
    const int number = ++pushes_;
    sim::fast_import(path_of(id),
                     fmt::format("commit refs/heads/main\ncommitter A <a@example.com> {} +0000\ndata 1\nx\n{}"
                                 "M 100644 inline file-{}\ndata {}\n{}\n",
                                 1'700'000'000 + number, number == 1 ? "" : "from refs/heads/main^0\n",
                                 number, content.size(), content));
    pushed(id);
  }

  Manifest back_up(sim::RepositoryId id) {
    const auto result = backup();
    EXPECT_EQ(result.exit_code, 0) << result.err;
    states_.push_back(state_of(path_of(id)));
    return manifest_of(id, snapshots_of(folder_of(id)).back());
  }

  Manifest manifest_of(sim::RepositoryId id, const std::string& snapshot) {
    SystemClock clock;
    Vault opened(std::make_unique<FolderStore>(vault().string(), OpenMode::read), OpenMode::read, clock);
    const std::string folder = fs::relative(folder_of(id), vault()).string() + "/";
    return opened.read_manifest(folder, SnapshotId::parse(snapshot).value(), {}, {}).manifest;
  }

  void compare(sim::RepositoryId id, const std::vector<std::size_t>& sample) {
    const auto ids = snapshots_of(folder_of(id));
    ASSERT_EQ(ids.size(), states_.size());
    for (const std::size_t i : sample) {
      const auto restored = restore("octo/chain", ids.at(i));
      EXPECT_EQ(state_of(restored), states_.at(i)) << i;
      EXPECT_EQ(sim::run({"git", "-C", restored.string(), "fsck", "--full"}).exit_code, 0) << i;
    }
  }

  // Plain git takes a second for a chain of a hundred bundles: a few of them have to do.
  void compare_by_readme(sim::RepositoryId id, const std::vector<std::size_t>& sample) {
    const auto ids = snapshots_of(folder_of(id));
    for (const std::size_t i : sample)
      EXPECT_EQ(state_of(restore_by_readme(folder_of(id), ids.at(i))), states_.at(i)) << i;
  }

  std::mt19937 random_{7};
  int pushes_ = 0;
  std::vector<std::string> states_;
};

std::vector<ByteCount> sizes_of(const Manifest& manifest) {
  std::vector<ByteCount> sizes;
  for (const Bundle& bundle : git_part(manifest.parts).bundles) sizes.push_back(bundle.record.size);
  return sizes;
}

TEST_F(Chain, IsShortenedPastAHundredIncrementsAndEverySnapshotComesBack) {
  const auto id = add_repository("chain");
  push(id, 200'000);
  Manifest last = back_up(id);
  std::vector<std::size_t> shortened;
  ByteCount stored = git_part(last.parts).bundles.back().record.size;

  for (std::size_t run = 1; run <= 115; ++run) {
    push(id, 300);
    const Manifest now = back_up(id);
    const std::size_t keep = bundles_to_keep(sizes_of(last));
    ASSERT_EQ(git_part(now.parts).bundles.size(), keep + 1);
    ASSERT_LE(git_part(now.parts).bundles.size(), kMaxIncrements + 2);
    const std::vector<Bundle> before = git_part(last.parts).bundles;
    const std::vector<Bundle> after = git_part(now.parts).bundles;
    ASSERT_TRUE(
        std::equal(before.begin(), before.begin() + static_cast<std::ptrdiff_t>(keep), after.begin()));
    ASSERT_EQ(git_part(now.parts).bundles.back().builds_on, git_part(last.parts).bundles[keep - 1].snapshot);
    if (keep < git_part(last.parts).bundles.size()) shortened.push_back(run);
    stored += git_part(now.parts).bundles.back().record.size;
    last = now;
  }

  ASSERT_EQ(shortened.size(), 1U);
  const ByteCount one = git_part(last.parts).bundles.back().record.size;
  EXPECT_LE(stored, 200'500 + ByteCount{230} * one) << "bytes are fetched again too often";
  const std::size_t at = shortened.front();
  compare(id, {0, 1, 20, 50, 80, at - 2, at - 1, at, at + 1, at + 5, 114, 115});
  compare_by_readme(id, {0, at - 1, at, 115});
}

TEST_F(Chain, CostsLittleForOneRefOfFiveThousand) {
  constexpr int kRefs = 5000;
  constexpr int kMoves = 10;
  const auto id = add_repository("chain");
  std::string stream;
  for (int i = 0; i < kRefs; ++i) {
    stream +=
        fmt::format("commit refs/heads/team/feature-{}\ncommitter A <a@example.com> {} +0000\ndata 1\nx\n", i,
                    1'700'000'000 + i);
  }
  sim::fast_import(path_of(id), stream);
  pushed(id);
  back_up(id);

  for (int i = 0; i < kMoves; ++i) {
    const std::string ref = fmt::format("refs/heads/team/feature-{}", i * 377);
    sim::fast_import(path_of(id),
                     fmt::format("commit {0}\ncommitter A <a@example.com> {1} +0000\ndata 1\ny\nfrom {0}^0\n",
                                 ref, 1'800'000'000 + i));
    pushed(id);
    github_.clear_log();
    const Manifest now = back_up(id);

    const Bundle bundle = git_part(now.parts).bundles.back();
    ASSERT_EQ(git_part(now.parts).bundles.size(), static_cast<std::size_t>(i) + 2);
    ASSERT_EQ(git_part(now.parts).refs.size(), 2U);
    const ByteCount manifest =
        fs::file_size(folder_of(id) / "snapshots" / (now.snapshot.str() + ".json.zst"));
    EXPECT_LE(bundle.pack_offset + git_part(now.parts).refs[1].size + manifest, 4096U) << fmt::format(
        "header {}, refs {}, manifest {}", bundle.pack_offset, git_part(now.parts).refs[1].size, manifest);
    ByteCount sent = 0;
    for (const auto& request : github_.log()) {
      if (request.git_command == sim::GitCommand::fetch) sent += request.response_bytes;
    }
    EXPECT_LE(static_cast<double>(bundle.record.size - bundle.pack_offset), 1.02 * static_cast<double>(sent));
  }
}

TEST_F(Chain, StoresWhatTheServerSentAndLittleElse) {
  const auto id = add_repository("chain");
  push(id, 100'000);
  back_up(id);
  const auto size_of_folder = [&] {
    ByteCount total = 0;
    for (const auto& file : fs::recursive_directory_iterator(folder_of(id))) {
      if (file.is_regular_file()) total += file.file_size();
    }
    return total;
  };
  const ByteCount before = size_of_folder();
  push(id, 500'000);
  github_.clear_log();

  const Manifest now = back_up(id);

  ByteCount sent = 0;
  for (const auto& request : github_.log()) {
    if (request.git_command == sim::GitCommand::fetch) sent += request.response_bytes;
  }
  constexpr ByteCount kRefsAndManifest = 4096;
  EXPECT_LE(static_cast<double>(size_of_folder() - before),
            1.02 * static_cast<double>(sent) +
                static_cast<double>(git_part(now.parts).bundles.back().pack_offset + kRefsAndManifest));
}

}  // namespace
}  // namespace hubkeep
