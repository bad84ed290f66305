// `hubkeep show`: any object of a vault on standard output.

#include <fcntl.h>
#include <gmock/gmock.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/zstd.h"
#include "e2e/end_to_end.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class Show : public EndToEnd {
 protected:
  Show() {
    id_ = add_filled("site");
    EXPECT_EQ(backup({"--zip"}).exit_code, 0);
  }

  sim::RunResult show(const std::string& key) { return hubkeep({"show", key, "--from", vault().string()}); }
  /// The keys of all objects with such a name's end.
  std::vector<std::string> keys_with(std::string_view end) const {
    std::vector<std::string> keys;
    for (const auto& entry : fs::recursive_directory_iterator(vault())) {
      const std::string key = entry.path().lexically_relative(vault()).string();
      if (entry.is_regular_file() && !key.starts_with(".tmp") && key.ends_with(end)) keys.push_back(key);
    }
    EXPECT_FALSE(keys.empty()) << end;
    return keys;
  }
  std::string stored(const std::string& key) const {
    std::ifstream file(vault() / key, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  /// Decoded without what seals the catalog and the state.
  std::string text_of(const std::string& key) const {
    std::string frame = stored(key);
    if (key.starts_with("catalog") || key.starts_with("state/")) frame.resize(frame.size() - 40);
    return zstd_decompress(frame);
  }

  sim::RepositoryId id_;
};

TEST_F(Show, DecodesWhatIsText) {
  for (const std::string& key : keys_with(".zst")) {
    const auto result = show(key);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(result.out, text_of(key)) << key;
  }
  for (const char* key : {"hubkeep.json", "README.txt"}) {
    const std::string text = stored(key);
    EXPECT_EQ(show(key).out, text + (text.ends_with('\n') ? "" : "\n"));
  }
}

TEST_F(Show, PrintsAManifestAsJson) {
  const std::string snapshot = snapshots_of(folder_of(id_)).back();
  const auto keys = keys_with(snapshot + ".json.zst");

  EXPECT_EQ(nlohmann::json::parse(show(keys.front()).out).at("snapshot"), snapshot);
}

TEST_F(Show, PrintsAllElseByteForByte) {
  for (const char* end : {".bundle", ".zip"})
    for (const std::string& key : keys_with(end)) {
      const auto result = show(key);
      EXPECT_EQ(result.exit_code, 0) << result.err;
      EXPECT_TRUE(result.out == stored(key)) << key;
    }
}

TEST_F(Show, KeepsBinaryFromATerminal) {
  sim::FileDescriptor screen(::posix_openpt(O_RDWR | O_NOCTTY));
  ASSERT_EQ(::grantpt(screen.get()), 0);
  ASSERT_EQ(::unlockpt(screen.get()), 0);
  sim::FileDescriptor terminal(::open(::ptsname(screen.get()), O_RDWR | O_NOCTTY));
  const std::string key = keys_with(".bundle").front();
  const auto nothing = sim::memory_file();
  const auto complaint = sim::memory_file();

  sim::ChildProcess child({.argv = {hubkeep_binary(), "show", key, "--from", vault().string()},
                           .cwd = scratch_.path(),
                           .env = {}},
                          nothing, terminal, complaint);

  EXPECT_EQ(child.wait(), 1);
  EXPECT_THAT(sim::read_whole(complaint),
              AllOf(HasSubstr("is not text"), HasSubstr("hubkeep show " + key + " > ")));
}

TEST_F(Show, EndsWellWhenItsReaderHasGone) {
  push_file(id_, random_bytes(std::size_t{1} << 20, 1));
  ASSERT_EQ(backup().exit_code, 0);
  std::string largest;
  for (const std::string& key : keys_with(".bundle"))
    if (largest.empty() || fs::file_size(vault() / key) > fs::file_size(vault() / largest)) largest = key;

  const auto result =
      shell("{ hubkeep show " + largest + " --from " + vault().string() + "; echo $? >&2; } | head -c 4");

  EXPECT_EQ(result.out, "# v2");
  EXPECT_EQ(result.err, "0\n");
}

TEST_F(Show, SaysThatThereIsNoSuchObject) {
  const auto result = show("repos/none");

  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.out, IsEmpty());
  EXPECT_THAT(result.err, HasSubstr("there is no object repos/none in " + vault().string()));
}

TEST_F(Show, TakesOneKeyAndNothingElse) {
  for (const std::string key : {"../secret", "/etc/passwd", "a//b", ".tmp/lock", "", "\x1b[31mred"}) {
    const auto result = show(key);
    EXPECT_EQ(result.exit_code, 2) << key;
    EXPECT_THAT(result.err, AllOf(HasSubstr("not a valid key: '"), HasSubstr("hubkeep show --help")));
    EXPECT_THAT(result.err, Not(HasSubstr("\x1b")));
  }
  EXPECT_THAT(hubkeep({"show"}).err, HasSubstr("show needs the key of an object"));
  EXPECT_EQ(hubkeep({"show", "hubkeep.json", "README.txt"}).exit_code, 2);
}

TEST_F(Show, KeepsEscapesOutOfWhatItPrints) {
  std::ofstream(vault() / "README.txt") << "\x1b[31mred\nline\n";

  EXPECT_EQ(show("README.txt").out, "\\x1b[31mred\nline\n");
}

TEST_F(Show, NamesAnObjectThatIsDamaged) {
  const std::string key = keys_with(".refs.zst").front();
  fs::resize_file(vault() / key, fs::file_size(vault() / key) / 2);

  const auto result = show(key);

  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("hubkeep: " + key + ": "));
}

}  // namespace
}  // namespace hubkeep
