// Whatever happens in a repository, the LFS pointers that are found are those that git-lfs would find: random
// worlds, in packs as git makes them.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <random>
#include <regex>
#include <set>

#include "backup/backup_fakes.h"
#include "backup/backup_repository.h"
#include "backup/lfs_listener.h"
#include "base/text.h"
#include "git/made_repository_test.h"

namespace hubkeep {
namespace {

using PointerSet = std::set<LfsPointer>;

class RandomWorld {
 public:
  RandomWorld(unsigned seed, ObjectFormat format) : random_(seed), format_(format), repository_(format) {
    commit("main", "");
  }

  /// Branches grow, fork, are amended and deleted; tags name files and trees.
  void step() {
    const std::string branch = any_branch();
    switch (number(8)) {
      case 0:
        return commit(fmt::format("b{}", ++branches_), branch);
      case 1:
        return commit(branch, branch + "^");
      case 2:
        if (branch != "main") repository_.git({"update-ref", "-d", "refs/heads/" + branch});
        return;
      case 3: {
        const std::string blob =
            trimmed(repository_.git({"hash-object", "-w", "-t", "blob", "--stdin"}, content()));
        repository_.git({"update-ref", fmt::format("refs/tags/file{}", number(4)), blob});
        return;
      }
      default:
        return commit(branch, branch);
    }
  }

  const TestRepository& repository() const { return repository_; }

  RefState refs() const {
    RefState state{.format = format_};
    std::vector<Ref> all;
    for (const auto& line : lines(repository_.git({"for-each-ref", "--format=%(objectname) %(refname)"})))
      all.push_back(
          {line.substr(hex_size(format_) + 1), Oid::parse(line.substr(0, hex_size(format_))).value()});
    std::sort(all.begin(), all.end(), [](const Ref& a, const Ref& b) { return a.name < b.name; });
    state.refs = all;
    return state;
  }

  /// By the words of git-lfs's own parser, of all that refs lead to.
  PointerSet pointers() const {
    static const std::regex form(
        "\\s*(ext-\\d-\\w+ sha256:[0-9a-f]{64}\r?\n)*"
        "version (https://git-lfs.github.com/spec/v1|https://hawser.github.com/spec/v1)\r?\n"
        "(ext-\\d-\\w+ sha256:[0-9a-f]{64}\r?\n)*"
        "oid sha256:([0-9a-f]{64})\r?\n"
        "size ([0-9]+)\\s*");
    std::string names;
    for (const auto& line : lines(repository_.git({"rev-list", "--objects", "--all"})))
      names += line.substr(0, hex_size(format_)) + "\n";
    const std::string all = repository_.git({"cat-file", "--batch"}, names);
    PointerSet found;
    for (std::size_t at = 0; at < all.size();) {
      const auto end = all.find('\n', at);
      const std::string header = all.substr(at, end - at);
      const std::size_t size = std::stoul(header.substr(header.rfind(' ') + 1));
      const std::string content = all.substr(end + 1, size);
      at = end + 1 + size + 1;
      std::smatch match;
      if (header.find(" blob ") != std::string::npos && size < 1024 && std::regex_match(content, match, form))
        found.insert({match[4].str(), std::stoull(match[5].str())});
    }
    return found;
  }

  std::set<std::string> names_by_git_lfs() const {
    std::set<std::string> names;
    for (const auto& line : lines(repository_.git({"lfs", "ls-files", "--all", "--long"})))
      names.insert(line.substr(0, 64));
    return names;
  }

 private:
  unsigned number(unsigned below) { return static_cast<unsigned>(random_()) % below; }
  static std::string trimmed(const std::string& text) { return std::string(trim(text)); }
  static std::vector<std::string> lines(const std::string& text) {
    std::vector<std::string> all;
    for (const auto line : split(trim(text), '\n'))
      if (!line.empty()) all.emplace_back(line);
    return all;
  }
  std::string any_branch() {
    const auto all = lines(repository_.git({"for-each-ref", "--format=%(refname:lstrip=2)", "refs/heads"}));
    return all[number(static_cast<unsigned>(all.size()))];
  }

  // Of the first kind of names git makes deltas, of the second it does not.
  std::string oid() {
    return number(2) == 0 ? fmt::format("{:064x}", number(60))
                          : fmt::format("{0:08x}{1:08x}{2:08x}{3:08x}{0:08x}{1:08x}{2:08x}{3:08x}", random_(),
                                        random_(), random_(), random_());
  }
  std::string pointer(const std::string& version = "https://git-lfs.github.com/spec/v1") {
    const std::string extension =
        number(4) == 0 ? fmt::format("ext-{}-case sha256:{}\n", number(10), std::string(64, 'e')) : "";
    return fmt::format("version {}\n{}oid sha256:{}\nsize {}\n", version, extension, oid(), 1 + number(9));
  }
  std::string content() {
    switch (number(10)) {
      case 0:
        return std::string(number(1500), 't') + std::to_string(number(100));
      case 1:
        return pointer() + "and a text behind it\n";
      case 2:
        return pointer("https://git-lfs.github.com/spec/v2");
      case 3:
        return pointer("https://hawser.github.com/spec/v1");
      case 4:
        return std::regex_replace(pointer(), std::regex("\n"), "\r\n");
      case 5:
        return pointer() + std::string(1000, '\n').substr(number(200));
      default:
        return pointer();
    }
  }

  // On top of `parent`, if that is there: a few files that come, change or go, and now and then a submodule.
  void commit(const std::string& branch, const std::string& parent) {
    std::string stream =
        fmt::format("commit refs/heads/{}\ncommitter A <a@example.org> {} +0000\ndata 1\nm\n", branch,
                    1'700'000'000 + ++commits_);
    const bool is_there =
        run_process({.arguments = {"git", "-C", repository_.path(), "rev-parse", "-q", "--verify", parent}},
                    {}, {})
            .exit_code == 0;
    if (is_there) stream += "from " + trimmed(repository_.git({"rev-parse", parent + "^0"})) + "\n";
    for (unsigned i = 1 + number(12); i > 0; --i) {
      const std::string path = fmt::format("d{}/e{}/f{}.bin", number(3), number(3), number(20));
      const std::string text = content();
      if (number(9) == 0)
        stream += fmt::format("M 160000 {} module{}\n", std::string(hex_size(format_), 'c'), number(3));
      else if (number(6) == 0)
        stream += "D " + path + "\n";
      else
        stream += fmt::format("M 100644 inline {}\ndata {}\n{}\n", path, text.size(), text);
    }
    repository_.git({"fast-import", "--quiet", "--force"}, stream);
  }

  std::mt19937 random_;
  const ObjectFormat format_;
  TestRepository repository_;
  int commits_ = 0;
  int branches_ = 0;
};

struct Way {
  const char* name;
  bool is_proved;
  bool in_slices;
  ObjectFormat format = ObjectFormat::sha1;
};

class LfsWorlds : public testing::TestWithParam<Way> {
 protected:
  LfsWorlds() {
    bench_.context.parts.push_back(lfs_);
    bench_.context.proof = {.is_wanted = GetParam().is_proved, .memory = &memory_};
    if (GetParam().in_slices)
      bench_.server.breaks = [](const FetchRequest& request) { return request.wants.size() > 1; };
  }

  void back_up(const RandomWorld& world) {
    bench_.server.refs = world.refs();
    bench_.server.answer = [&](const FetchRequest& request) {
      return world.repository().pack(request, {"--thin", "--delta-base-offset"});
    };
    repository_.listed_at = bench_.clock.now();
    repository_.pushed_at = format_time(UtcTime{std::chrono::seconds(1'600'000'000 + ++runs_)});
    const auto result =
        backup_repository(bench_.context, repository_, known_, {}, {.in_slices = GetParam().in_slices});
    ASSERT_FALSE(result.outcome.error) << result.outcome.error->message();
    if (result.update) known_ = result.update->entry;
    ASSERT_FALSE(lfs_->error) << lfs_->error->message();
    EXPECT_EQ(lfs_->unresolved, 0U);
  }
  static PointerSet all_of(const LfsListener::Found& found) {
    PointerSet all;
    for (const auto& [bundle, pointers] : found) all.insert(pointers.begin(), pointers.end());
    return all;
  }

  static std::set<std::string> names_of(const PointerSet& pointers) {
    std::set<std::string> names;
    for (const LfsPointer& pointer : pointers) names.insert(pointer.oid);
    return names;
  }

  BackupBench bench_;
  MemoryBudget memory_{ByteCount{64} << 20};
  std::shared_ptr<LfsListener> lfs_ = std::make_shared<LfsListener>();
  Repository repository_ = BackupBench::repository();
  std::optional<CatalogEntry> known_;
  int runs_ = 0;
};

TEST_P(LfsWorlds, AreFoundAsGitLfsFindsThem) {
  const bool has_git_lfs = run_process({.arguments = {"git", "lfs", "version"}}, {}, {}).exit_code == 0;
  for (unsigned seed = 1; seed <= 2; ++seed) {
    known_.reset();
    repository_ = BackupBench::repository(static_cast<std::int64_t>(100 + seed));
    RandomWorld world(seed, GetParam().format);
    PointerSet expected;  // at any time
    PointerSet told;
    for (int run = 0; run < 5; ++run) {
      for (int i = 0; i < 6; ++i) world.step();
      const PointerSet now = world.pointers();
      expected.insert(now.begin(), now.end());
      back_up(world);
      told.merge(all_of(lfs_->told));

      EXPECT_TRUE(all_of(lfs_->scanned) == expected) << GetParam().name << " seed " << seed << " run " << run;
      EXPECT_TRUE(std::includes(expected.begin(), expected.end(), told.begin(), told.end()));
      EXPECT_TRUE(told == expected || !GetParam().is_proved);
      EXPECT_TRUE(!has_git_lfs || names_of(now) == world.names_by_git_lfs()) << "seed " << seed;
    }
    EXPECT_GT(expected.size(), 50U) << "or nothing is shown";
    EXPECT_TRUE(GetParam().is_proved || told.size() < expected.size()) << "some came as deltas";
  }
}

INSTANTIATE_TEST_SUITE_P(Ways, LfsWorlds,
                         testing::Values(Way{"proved", true, false}, Way{"proved_in_slices", true, true},
                                         Way{"scanned", false, false}, Way{"scanned_in_slices", false, true},
                                         Way{"sha256", true, false, ObjectFormat::sha256}),
                         [](const auto& way) { return std::string(way.param.name); });

}  // namespace
}  // namespace hubkeep
