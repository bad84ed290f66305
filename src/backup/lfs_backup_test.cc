// The part "lfs": what is fetched, what is only named, and what is told of the rest.
#include "backup/lfs_backup.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <fstream>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>
#include <utility>

#include "backup/backup_repository.h"
#include "backup/lfs_fakes.h"
#include "vault/lfs_part.h"

namespace hubkeep {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using Kind = LfsRefusal::Kind;

/// Holds parts, as a bucket does.
class BufferingStore final : public ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;
  ByteCount writer_memory() const override { return ByteCount{8} << 20U; }
};

class LfsBackupTest : public testing::Test {
 protected:
  LfsBackupTest() {
    bench_.context.open_lfs = [this](const std::string&) { return std::make_unique<FakeLfsRemote>(lfs_); };
    bench_.context.proof.memory = &memory_;
    bench_.context.retries.max_attempts = 3;
    use();
  }

  void use(const LfsOptions& options = {}) { bench_.context.parts = {git_backup(), lfs_backup(options)}; }
  void without_lfs() { bench_.context.parts = {git_backup()}; }

  RepositoryResult run(const RepositoryOptions& options = {}, const StopTokens& stops = {}) {
    return run(repository_, known_, options, stops);
  }
  RepositoryResult run(const Repository& repository, std::optional<CatalogEntry>& known,
                       const RepositoryOptions& options = {}, const StopTokens& stops = {}) {
    auto result = backup_repository(bench_.context, repository, known, stops, options);
    if (result.update) known = result.update->entry;
    return result;
  }
  /// A push that brings a commit with pointers to these.
  void push(const std::vector<LfsPointer>& pointers) {
    repository_.pushed_at = format_time(UtcTime{std::chrono::seconds(1'600'000'000 + ++pushes_)});
    bench_.server.set_ref("refs/heads/main", static_cast<unsigned>(pushes_ + 100));
    bench_.server.beside.clear();
    for (const LfsPointer& pointer : pointers)
      bench_.server.beside.push_back(git_blob(lfs_pointer_text(pointer)));
  }
  std::vector<LfsPointer> add_many(std::size_t count, const std::string& seed = "") {
    std::vector<LfsPointer> pointers;
    for (std::size_t i = 0; i < count; ++i) pointers.push_back(lfs_.add(seed + std::to_string(i)));
    return pointers;
  }
  LfsPointer add_large(char content = 'x') { return lfs_.add(std::string(17U << 20U, content)); }

  LfsPart part() { return part_in(known_); }
  LfsPart part_in(const std::optional<CatalogEntry>& known) {
    return lfs_part(manifest(known).parts.at("lfs"));
  }
  Manifest manifest(const std::optional<CatalogEntry>& known) {
    return bench_.vault.read_manifest(known->folder, known->newest.front().snapshot, {}, {}).manifest;
  }
  std::vector<std::string> kept() {
    std::vector<std::string> oids;
    for (const auto& [oid, object] :
         read_lfs_objects(bench_.vault.objects(), known_->folder, part().objects, {}))
      oids.push_back(oid);
    return oids;
  }
  std::vector<LackingLfs> lacking() {
    return read_lfs_cursor(bench_.vault.objects(), known_->folder, part().cursor, {});
  }
  std::string stored(const LfsPointer& object) {
    StringSink sink;
    bench_.vault.objects().read_stored({}, record_of(object.oid, {.size = object.size}), sink, {});
    return sink.take();
  }
  static PartOutcome lfs_of(const RepositoryResult& result) {
    for (const PartOutcome& part : result.outcome.parts)
      if (part.part == kLfsPart) return part;
    return {};
  }
  RepositoryResult run_a_day_later() {
    bench_.clock.advance(std::chrono::hours(24));
    return run();
  }
  std::size_t snapshots() { return bench_.vault.list_snapshots(known_->folder).size(); }
  std::filesystem::path file_of(const LfsPointer& object) {
    return bench_.folder.path() / lfs_key(object.oid).substr(1);
  }

  BackupBench bench_;
  FakeLfsServer lfs_;
  MemoryBudget memory_{ByteCount{256} << 20U};
  Repository repository_ = BackupBench::repository();
  std::optional<CatalogEntry> known_;
  int pushes_ = 0;
};

TEST_F(LfsBackupTest, SavesWhatTheHistoryPointsAt) {
  const LfsPointer a = lfs_.add("one");
  const LfsPointer b = lfs_.add("another");
  push({a, b});

  const auto result = run();

  EXPECT_EQ(result.outcome.kind, OutcomeKind::saved);
  EXPECT_EQ(stored(a), "one");
  EXPECT_EQ(stored(b), "another");
  EXPECT_EQ(part().status, PartStatus::ok);
  EXPECT_EQ(part().pointers, 2U);
  EXPECT_EQ(part().bytes, 10U);
  EXPECT_THAT(part().scanned, SizeIs(1));
  EXPECT_THAT(kept(), SizeIs(2));
  EXPECT_EQ(lfs_of(result).bytes_stored, 10U);
  EXPECT_EQ(lfs_of(result).requests, 3U);
  EXPECT_THAT(result.outcome.detail, HasSubstr("lfs: 2 objects of 10 B"));
  EXPECT_EQ(result.outcome.lfs_pointers, 0U) << "of those that are not saved";
  EXPECT_THAT(bench_.observer.notices, Contains(HasSubstr("2 LFS objects to come, 10 B")));
}

TEST_F(LfsBackupTest, AsksNobodyWhereNothingChanges) {
  push({lfs_.add("one")});
  run();
  lfs_.forget();
  const int listed = bench_.server.listed;

  const auto result = run();

  EXPECT_EQ(result.outcome.kind, OutcomeKind::unchanged);
  EXPECT_FALSE(result.update) << "not even the vault is looked at";
  EXPECT_EQ(lfs_.batches(), 0U);
  EXPECT_EQ(bench_.server.listed, listed);
}

TEST_F(LfsBackupTest, ARepositoryWithoutPointersCostsNoRequest) {
  push({});
  const auto first = run();
  push({});
  const auto second = run();

  EXPECT_EQ(lfs_.batches(), 0U);
  EXPECT_EQ(first.outcome.kind, OutcomeKind::saved);
  EXPECT_EQ(second.outcome.kind, OutcomeKind::saved);
  EXPECT_EQ(part().pointers, 0U);
  EXPECT_THAT(part().objects, IsEmpty());
  EXPECT_THAT(second.outcome.detail, Not(HasSubstr("lfs")));
}

TEST_F(LfsBackupTest, AnEmptyRepositoryIsNotLookedAtAgain) {
  bench_.server.drop_ref("refs/heads/main");
  run();

  EXPECT_EQ(run().outcome.kind, OutcomeKind::unchanged);
  EXPECT_FALSE(run().update);
}

TEST_F(LfsBackupTest, FetchesOnlyWhatIsNew) {
  const LfsPointer a = lfs_.add("one");
  push({a});
  run();
  const LfsPointer b = lfs_.add("another");
  lfs_.forget();
  push({a, b});

  run();

  EXPECT_EQ(lfs_.asked(a.oid), 0);
  EXPECT_EQ(lfs_.downloads(b.oid), 1);
  EXPECT_THAT(kept(), SizeIs(2));
  EXPECT_THAT(part().scanned, SizeIs(2));
}

TEST_F(LfsBackupTest, APushWithoutNewPointersWritesNoList) {
  const LfsPointer a = lfs_.add("one");
  push({a});
  run();
  const auto lists = part().objects;
  lfs_.forget();
  push({a});

  run();

  EXPECT_EQ(part().objects, lists);
  EXPECT_EQ(lfs_.batches(), 0U);
}

TEST_F(LfsBackupTest, AsksForAHundredAtATime) {
  push(add_many(250));

  run();

  EXPECT_EQ(lfs_.batches(), 3U);
  EXPECT_EQ(lfs_.downloads(), 250U);
  EXPECT_THAT(kept(), SizeIs(250));
}

// Each takes more than half of what the downloads of a repository may take together.
TEST_F(LfsBackupTest, LargeObjectsWaitForEachOthersMemory) {
  Vault vault(std::make_unique<BufferingStore>(
                  std::make_unique<FolderStore>(bench_.folder.path().string(), OpenMode::create)),
              OpenMode::create, bench_.clock);
  BackupContext context{.vault = vault,
                        .github = bench_.github,
                        .open_remote = bench_.context.open_remote,
                        .open_lfs = bench_.context.open_lfs,
                        .parts = bench_.context.parts,
                        .clock = bench_.clock,
                        .observer = bench_.observer,
                        .program = bench_.context.program,
                        .host = bench_.context.host,
                        .retries = bench_.context.retries,
                        .proof = bench_.context.proof};
  const std::vector<LfsPointer> large = {add_large('a'), add_large('b'), add_large('c'), add_large('d')};
  push(large);
  std::mutex mutex;
  std::vector<std::filesystem::path> begun;
  std::size_t early = 0;
  lfs_.on_download = [&](const std::string& oid) {
    const std::scoped_lock lock(mutex);
    for (const auto& before : begun) early += std::filesystem::exists(before) ? 0 : 1;
    begun.push_back(file_of({.oid = oid, .size = 0}));
  };

  known_ = backup_repository(context, repository_, {}, {}, {}).update->entry;

  EXPECT_EQ(early, 0U) << "began before the one before was in the vault";
  EXPECT_THAT(kept(), SizeIs(large.size()));
}

TEST_F(LfsBackupTest, AForkHasItFromTheVault) {
  const LfsPointer a = lfs_.add("one");
  push({a});
  run();
  std::optional<CatalogEntry> of_fork;

  const auto result = run(BackupBench::repository(8, "fork"), of_fork);

  EXPECT_EQ(result.outcome.kind, OutcomeKind::saved);
  EXPECT_EQ(lfs_.downloads(a.oid), 1);
  EXPECT_EQ(lfs_.batches(), 1U);
  EXPECT_EQ(part_in(of_fork).pointers, 1U);
  EXPECT_EQ(part_in(of_fork).status, PartStatus::ok);
}

TEST_F(LfsBackupTest, TwoJobsAtOnceFetchAnObjectOnce) {
  const auto pointers = add_many(40);
  push(pointers);
  std::vector<std::optional<CatalogEntry>> known(4);
  std::vector<std::jthread> jobs;
  for (int i = 0; i < 4; ++i)
    jobs.emplace_back([&, i] {
      run(BackupBench::repository(100 + i, "fork" + std::to_string(i)), known[static_cast<std::size_t>(i)]);
    });
  jobs.clear();

  for (const LfsPointer& pointer : pointers) EXPECT_EQ(lfs_.downloads(pointer.oid), 1);
  for (const auto& each : known) {
    ASSERT_TRUE(each);
    EXPECT_EQ(part_in(each).pointers, 40U);
    EXPECT_EQ(part_in(each).status, PartStatus::ok);
  }
}

TEST_F(LfsBackupTest, TellsOnceWhatTheServerDoesNotHave) {
  const LfsPointer a = lfs_.add("one");
  const LfsPointer gone{.oid = sha256_hex("gone"), .size = 4};
  push({a, gone});

  const auto first = run();
  const UtcTime since = lacking().at(0).since;
  const auto second = run();

  EXPECT_EQ(first.outcome.kind, OutcomeKind::saved) << "it is no failure";
  EXPECT_EQ(first.outcome.error, std::nullopt);
  EXPECT_THAT(first.outcome.detail,
              HasSubstr("lacks 1 object that the server does not have: Object does not exist"));
  EXPECT_EQ(part().status, PartStatus::partial);
  ASSERT_THAT(lacking(), SizeIs(1));
  EXPECT_EQ(lacking().at(0).why, LfsLack::missing);
  EXPECT_EQ(lacking().at(0).code, 404);
  EXPECT_EQ(lacking().at(0).since, since);
  EXPECT_EQ(second.outcome.kind, OutcomeKind::unchanged);
  EXPECT_EQ(second.outcome.detail, "");
  EXPECT_EQ(lfs_.asked(gone.oid), 1) << "it was asked for a moment ago";
  EXPECT_EQ(run_a_day_later().outcome.kind, OutcomeKind::unchanged);
  EXPECT_EQ(lfs_.asked(gone.oid), 2);
  EXPECT_EQ(lfs_.downloads(a.oid), 1);
  EXPECT_EQ(snapshots(), 1U);
}

TEST_F(LfsBackupTest, WhatComesBackIsSaved) {
  const LfsPointer late{.oid = sha256_hex("late"), .size = 4};
  push({late});
  run();
  lfs_.add("late");

  const auto result = run_a_day_later();

  EXPECT_EQ(result.outcome.kind, OutcomeKind::saved);
  EXPECT_EQ(part().status, PartStatus::ok);
  EXPECT_EQ(part().cursor, std::nullopt);
  EXPECT_EQ(run().outcome.kind, OutcomeKind::unchanged);
}

TEST_F(LfsBackupTest, WhatCannotBeHadCostsNoRequestInEachRun) {
  const LfsPointer gone{.oid = sha256_hex("gone"), .size = 4};
  push({gone});
  run();
  ASSERT_EQ(lfs_.batches(), 1U);
  EXPECT_EQ(part().pending, 0U);
  EXPECT_TRUE(is_settled(manifest(known_).parts.at("lfs")));

  for (int i = 0; i < 10; ++i) EXPECT_FALSE(run().update) << "not even the vault is looked at";
  EXPECT_EQ(lfs_.batches(), 1U);
  const LfsPointer news = lfs_.add("news");
  push({news});
  run();
  EXPECT_EQ(lfs_.downloads(news.oid), 1);
  EXPECT_EQ(lfs_.asked(gone.oid), 1) << "also where the history has news";
  for (int day = 1; day <= 3; ++day) {
    run_a_day_later();
    for (int i = 0; i < 5; ++i) run();
    EXPECT_EQ(lfs_.asked(gone.oid), 1 + day);
  }
}

TEST_F(LfsBackupTest, WhatMayComeAnyTimeIsAskedForByEachRun) {
  const LfsPointer a = lfs_.add("one");
  lfs_.refusals[a.oid] = {Kind::over_quota, 403, "over its quota"};
  push({a});
  run();
  EXPECT_EQ(part().pending, 1U);
  EXPECT_FALSE(is_settled(manifest(known_).parts.at("lfs")));
  run();
  EXPECT_EQ(lfs_.asked(a.oid), 2);
  lfs_.refusals.clear();

  run();

  EXPECT_EQ(part().status, PartStatus::ok);
  EXPECT_EQ(part().pending, 0U);
}

struct RefusalCase {
  Kind kind;
  LfsLack why;
  const char* words;
};

class EachRefusal : public LfsBackupTest, public testing::WithParamInterface<RefusalCase> {};

TEST_P(EachRefusal, IsRememberedForWhatItIs) {
  const LfsPointer a = lfs_.add("one");
  lfs_.refusals[a.oid] = {GetParam().kind, 400, "words"};
  push({a});

  const auto result = run();

  EXPECT_EQ(result.outcome.error, std::nullopt);
  ASSERT_THAT(lacking(), SizeIs(1));
  EXPECT_EQ(lacking().at(0).why, GetParam().why);
  EXPECT_THAT(result.outcome.detail, HasSubstr(GetParam().words));
}

INSTANTIATE_TEST_SUITE_P(
    Lfs, EachRefusal,
    testing::Values(RefusalCase{Kind::missing, LfsLack::missing, "the server does not have: words"},
                    RefusalCase{Kind::over_quota, LfsLack::over_quota, "over the owner's quota: words"},
                    RefusalCase{Kind::other, LfsLack::refused, "cannot be had: words"}));

TEST_F(LfsBackupTest, AnObjectThatTheServerIsTooBusyForIsAskedForAgain) {
  const LfsPointer a = lfs_.add("one");
  lfs_.refusals[a.oid] = {Kind::busy, 503, "come back"};
  lfs_.on_ask = [&] {
    if (lfs_.asked(a.oid) == 3) lfs_.refusals.clear();
  };
  push({a});

  const auto result = run();

  EXPECT_EQ(result.outcome.kind, OutcomeKind::saved);
  EXPECT_EQ(part().status, PartStatus::ok);
  EXPECT_EQ(stored(a), "one");
  EXPECT_THAT(bench_.observer.retries, ElementsAre("the LFS server is busy (503): come back",
                                                   "the LFS server is busy (503): come back"));
}

TEST_F(LfsBackupTest, AnObjectThatTheServerIsAlwaysTooBusyForIsAFailure) {
  const LfsPointer a = lfs_.add("one");
  const LfsPointer b = lfs_.add("another");
  lfs_.refusals[a.oid] = {Kind::busy, 429, "slow down"};
  push({a, b});

  const auto first = run();
  EXPECT_EQ(first.outcome.kind, OutcomeKind::failed);
  EXPECT_THAT(first.outcome.error->message(), HasSubstr("lfs: the LFS server is busy (429): slow down"));
  EXPECT_EQ(lfs_.asked(a.oid), 3);
  EXPECT_EQ(stored(b), "another");
  ASSERT_THAT(lacking(), SizeIs(1));
  EXPECT_EQ(lacking().at(0).why, LfsLack::pending);
  EXPECT_EQ(run().outcome.kind, OutcomeKind::failed) << "not only once";
  lfs_.refusals.clear();

  EXPECT_EQ(run().outcome.kind, OutcomeKind::saved);
  EXPECT_EQ(part().status, PartStatus::ok);
}

TEST_F(LfsBackupTest, OverQuotaAsksNoFurther) {
  const auto pointers = add_many(250);
  for (const LfsPointer& pointer : pointers)
    lfs_.refusals[pointer.oid] = {Kind::over_quota, 403, "over its quota"};
  push(pointers);
  memory_.try_acquire(0);

  const auto result = run();

  EXPECT_LE(lfs_.batches(), 3U);
  EXPECT_THAT(lacking(), SizeIs(250));
  EXPECT_THAT(result.outcome.detail, HasSubstr("lacks 250 objects over the owner's quota: over its quota"));
}

TEST_F(LfsBackupTest, LeavesOutWhatIsTooLarge) {
  use({.largest = 5});
  const LfsPointer small = lfs_.add("12345");
  const LfsPointer large = lfs_.add("123456");
  push({small, large});

  const auto first = run();
  EXPECT_EQ(lfs_.asked(large.oid), 0);
  EXPECT_EQ(lacking().at(0).why, LfsLack::too_large);
  EXPECT_THAT(first.outcome.detail, HasSubstr("lacks 1 object larger than --lfs-max-size"));
  EXPECT_EQ(run().outcome.kind, OutcomeKind::unchanged);
  use();
  run_a_day_later();

  EXPECT_EQ(lfs_.downloads(large.oid), 1);
  EXPECT_EQ(part().status, PartStatus::ok);
}

TEST_F(LfsBackupTest, ABrokenDownloadGoesOnWhereItBroke) {
  const LfsPointer a = lfs_.add("0123456789");
  int breaks = 0;
  lfs_.breaks = [&](const std::string&) { return ++breaks == 1 ? std::size_t{4} : std::string::npos; };
  push({a});

  run();

  EXPECT_EQ(stored(a), "0123456789");
  EXPECT_EQ(lfs_.downloads(a.oid), 2);
  EXPECT_EQ(lfs_.asked(a.oid), 1);
  EXPECT_THAT(bench_.observer.retries, ElementsAre("the connection broke"));
}

TEST_F(LfsBackupTest, WhatNeverArrivesIsAFailureAndComesTheNextTime) {
  const LfsPointer a = lfs_.add("0123456789");
  const LfsPointer b = lfs_.add("another");
  lfs_.breaks = [&](const std::string& oid) { return oid == a.oid ? std::size_t{4} : std::string::npos; };
  push({a, b});

  const auto first = run();
  EXPECT_EQ(first.outcome.kind, OutcomeKind::failed);
  EXPECT_THAT(first.outcome.error->message(), HasSubstr("lfs: the connection broke"));
  EXPECT_EQ(stored(b), "another");
  EXPECT_THAT(statuses_of(manifest(known_).parts), Contains(testing::Pair("git", PartStatus::ok)));
  lfs_.forget();
  lfs_.breaks = [](const std::string&) { return std::string::npos; };
  const auto second = run();

  EXPECT_EQ(second.outcome.kind, OutcomeKind::saved);
  EXPECT_EQ(lfs_.downloads(b.oid), 0);
  EXPECT_EQ(part().status, PartStatus::ok);
}

TEST_F(LfsBackupTest, AServerThatIsDownIsNotAskedForEachObject) {
  bench_.context.retries.max_attempts = 1;
  push(add_many(100));
  lfs_.on_download = [](const std::string&) { throw Error(ErrorKind::transient, "no connection"); };

  const auto result = run();

  EXPECT_EQ(result.outcome.kind, OutcomeKind::failed);
  EXPECT_LE(lfs_.downloads(), 16U);
}

TEST_F(LfsBackupTest, AnAddressThatHasExpiredIsAskedForAgain) {
  const LfsPointer a = lfs_.add("one");
  int refused = 0;
  lfs_.on_download = [&](const std::string&) {
    if (++refused == 1) throw Error(ErrorKind::forbidden, "media.test answered with HTTP status 403");
  };
  push({a});

  const auto result = run();

  EXPECT_EQ(result.outcome.error, std::nullopt);
  EXPECT_EQ(lfs_.asked(a.oid), 2);
  EXPECT_EQ(part().status, PartStatus::ok);
}

// Each address lasts for a piece of the object, and more addresses are needed than are asked for in vain.
TEST_F(LfsBackupTest, ASlowObjectMayOutliveManyAddresses) {
  constexpr std::size_t kPiece = std::size_t{1} << 20U;
  const LfsPointer a = lfs_.add(std::string(6 * kPiece, 'x'));
  std::size_t arrived = 0;
  bool has_expired = false;
  lfs_.on_download = [&](const std::string&) {
    has_expired = !has_expired && arrived > 0;
    if (has_expired) throw Error(ErrorKind::forbidden, "media.test answered with HTTP status 403");
  };
  lfs_.breaks = [&](const std::string&) { return arrived += kPiece; };
  push({a});

  const auto result = run();

  EXPECT_EQ(result.outcome.error, std::nullopt);
  EXPECT_EQ(part().status, PartStatus::ok);
  EXPECT_EQ(lfs_.asked(a.oid), 6);
}

TEST_F(LfsBackupTest, AnAddressThatIsNeverTakenIsARefusal) {
  const LfsPointer a = lfs_.add("one");
  lfs_.on_download = [&](const std::string&) {
    throw Error(ErrorKind::forbidden, "media.test answered with HTTP status 403");
  };
  push({a});

  const auto result = run();

  ASSERT_TRUE(result.outcome.error);
  EXPECT_THAT(result.outcome.error->message(), HasSubstr("media.test answered with HTTP status 403"));
  EXPECT_EQ(lacking().at(0).why, LfsLack::refused);
  EXPECT_EQ(lacking().at(0).message, "media.test answered with HTTP status 403");
}

TEST_F(LfsBackupTest, OtherBytesAreRefusedTheSecondTime) {
  const LfsPointer a = lfs_.add("one");
  const LfsPointer b = lfs_.add("two");
  int sent = 0;
  lfs_.sends = [&](const std::string& oid, const std::string& bytes) -> std::string {
    if (oid == a.oid) return "xxx";
    return ++sent == 1 ? "more than there is" : bytes;
  };
  push({a, b});

  const auto result = run();

  ASSERT_TRUE(result.outcome.error) << "a proxy's page is not the object";
  EXPECT_THAT(result.outcome.error->message(), HasSubstr("other bytes than those of the object's name"));
  ASSERT_THAT(lacking(), SizeIs(1));
  EXPECT_EQ(lacking().at(0).oid, a.oid);
  EXPECT_THAT(lacking().at(0).message, HasSubstr("other bytes than those of the object's name"));
  EXPECT_EQ(lfs_.downloads(a.oid), 2);
  EXPECT_FALSE(std::filesystem::exists(file_of(a)));
  EXPECT_EQ(stored(b), "two");
}

TEST_F(LfsBackupTest, OtherBytesAreAFailureOfEachRunUntilTheyAreRight) {
  const LfsPointer a = lfs_.add("one");
  const auto sends = std::exchange(lfs_.sends, [](const std::string&, const std::string&) { return "xxx"; });
  push({a, add_large()});  // which is named before it comes

  const auto first = run();
  const auto second = run();

  EXPECT_EQ(first.outcome.kind, OutcomeKind::failed);
  EXPECT_EQ(second.outcome.kind, OutcomeKind::failed) << "on the same day";
  EXPECT_TRUE(second.outcome.snapshot.empty()) << "that it stays so is no news";
  EXPECT_EQ(part().pending, 2U);
  EXPECT_FALSE(is_settled(manifest(known_).parts.at("lfs")));

  lfs_.sends = sends;
  EXPECT_EQ(run().outcome.kind, OutcomeKind::saved);
  EXPECT_EQ(part().status, PartStatus::ok);
}

TEST_F(LfsBackupTest, OtherBytesAreAFailureAlsoOfWhatWasRefusedBefore) {
  const LfsPointer a = lfs_.add("one");
  lfs_.refusals[a.oid] = {Kind::other, 422, "no"};
  push({a});
  EXPECT_EQ(run().outcome.error, std::nullopt);
  lfs_.refusals.clear();
  lfs_.sends = [&](const std::string& oid, const std::string& bytes) { return oid == a.oid ? "xxx" : bytes; };
  push({a, lfs_.add("two")});
  bench_.github.name_now = "acme/site";

  EXPECT_EQ(run_a_day_later().outcome.kind, OutcomeKind::failed);
  EXPECT_EQ(run().outcome.kind, OutcomeKind::failed);
  EXPECT_EQ(part().pending, 1U);

  lfs_.refusals[a.oid] = {Kind::other, 422, "no"};
  EXPECT_EQ(run().outcome.error, std::nullopt);
  EXPECT_EQ(part().pending, 0U);
}

TEST_F(LfsBackupTest, AnAnswerThatIsRefusedFailsThePartAlone) {
  push({lfs_.add("one")});
  lfs_.on_ask = [] { throw Error(ErrorKind::forbidden, "the server refuses access to LFS objects (403)"); };

  const auto result = run();

  EXPECT_EQ(result.outcome.kind, OutcomeKind::failed);
  EXPECT_EQ(result.outcome.error->message(), "lfs: the server refuses access to LFS objects (403)");
  EXPECT_EQ(part().status, PartStatus::failed);
  EXPECT_THAT(part().scanned, SizeIs(1)) << "what is known by now stays known";
  EXPECT_EQ(run().outcome.kind, OutcomeKind::failed);
  EXPECT_EQ(snapshots(), 1U);
}

TEST_F(LfsBackupTest, AStopInTheMiddleKeepsWhatCame) {
  bench_.context.proof.memory = nullptr;
  const auto pointers = add_many(10);
  push(pointers);
  std::stop_source stop;
  int downloads = 0;
  lfs_.on_download = [&](const std::string&) {
    if (++downloads == 4) stop.request_stop();
  };

  const auto first = run({}, {.stop = stop.get_token()});
  EXPECT_EQ(first.outcome.kind, OutcomeKind::not_done);
  lfs_.on_download = [](const std::string&) {};
  const auto second = run();

  EXPECT_EQ(second.outcome.kind, OutcomeKind::saved);
  EXPECT_EQ(part().status, PartStatus::ok);
  for (const LfsPointer& pointer : pointers) EXPECT_EQ(lfs_.downloads(pointer.oid), 1);
}

TEST_F(LfsBackupTest, ALargeSetIsNamedBeforeItComes) {
  const LfsPointer large = add_large();
  push({large});
  std::vector<LackingLfs> lacking_meanwhile;
  LfsPart meanwhile;
  std::string folder;
  lfs_.on_download = [&](const std::string&) {
    folder = "repos/github.com/acme/site.7/";
    const auto snapshots = bench_.vault.list_snapshots(folder);
    ASSERT_THAT(snapshots, SizeIs(1));
    meanwhile =
        lfs_part(bench_.vault.read_manifest(folder, snapshots.front(), {}, {}).manifest.parts.at("lfs"));
    lacking_meanwhile = read_lfs_cursor(bench_.vault.objects(), folder, meanwhile.cursor, {});
  };

  run();

  EXPECT_EQ(meanwhile.status, PartStatus::partial);
  EXPECT_THAT(meanwhile.scanned, SizeIs(1));
  ASSERT_THAT(lacking_meanwhile, SizeIs(1));
  EXPECT_EQ(lacking_meanwhile.front().why, LfsLack::pending);
  EXPECT_EQ(part().status, PartStatus::ok);
  EXPECT_EQ(snapshots(), 2U);
}

TEST_F(LfsBackupTest, ALargeSetWithoutNewsOfTheHistoryIsNotNamedBefore) {
  const LfsPointer large = add_large();
  lfs_.refusals[large.oid] = {Kind::missing, 404, ""};
  push({large});
  run();
  const auto before = snapshots();
  lfs_.refusals.clear();

  run_a_day_later();

  EXPECT_EQ(snapshots(), before + 1);
  EXPECT_EQ(part().status, PartStatus::ok);
}

TEST_F(LfsBackupTest, OrderOnDiskIsObjectsThenListThenManifest) {
  std::vector<std::string> created;
  bench_.store->on_create = [&](const ObjectKey& key) { created.push_back(key); };
  bench_.context.proof.memory = nullptr;
  push({lfs_.add("one"), {.oid = sha256_hex("gone"), .size = 4}});

  run();

  std::vector<std::string> kinds;
  for (const std::string& key : created)
    kinds.push_back(key.starts_with("lfs/")                       ? "object"
                    : key.ends_with(".list.zst")                  ? "list"
                    : key.ends_with(".cursor.zst")                ? "cursor"
                    : key.find("snapshots/") != std::string::npos ? "manifest"
                                                                  : "history");
  EXPECT_THAT(kinds,
              testing::ElementsAreArray({"history", "history", "object", "list", "cursor", "manifest"}));
}

TEST_F(LfsBackupTest, SwitchedOnLaterItReadsTheHistoryOnce) {
  without_lfs();
  const LfsPointer a = lfs_.add("one");
  push({a});
  run();
  use();

  const auto result = run();

  EXPECT_EQ(result.outcome.kind, OutcomeKind::saved);
  EXPECT_EQ(stored(a), "one");
  EXPECT_THAT(part().scanned, SizeIs(1));
  EXPECT_EQ(bench_.server.fetched, 1);
  EXPECT_EQ(run().outcome.kind, OutcomeKind::unchanged);
}

TEST_F(LfsBackupTest, SwitchedOffForAWhileItMissesNothing) {
  push({lfs_.add("one")});
  run();
  without_lfs();
  const LfsPointer b = lfs_.add("meanwhile");
  push({b});
  run();
  use();

  run();

  EXPECT_EQ(stored(b), "meanwhile");
  EXPECT_THAT(part().scanned, SizeIs(2));
  EXPECT_EQ(run().outcome.kind, OutcomeKind::unchanged);
}

TEST_F(LfsBackupTest, AnObjectOfAKilledRunIsNotFetchedAgain) {
  const LfsPointer a = lfs_.add("one");
  push({a});
  bench_.store->fail_on = {"snapshots/"};
  run();
  ASSERT_FALSE(known_);
  bench_.store->fail_on.clear();

  run();

  EXPECT_EQ(lfs_.downloads(a.oid), 1);
  EXPECT_THAT(kept(), SizeIs(1));
}

TEST_F(LfsBackupTest, AnObjectOfAnotherSizeIsReplaced) {
  const LfsPointer a = lfs_.add("one");
  std::filesystem::create_directories(file_of(a).parent_path());
  std::ofstream(file_of(a)) << "half an object";
  push({a});

  run();

  EXPECT_EQ(stored(a), "one");
  EXPECT_EQ(part().status, PartStatus::ok);
}

class LfsOfAnotherSize : public LfsBackupTest {
 protected:
  /// What a stranger's pull request says of it.
  static LfsPointer bogus(const LfsPointer& object, ByteCount size = 1) { return {object.oid, size}; }
  const LfsPointer object_ = lfs_.add("0123456789");
};

TEST_F(LfsOfAnotherSize, ComesAllTheSame) {
  push({object_, bogus(object_)});

  const auto result = run();

  EXPECT_EQ(stored(object_), "0123456789");
  EXPECT_EQ(part().status, PartStatus::ok);
  EXPECT_EQ(part().bytes, 10U);
  EXPECT_EQ(lfs_.batches(), 1U);
  EXPECT_EQ(result.outcome.error, std::nullopt);
}

TEST_F(LfsOfAnotherSize, ComesWhereNoPointerIsRight) {
  push({bogus(object_, 7)});

  run();

  EXPECT_EQ(stored(object_), "0123456789");
  EXPECT_EQ(part().status, PartStatus::ok);
}

TEST_F(LfsOfAnotherSize, ComesWithTheSizeThatTheServerTakes) {
  lfs_.takes[object_.oid] = object_.size;
  push({object_, bogus(object_, 1), bogus(object_, 2), lfs_.add("another")});

  run();

  EXPECT_EQ(stored(object_), "0123456789");
  EXPECT_EQ(part().status, PartStatus::ok);
  EXPECT_EQ(lfs_.batches(), 3U);
  EXPECT_EQ(lfs_.downloads(), 2U);
}

TEST_F(LfsOfAnotherSize, ComesFromAServerThatRepeatsWhatItWasAsked) {
  lfs_.says_asked_size = true;
  push({object_, bogus(object_, 1), bogus(object_, 20)});

  run();

  EXPECT_EQ(stored(object_), "0123456789");
  EXPECT_EQ(part().status, PartStatus::ok);
}

TEST_F(LfsOfAnotherSize, IsNotAskedForWithoutEnd) {
  lfs_.takes[object_.oid] = 77;
  std::vector<LfsPointer> pointers;
  for (ByteCount size = 1; size <= 30; ++size) pointers.push_back(bogus(object_, size));
  push(pointers);

  run();

  EXPECT_EQ(lfs_.asked(object_.oid), 8);
  ASSERT_THAT(lacking(), SizeIs(1));
  EXPECT_EQ(lacking().at(0).why, LfsLack::refused);
  EXPECT_THAT(lacking().at(0).other_sizes, SizeIs(29));
}

TEST_F(LfsOfAnotherSize, OtherBytesOfThatSizeAreNoMatterOfSizes) {
  lfs_.sends = [](const std::string&, const std::string& bytes) { return std::string(bytes.size(), 'x'); };
  push({object_, bogus(object_)});

  run();

  EXPECT_EQ(lfs_.asked(object_.oid), 1);
  EXPECT_EQ(lacking().at(0).why, LfsLack::refused);
  EXPECT_FALSE(std::filesystem::exists(file_of(object_)));
}

TEST_F(LfsOfAnotherSize, IsWhatTheServerHasForTheLimit) {
  use({.largest = 9});
  push({object_, bogus(object_)});

  run();

  EXPECT_EQ(lfs_.downloads(), 0U);
  EXPECT_EQ(lacking().at(0).why, LfsLack::too_large);
}

TEST_F(LfsOfAnotherSize, IsInTheVaultThroughAFork) {
  std::optional<CatalogEntry> fork;
  push({object_});
  run(BackupBench::repository(8, "fork"), fork);
  lfs_.forget();
  push({bogus(object_), object_});

  run();

  EXPECT_EQ(lfs_.batches(), 0U);
  EXPECT_EQ(part().status, PartStatus::ok);
  EXPECT_EQ(part().bytes, 10U);
}

TEST_F(LfsOfAnotherSize, IsLearnedOfLater) {
  lfs_.takes[object_.oid] = object_.size;
  push({bogus(object_)});
  run();
  ASSERT_THAT(lacking(), SizeIs(1));
  push({object_});

  run();

  EXPECT_EQ(stored(object_), "0123456789");
  EXPECT_EQ(part().cursor, std::nullopt);
}

TEST_F(LfsBackupTest, ARepairFetchesWhatIsLost) {
  const LfsPointer lost = lfs_.add("lost");
  const LfsPointer damaged = lfs_.add("damaged");
  const LfsPointer whole = lfs_.add("whole");
  push({lost, damaged, whole});
  run();
  std::filesystem::remove(file_of(lost));
  std::filesystem::remove(file_of(damaged));
  std::ofstream(file_of(damaged)) << "demaged";
  lfs_.forget();
  use();  // another process

  run({.lost = {lfs_key(lost.oid), lfs_key(damaged.oid), lfs_key(whole.oid)}});

  EXPECT_EQ(stored(lost), "lost");
  EXPECT_EQ(stored(damaged), "damaged");
  EXPECT_EQ(lfs_.downloads(whole.oid), 0) << "it was as it should be";
  EXPECT_EQ(part().status, PartStatus::ok);
  EXPECT_THAT(kept(), SizeIs(3));
}

class DamagedLfs : public LfsBackupTest {
 protected:
  DamagedLfs() {
    push({object_});
    run();
    write("demaged");
    lfs_.forget();
    use();  // another process
  }
  void write(const std::string& bytes) {
    std::filesystem::remove(file_of(object_));
    std::ofstream(file_of(object_)) << bytes;
  }
  void repair_that_breaks_off() {
    lfs_.breaks = [](const std::string&) { return std::size_t{3}; };
    EXPECT_EQ(run({.lost = {lfs_key(object_.oid)}}).outcome.kind, OutcomeKind::failed);
    lfs_.breaks = [](const std::string&) { return std::string::npos; };
    lfs_.forget();
    use();
  }
  const LfsPointer object_ = lfs_.add("damaged");
};

TEST_F(DamagedLfs, IsNotBelievedByItsSizeAfterARepairThatBrokeOff) {
  repair_that_breaks_off();
  ASSERT_THAT(lacking(), SizeIs(1));
  EXPECT_TRUE(lacking().front().is_damaged);

  run();

  EXPECT_EQ(stored(object_), "damaged");
  EXPECT_EQ(lfs_.downloads(object_.oid), 1);
  EXPECT_EQ(part().status, PartStatus::ok);
}

TEST_F(DamagedLfs, StaysWordOfItWhileTheServerDoesNotHaveIt) {
  const auto objects = std::exchange(lfs_.objects, {});
  run({.lost = {lfs_key(object_.oid)}});
  EXPECT_EQ(lacking().at(0).why, LfsLack::missing);
  run_a_day_later();
  ASSERT_THAT(lacking(), SizeIs(1)) << "what lies there is not it";
  lfs_.objects = objects;

  run_a_day_later();

  EXPECT_EQ(stored(object_), "damaged");
}

TEST_F(DamagedLfs, IsNotFetchedWhereAnotherRepositoryHasReplacedIt) {
  repair_that_breaks_off();
  write("damaged");

  run();

  EXPECT_EQ(lfs_.batches(), 0U);
  EXPECT_EQ(part().status, PartStatus::ok);
}

TEST_F(DamagedLfs, IsNotBelievedByItsSizeWhereItWasGivenUp) {
  std::filesystem::remove(bench_.folder.path() / resolve_key(known_->folder, part().objects.front().key));
  push({});

  run({.given_up = {lfs_key(object_.oid)}});

  EXPECT_EQ(stored(object_), "damaged");
}

TEST_F(DamagedLfs, IsNotBelievedByItsSizeWhereAnotherRepositoryHasLostIt) {
  bench_.vault.begin_state(bench_.context.host, {}, bench_.clock, {});
  const Loss loss{.key = lfs_key(object_.oid).substr(1), .detail = "is damaged", .found_at = {}};
  bench_.vault.update_state(bench_.context.host,
                            [&](HostState& state) { state.repositories[7].losses = {loss}; }, bench_.clock,
                            {});
  std::optional<CatalogEntry> of_fork;

  run(BackupBench::repository(8, "fork"), of_fork);

  EXPECT_EQ(stored(object_), "damaged");
  EXPECT_EQ(part_in(of_fork).status, PartStatus::ok);
}

TEST_F(LfsBackupTest, ARepairNamesWhatTheServerHasNoLonger) {
  const LfsPointer lost = lfs_.add("lost");
  push({lost});
  run();
  std::filesystem::remove(file_of(lost));
  lfs_.objects.clear();
  use();

  const auto result = run({.lost = {lfs_key(lost.oid)}});

  EXPECT_EQ(result.outcome.error, std::nullopt);
  EXPECT_EQ(part().status, PartStatus::partial);
  EXPECT_THAT(kept(), IsEmpty());
  EXPECT_EQ(lacking().at(0).why, LfsLack::missing);
}

TEST_F(LfsBackupTest, WithoutItsListItLooksThroughTheHistory) {
  const LfsPointer a = lfs_.add("one");
  push({a});
  run();
  std::filesystem::remove(bench_.folder.path() / resolve_key(known_->folder, part().objects.front().key));
  push({});

  const auto result = run();

  EXPECT_EQ(result.outcome.kind, OutcomeKind::saved);
  EXPECT_THAT(kept(), ElementsAre(a.oid));
  EXPECT_EQ(lfs_.downloads(a.oid), 1) << "the object is there still";
  EXPECT_THAT(bench_.observer.notices, Contains(HasSubstr("what LFS objects it has is not known")));
}

TEST_F(LfsBackupTest, ABundleThatCannotBeReadIsToldAndTheRestSaved) {
  without_lfs();
  push({lfs_.add("one")});
  run();
  const GitPart git = git_part(manifest(known_).parts);
  std::filesystem::remove(bench_.folder.path() / resolve_key(known_->folder, git.bundles.front().record.key));
  use();

  const auto result = run();

  EXPECT_EQ(part().status, PartStatus::partial);
  EXPECT_THAT(part().scanned, IsEmpty());
  EXPECT_THAT(result.outcome.detail, HasSubstr("lfs: 1 bundle could not be looked through"));
}

TEST_F(LfsBackupTest, AnArchivedBundleIsTriedOnceADayUntilItIsThawed) {
  without_lfs();
  const LfsPointer old = lfs_.add("old");
  push({old});
  run();
  use();
  const ObjectKey archived =
      resolve_key(known_->folder, git_part(manifest(known_).parts).bundles.front().record.key);
  int tries = 0;
  bench_.store->on_read = [&](const ObjectKey& key) {
    if (key != archived) return;
    ++tries;
    throw Error(ErrorKind::cold, key + " is archived");
  };

  const auto first = run();
  EXPECT_THAT(first.outcome.detail, HasSubstr("1 bundle could not be looked through"));
  EXPECT_THAT(part().unread, SizeIs(1));
  EXPECT_EQ(tries, 1);
  EXPECT_FALSE(run().update) << "not even the vault is looked at";
  const LfsPointer news = lfs_.add("news");
  push({news});
  const auto second = run();
  EXPECT_EQ(tries, 1) << "also where the history has news";
  EXPECT_THAT(second.outcome.detail, Not(HasSubstr("looked through")));
  EXPECT_EQ(stored(news), "news");
  EXPECT_EQ(run_a_day_later().outcome.detail, "");
  EXPECT_EQ(tries, 2);

  bench_.store->on_read = [](const ObjectKey&) {};
  run_a_day_later();

  EXPECT_EQ(stored(old), "old");
  EXPECT_EQ(part().status, PartStatus::ok);
  EXPECT_THAT(part().unread, IsEmpty());
}

TEST_F(LfsBackupTest, OfMorePointersThanItLooksAtItKeepsSoMany) {
  use({.most = 3});
  push(add_many(5));

  const auto first = run();

  EXPECT_EQ(first.outcome.error, std::nullopt);
  EXPECT_THAT(first.outcome.detail,
              HasSubstr("points at more objects than the 3 that are looked at; the rest is not saved"));
  EXPECT_EQ(part().status, PartStatus::partial);
  EXPECT_THAT(part().scanned, IsEmpty());
  EXPECT_THAT(part().overfull, SizeIs(1));
  EXPECT_THAT(kept(), SizeIs(3));
  EXPECT_FALSE(run().update);
  EXPECT_EQ(run_a_day_later().outcome.detail, "") << "it is no news";

  use();  // a version with more room
  run_a_day_later();

  EXPECT_EQ(lfs_.downloads(), 5U);
  EXPECT_THAT(kept(), SizeIs(5));
  EXPECT_EQ(part().status, PartStatus::ok);
}

}  // namespace
}  // namespace hubkeep
