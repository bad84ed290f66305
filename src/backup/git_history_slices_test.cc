// Slices of real histories, served by the real `git upload-pack` over a connection that breaks where it is
// told to, and put together again by plain git.

#include "backup/git_history_slices.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <numeric>
#include <random>
#include <set>

#include "backup/backup_fakes.h"
#include "backup/backup_repository.h"
#include "backup/git_slices.h"
#include "base/subprocess.h"
#include "git/ls_refs.h"

namespace hubkeep {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

std::string git(const std::vector<std::string>& arguments, std::string_view input = {}) {
  std::vector<std::string> command = {"git"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  const auto result = run_process({.arguments = command,
                                   .environment = {"GIT_CONFIG_GLOBAL=/dev/null",
                                                   "GIT_CONFIG_SYSTEM=/dev/null", "GIT_PROTOCOL=version=2"}},
                                  input, {});
  if (result.exit_code != 0) throw Error(ErrorKind::internal, arguments.back() + ": " + result.errors);
  return result.output;
}

// What the server has, and how its connection fares.
struct Served {
  std::string path;
  FetchFeatures features{.shallow = true, .filter = true};
  /// After how many bytes a pack of so many breaks; nothing: it comes whole.
  std::function<std::optional<ByteCount>(const FetchRequest&, ByteCount)> breaks_after =
      [](const FetchRequest&, ByteCount) { return std::nullopt; };
  std::function<void()> on_pack = [] {};
  std::function<void(const FetchRequest&)> on_wants = [](const FetchRequest&) {};
  std::function<void()> on_question = [] {};
  std::vector<ByteCount> packs = {};  // that came whole
  std::vector<ByteCount> cuts = {};   // as large as they would have been
  int questions = 0;
  ByteCount received = 0;

  std::string answer(const std::string& body) const {
    return git({"-c", fmt::format("uploadpack.allowFilter={}", features.filter), "upload-pack",
                "--stateless-rpc", path},
               body);
  }
};

class LocalRemote final : public GitRemote {
 public:
  explicit LocalRemote(Served& served) : served_(served) {}
  RefState list_refs(ObjectFormat format, const std::stop_token&) override {
    LsRefsParser parser;
    PktLineDecoder decoder(parser);
    decoder.write(served_.answer(ls_refs_request(format, "test")));
    return parser.finish();
  }
  void fetch_pack(const FetchRequest& request, ByteSink& pack, const std::stop_token&) override {
    served_.on_pack();
    served_.on_wants(request);
    StringSink body;
    write_fetch_body(request, "test", body);
    StringSink whole;
    FetchResponseParser parser(whole);
    PktLineDecoder decoder(parser);
    decoder.write(served_.answer(body.str()));
    parser.finish();
    const auto cut = served_.breaks_after(request, whole.str().size());
    const std::string_view bytes = std::string_view(whole.str()).substr(0, cut.value_or(whole.str().size()));
    served_.received += bytes.size();
    (cut ? served_.cuts : served_.packs).push_back(whole.str().size());
    pack.write(bytes);
    if (cut) throw Error(ErrorKind::transient, "the connection broke");
  }
  FetchFeatures fetch_features(const std::stop_token&) override { return served_.features; }
  HistoryAnswer ask_history(const HistoryQuestion& question, const std::stop_token&) override {
    ++served_.questions;
    served_.on_question();
    StringSink body;
    write_history_body(question, served_.features, "test", body);
    HistoryAnswerParser parser(question.depth > 0, served_.features.filter);
    PktLineDecoder decoder(parser);
    decoder.write(served_.answer(body.str()));
    return parser.finish();
  }
  std::uint64_t request_count() const override { return 0; }
  ByteCount bytes_received() const override { return served_.received; }

 private:
  Served& served_;
};

// Commits on a line, some beside it that are merged, each with a file of random bytes.
struct Shape {
  unsigned commits = 160;
  unsigned bytes = 3'000;
  unsigned merge_every = 0;
  unsigned tag_every = 0;  // every other one annotated
  bool has_latest = false;
  unsigned large = 0;  // this commit brings a hundred times as much
  bool two_are_large = false;
  unsigned seed = 1;
};

std::string import_of(const Shape& shape) {
  std::mt19937 random(shape.seed);
  std::string text;
  const auto data = [](const std::string& content) {
    return fmt::format("data {}\n{}\n", content.size(), content);
  };
  const auto commit = [&](const std::string& branch, unsigned number, const std::string& parents) {
    std::string content;
    const bool is_large = number == shape.large || (shape.two_are_large && number == shape.large + 1);
    for (unsigned i = 0; i < shape.bytes * (is_large ? 100 : 1); ++i)
      content += static_cast<char>(random() & 0xFFU);
    text += fmt::format("commit {}\nmark :{}\ncommitter A <a@x> {} +0000\n", branch, number,
                        1'700'000'000 + number);
    text += data(fmt::format("commit {}", number)) + parents;
    text += fmt::format("M 100644 inline {}/{}\n", number % 7, number) + data(content) + "\n";
  };
  for (unsigned i = 1; i <= shape.commits; ++i) {
    const bool merges = shape.merge_every > 0 && i > 3 && i % shape.merge_every == 0;
    if (merges) commit("refs/heads/side", 100'000 + i, fmt::format("from :{}\n", i - 1 - random() % 3));
    commit("refs/heads/main", i, merges ? fmt::format("merge :{}\n", 100'000 + i) : "");
    if (shape.tag_every > 0 && i % shape.tag_every == 0) {
      if (i / shape.tag_every % 2 == 0)
        text += fmt::format("reset refs/tags/v{}\nfrom :{}\n\n", i, i);
      else
        text += fmt::format("tag v{}\nfrom :{}\ntagger A <a@x> 1700000000 +0000\n", i, i) + data("a tag");
    }
  }
  if (shape.merge_every > 0)
    text += "reset refs/heads/side\nfrom 0000000000000000000000000000000000000000\n\n";
  if (shape.has_latest) text += fmt::format("reset refs/tags/latest\nfrom :{}\n\n", shape.commits);
  return text;
}

class HistorySlicesOverABadLine : public testing::Test {
 protected:
  HistorySlicesOverABadLine() {
    bench_.context.open_remote = [this](const std::string&) {
      return std::make_unique<LocalRemote>(served_);
    };
    bench_.context.proof.is_wanted = true;
    bench_.github.list.seen_ids = {7};
    bench_.github.list.seen = 1;
    repository_.size = kLargeHistory;
  }

  void serve(const Shape& shape) {
    served_.path = (bench_.folder.path() / fmt::format("served-{}", ++made_)).string();
    git({"init", "--quiet", "--bare", "--initial-branch=main", served_.path});
    git({"-C", served_.path, "fast-import", "--quiet"}, import_of(shape));
    served_.packs.clear();
    served_.cuts.clear();
    served_.questions = 0;
  }
  ByteCount whole_size() {
    if (whole_size_ == 0)
      whole_size_ =
          git({"-C", served_.path, "pack-objects", "--revs", "--all", "--stdout", "--quiet"}).size();
    return whole_size_;
  }
  RepositoryResult run(RepositoryOptions options = {}) {
    auto result =
        backup_repository(bench_.context, repository_, known_, {.stop = stop_.get_token()}, options);
    if (result.update) known_ = result.update->entry;
    return result;
  }
  // Until it is saved.
  int run_until_saved(int most) {
    RepositoryResult result;
    for (int attempt = 1; attempt <= most; ++attempt) {
      result = run({.in_slices = attempt > 1, .open = result.open});
      if (result.outcome.kind == OutcomeKind::saved) return attempt;
    }
    ADD_FAILURE() << (result.outcome.error ? result.outcome.error->message() : "not saved");
    return most + 1;
  }
  std::vector<Manifest> manifests() {
    std::vector<Manifest> read;
    for (const auto& id : bench_.vault.list_snapshots(kFolder))
      read.push_back(bench_.vault.read_manifest(kFolder, id, {}, {}).manifest);
    return read;
  }
  GitPart newest() { return git_part(manifests().back().parts); }

  // By plain git, as README.txt says. What is held is looked at like a ref. The bundles of one snapshot after
  // the other come into the same repository, which has none of a later one then.
  void restore(const GitPart& part) {
    if (target_.empty()) {
      target_ = (bench_.folder.path() / "restored").string();
      git({"init", "--quiet", "--bare", target_});
    }
    for (const Bundle& bundle : part.bundles) {
      if (!restored_.insert(bundle.record.key).second) continue;
      StringSink stored;
      bench_.vault.objects().read(kFolder, bundle.record, stored, {});
      git({"-C", target_, "index-pack", "--stdin", "--fix-thin"},
          std::string_view(stored.str()).substr(bundle.pack_offset));
    }
    std::string updates = git({"-C", target_, "for-each-ref", "--format=delete %(refname)"});
    for (const Ref& ref : bench_.vault.read_ref_state(kFolder, part, {}).refs)
      updates += "create " + ref.name + " " + ref.oid.hex() + "\n";
    for (const Oid& oid : part.held) updates += fmt::format("create refs/held/{0} {0}\n", oid.hex());
    updates = "start\n" + updates.substr(0, updates.find("create")) + "commit\nstart\n" +
              updates.substr(std::min(updates.find("create"), updates.size())) + "commit\n";
    git({"-C", target_, "update-ref", "--stdin"}, updates);
    git({"-C", target_, "fsck", "--full", "--strict"});
    git({"-C", target_, "rev-list", "--objects", "--all", "--quiet"});
  }
  void expect_whole() {
    EXPECT_EQ(newest().status, PartStatus::ok);
    EXPECT_THAT(newest().held, IsEmpty());
    restore(newest());
    EXPECT_EQ(git({"-C", target_, "for-each-ref"}), git({"-C", served_.path, "for-each-ref"}));
  }
  void expect_all_restore() {
    for (const Manifest& manifest : manifests()) {
      SCOPED_TRACE(manifest.snapshot.str());
      const GitPart part = git_part(manifest.parts);
      EXPECT_EQ(part.proved, true) << part.not_proved_because;
      restore(part);
    }
  }
  static ByteCount sum(const std::vector<ByteCount>& sizes) {
    return std::accumulate(sizes.begin(), sizes.end(), ByteCount{0});
  }

  const std::string kFolder = "repos/github.com/acme/site.7/";
  BackupBench bench_;
  Served served_;
  Repository repository_ = BackupBench::repository();
  std::optional<CatalogEntry> known_;
  std::stop_source stop_;
  std::string target_;  // where bundles are restored, by plain git
  std::set<std::string> restored_;
  ByteCount whole_size_ = 0;
  int made_ = 0;
};

TEST_F(HistorySlicesOverABadLine, OneBranchWithoutTagsComesInSlicesOfTheSameSize) {
  serve({});

  const auto result = run();

  EXPECT_EQ(result.outcome.kind, OutcomeKind::saved);
  EXPECT_THAT(result.open, IsEmpty());
  EXPECT_THAT(served_.packs, SizeIs(testing::AllOf(testing::Ge(4U), testing::Le(8U))));
  EXPECT_LE(*std::max_element(served_.packs.begin(), served_.packs.end()), whole_size() / 2);
  EXPECT_LE(sum(served_.packs), whole_size() + whole_size() / 20);
  EXPECT_LE(served_.questions, 40);
  for (const Manifest& manifest : manifests()) {
    const GitPart part = git_part(manifest.parts);
    EXPECT_THAT(part.held, SizeIs(part.status == PartStatus::ok ? 0 : 1));
  }
  expect_all_restore();
  expect_whole();
}

TEST_F(HistorySlicesOverABadLine, ASmallRepositoryComesInOnePiece) {
  serve({.commits = 20});
  repository_.size = kLargeHistory - 1;

  EXPECT_EQ(run().outcome.kind, OutcomeKind::saved);

  EXPECT_THAT(served_.packs, SizeIs(1));
  EXPECT_EQ(served_.questions, 0);
}

// A tag at the tip does not make the first slice the whole history, and tags come with what they name.
TEST_F(HistorySlicesOverABadLine, TagsAreSetAsTheyCome) {
  serve({.tag_every = 16, .has_latest = true});

  EXPECT_EQ(run().outcome.kind, OutcomeKind::saved);

  EXPECT_GE(served_.packs.size(), 4U);
  EXPECT_LE(*std::max_element(served_.packs.begin(), served_.packs.end()), whole_size() / 2);
  std::size_t refs = 0;
  std::size_t growths = 0;
  for (const Manifest& manifest : manifests()) {
    const auto state = bench_.vault.read_ref_state(kFolder, git_part(manifest.parts), {});
    if (state.refs.size() > refs) ++growths;
    EXPECT_GE(state.refs.size(), refs);
    refs = state.refs.size();
  }
  EXPECT_GE(growths, 3U);
  EXPECT_EQ(refs, 12U);
  expect_all_restore();
  expect_whole();
}

// What one invocation or one evening brings.
class HistorySlicesCut : public HistorySlicesOverABadLine,
                         public testing::WithParamInterface<std::tuple<unsigned, bool, bool>> {};

TEST_P(HistorySlicesCut, NothingIsFetchedTwiceButWhatWasCut) {
  const auto [seed, counts, is_proved] = GetParam();
  serve({.commits = 50 + seed * 10,
         .merge_every = seed % 4,
         .tag_every = seed % 3 * 9,
         .has_latest = seed % 2 == 0,
         .seed = seed});
  served_.features.filter = counts;
  bench_.context.proof.is_wanted = is_proved;
  std::mt19937 random(seed);
  std::vector<ByteCount> cut_at;
  for (unsigned i = 0; i <= seed % 3; ++i) cut_at.push_back(random() % whole_size());
  std::sort(cut_at.begin(), cut_at.end());
  served_.breaks_after = [&](const FetchRequest&, ByteCount size) -> std::optional<ByteCount> {
    if (cut_at.empty() || served_.received + size <= cut_at.front()) return std::nullopt;
    const ByteCount at = std::max(cut_at.front(), served_.received) - served_.received;
    cut_at.erase(cut_at.begin());
    return at;
  };

  run_until_saved(6);

  EXPECT_LE(sum(served_.packs), whole_size() + whole_size() / 10);
  EXPECT_LE(served_.received, whole_size() + whole_size() / 10 + sum(served_.cuts));
  expect_whole();
}

std::string name_of(const testing::TestParamInfo<std::tuple<unsigned, bool, bool>>& row) {
  const auto [seed, counts, is_proved] = row.param;
  return fmt::format("{}{}{}", seed, counts ? "Counted" : "ByDepth", is_proved ? "" : "NotProved");
}

INSTANTIATE_TEST_SUITE_P(EachHistory, HistorySlicesCut,
                         testing::Combine(testing::Range(1U, 5U), testing::Bool(), testing::Bool()), name_of);

TEST_F(HistorySlicesOverABadLine, EachAttemptStartsWhereTheLastEnded) {
  serve({.commits = 90, .merge_every = 3});
  int left = 0;
  served_.on_pack = [&] {
    if (left-- > 0) return;
    stop_.request_stop();
    throw Error(ErrorKind::cancelled, "stopped");
  };
  RepositoryResult result;
  int attempts = 0;
  do {
    left = 2;
    stop_ = std::stop_source();
    result = run({.in_slices = attempts > 0, .open = result.open});
    EXPECT_EQ(result.open.empty(), result.outcome.kind == OutcomeKind::saved);
  } while (result.outcome.kind != OutcomeKind::saved && ++attempts < 40);

  EXPECT_EQ(result.outcome.kind, OutcomeKind::saved);
  EXPECT_GE(attempts, 2);
  EXPECT_LE(sum(served_.packs), whole_size() + whole_size() / 10);
  expect_all_restore();
  expect_whole();
}

// Only the manifest says what is held.
TEST_F(HistorySlicesOverABadLine, TheNextRunGoesOnWithoutBeingTold) {
  serve({.commits = 200});
  int left = 3;
  served_.on_pack = [&] {
    if (left-- > 0) return;
    throw Error(ErrorKind::cancelled, "stopped");
  };
  run();
  served_.on_pack = [] {};
  ASSERT_THAT(newest().held, SizeIs(1));

  EXPECT_EQ(run().outcome.kind, OutcomeKind::saved);

  EXPECT_LE(sum(served_.packs), whole_size() + whole_size() / 10);
  expect_all_restore();
  expect_whole();
}

TEST_F(HistorySlicesOverABadLine, ALargePackThatBrokeDoesNotBeginAgain) {
  serve({.commits = 400, .bytes = 8'000});
  repository_.size = 0;
  bool breaks = true;
  served_.breaks_after = [&](const FetchRequest&, ByteCount size) {
    return std::exchange(breaks, false) ? std::optional(size * 9 / 10) : std::nullopt;
  };

  EXPECT_EQ(run().outcome.kind, OutcomeKind::saved);

  EXPECT_THAT(served_.cuts, SizeIs(1));
  EXPECT_GE(served_.packs.size(), 8U);
  EXPECT_LE(sum(served_.packs), whole_size() + whole_size() / 10);
}

TEST_F(HistorySlicesOverABadLine, ACommitThatIsTooLargeIsNamedWithItsSize) {
  serve({.large = 77});
  served_.breaks_after = [](const FetchRequest&, ByteCount size) {
    return size > 200'000 ? std::optional<ByteCount>(150'000) : std::nullopt;
  };
  const std::string commit = git({"-C", served_.path, "rev-list", "--skip=83", "-1", "main"}).substr(0, 40);

  const auto result = run();

  EXPECT_EQ(result.outcome.kind, OutcomeKind::failed);
  ASSERT_TRUE(result.outcome.error);
  EXPECT_THAT(result.outcome.error->message(),
              AllOf(HasSubstr("commit " + commit), HasSubstr("146.5 KiB"), HasSubstr("3 attempts"),
                    HasSubstr("run hubkeep where")));
  EXPECT_TRUE(result.outcome.error->is_final());
  EXPECT_EQ(
      newest().held,
      std::vector<Oid>{*Oid::parse(git({"-C", served_.path, "rev-parse", commit + "^"}).substr(0, 40))});
  expect_all_restore();
}

// What came of its history is held from run to run, however many refs have come beside, and these come
// together: one commit that is too large says nothing of others.
TEST_F(HistorySlicesOverABadLine, ACommitThatIsTooLargeDoesNotCostTheOthers) {
  serve({.large = 77});
  std::string tags;
  for (int i = 0; i < 300; ++i)
    tags += fmt::format("commit refs/tags/t{}\ncommitter A <a@x> {} +0000\ndata 0\n{}\n", i,
                        1'800'000'000 + i, i == 0 ? "" : "from main~150\n");
  git({"-C", served_.path, "fast-import", "--quiet", "--force"}, tags);
  served_.breaks_after = [](const FetchRequest&, ByteCount size) {
    return size > 200'000 ? std::optional<ByteCount>(150'000) : std::nullopt;
  };

  EXPECT_EQ(run().outcome.kind, OutcomeKind::failed);

  EXPECT_THAT(newest().held, SizeIs(1));
  EXPECT_LE(newest().bundles.size(), 40U);
  const auto came = served_.packs.size();
  EXPECT_EQ(run().outcome.kind, OutcomeKind::failed);
  EXPECT_EQ(served_.packs.size(), came);
  expect_all_restore();
}

TEST_F(HistorySlicesOverABadLine, TwoLargeCommitsComeOneAfterTheOther) {
  serve({.large = 77, .two_are_large = true});
  ByteCount most = 200'000;
  served_.breaks_after = [&](const FetchRequest&, ByteCount size) {
    return size > most ? std::optional(most) : std::nullopt;
  };
  EXPECT_EQ(run().outcome.kind, OutcomeKind::failed);
  most = 400'000;

  EXPECT_EQ(run().outcome.kind, OutcomeKind::saved);

  expect_all_restore();
  expect_whole();
}

// A repository that was emptied before the first of its refs had come.
TEST_F(HistorySlicesOverABadLine, RefsThatVanishWhileTheirHistoryIsHeldAreMissed) {
  serve({.large = 77});
  served_.breaks_after = [](const FetchRequest&, ByteCount size) {
    return size > 200'000 ? std::optional<ByteCount>(150'000) : std::nullopt;
  };
  run();
  ASSERT_THAT(newest().held, SizeIs(1));
  git({"-C", served_.path, "update-ref", "-d", "refs/heads/main"});
  repository_.pushed_at = "2020-02-02T00:00:00Z";

  const auto result = run();

  ASSERT_THAT(result.outcome.parts, SizeIs(1));
  EXPECT_TRUE(result.outcome.parts.front().refs_vanished);
}

TEST_F(HistorySlicesOverABadLine, AServerWithoutShallowIsFetchedByItsRefs) {
  serve({.tag_every = 16});
  served_.features = {};
  bool breaks = true;
  served_.breaks_after = [&](const FetchRequest& request, ByteCount size) {
    breaks = breaks && request.wants.size() > 2;
    return breaks ? std::optional(size / 2) : std::nullopt;
  };

  EXPECT_EQ(run().outcome.kind, OutcomeKind::saved);

  EXPECT_EQ(served_.questions, 0);
  expect_all_restore();
  expect_whole();
}

// A proxy that cuts what is silent for long: a server counts a large history in minutes.
TEST_F(HistorySlicesOverABadLine, WhereEachQuestionBreaksAllIsFetchedInOnePiece) {
  serve({.tag_every = 16});
  served_.on_question = [] { throw Error(ErrorKind::transient, "504 Gateway Time-out"); };

  EXPECT_EQ(run().outcome.kind, OutcomeKind::saved);

  EXPECT_LE(served_.questions, 9);
  EXPECT_LE(sum(served_.packs), whole_size() + whole_size() / 10);
  expect_all_restore();
  expect_whole();
}

// Not every server hands over what no ref names.
TEST_F(HistorySlicesOverABadLine, AServerThatHandsOverTipsAloneIsFetchedByItsRefs) {
  serve({.tag_every = 16});
  const std::string tips = git({"-C", served_.path, "for-each-ref", "--format=%(objectname)"});
  served_.on_wants = [&](const FetchRequest& request) {
    for (const Oid& want : request.wants)
      if (tips.find(want.hex()) == std::string::npos)
        throw_remote_error("upload-pack: not our ref " + want.hex());
  };

  const auto result = run();

  EXPECT_EQ(result.outcome.kind, OutcomeKind::saved);
  EXPECT_THAT(newest().left_out, IsEmpty());
  expect_all_restore();
  expect_whole();
}

TEST_F(HistorySlicesOverABadLine, AnIncrementThatWasCutGoesTheSameWay) {
  serve({.commits = 40, .bytes = 8'000});
  run();
  git({"-C", served_.path, "fast-import", "--quiet", "--force"}, import_of({.commits = 300, .bytes = 8'000}));
  repository_.pushed_at = "2020-02-02T00:00:00Z";
  served_.packs.clear();
  bool breaks = true;
  served_.breaks_after = [&](const FetchRequest&, ByteCount) {
    return std::exchange(breaks, false) ? std::optional<ByteCount>(1 << 20) : std::nullopt;
  };

  EXPECT_EQ(run().outcome.kind, OutcomeKind::saved);

  EXPECT_GE(served_.packs.size(), 4U);
  expect_all_restore();
  expect_whole();
}

}  // namespace
}  // namespace hubkeep
