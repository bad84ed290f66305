// A part that nobody has heard of, in a vault with real histories: it survives every command, and every
// command sees its objects.

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <numeric>

#include "e2e/bucket_vault.h"
#include "e2e/future_part.h"
#include "s3/fake_s3.h"
#include "s3/meddler.h"
#include "store/folder/folder_store.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::Ge;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr std::size_t kObjects = 9;  // of the part "x"

class UnknownPart : public EndToEnd {
 protected:
  UnknownPart() : id_(add_filled("site")) {
    EXPECT_EQ(backup().exit_code, 0);
    push_file(id_, "second");
    EXPECT_EQ(backup().exit_code, 0);
  }

  FutureVault open() const {
    return FutureVault(std::make_unique<FolderStore>(vault().string(), OpenMode::write));
  }

  void plant() {
    FutureVault future = open();
    part_ = future.make_part();
    planted_ = future.plant({.parts = {{"x", part_.part.value()}, {"y", FutureVault::make_odd_part()}}});
    if (is_told_) future.tell_catalog(planted_);
    ASSERT_THAT(text_of_part(planted_, "x"), HasSubstr("世界"));
    ASSERT_THAT(text_of_part(planted_, "x"),
                AllOf(HasSubstr("9007199254740993"), HasSubstr("18446744073709551615")));
    ASSERT_THAT(part_.objects, SizeIs(kObjects));
  }

  /// Byte for byte, in every snapshot since, and these are so many.
  void expect_kept(std::size_t later_snapshots) {
    std::size_t later = 0;
    for (const StoredManifest& stored : open().all()) {
      if (stored.manifest.snapshot <= planted_.manifest.snapshot) continue;
      ++later;
      EXPECT_NE(stored.manifest.program, planted_.manifest.program);
      for (const char* name : {"x", "y"})
        EXPECT_EQ(text_of_part(stored, name), text_of_part(planted_, name)) << stored.manifest.snapshot.str();
    }
    EXPECT_EQ(later, later_snapshots);
    EXPECT_THAT(open().newest(), SizeIs(1));
  }
  void expect_whole() {
    const auto result = hubkeep({"verify", "--read-data", "--from", vault().string()});
    EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
    EXPECT_EQ(state_of(restore("octo/site")), state_of(path_));
  }

  json verify(std::vector<std::string> more, int exit_code) {
    more.insert(more.begin(), {"verify", "--json", "--from", vault().string()});
    const auto result = hubkeep(more);
    EXPECT_EQ(result.exit_code, exit_code) << result.out << result.err;
    return json::parse(result.out).at("repositories").at(0);
  }

  const sim::RepositoryId id_;
  const fs::path path_ = path_of(id_);
  bool is_told_ = true;
  FuturePart part_;
  StoredManifest planted_;
};

/// Whether the catalog knows of it, or it is found by listing, as after a run that was killed.
class KeptUnknownPart : public UnknownPart, public testing::WithParamInterface<bool> {
 protected:
  KeptUnknownPart() {
    is_told_ = GetParam();
    plant();
  }
};

INSTANTIATE_TEST_SUITE_P(Future, KeptUnknownPart, testing::Bool(), [](const auto& how) {
  return how.param ? std::string("InTheCatalog") : std::string("NotInTheCatalog");
});

TEST_P(KeptUnknownPart, AfterAnUnchangedRun) {
  EXPECT_THAT(backup().out, HasSubstr("0 saved, 1 unchanged, 0 failed"));
  EXPECT_THAT(backup({"--recheck-days", "0"}).out, HasSubstr("0 saved, 1 unchanged, 0 failed"));

  expect_kept(0);
  expect_whole();
}

TEST_P(KeptUnknownPart, AfterAPush) {
  for (const char* content : {"third", "fourth"}) {
    push_file(id_, content);
    EXPECT_THAT(backup().out, HasSubstr("1 saved, 0 unchanged, 0 failed"));
  }

  expect_kept(2);
  expect_whole();
}

TEST_P(KeptUnknownPart, AfterARename) {
  world_.rename(id_, "place");
  EXPECT_THAT(backup().out, HasSubstr("1 saved, 0 unchanged, 0 failed"));

  expect_kept(1);
}

TEST_P(KeptUnknownPart, AfterItIsGone) {
  world_.remove(id_);
  EXPECT_THAT(backup().out, HasSubstr("1 gone from GitHub or hidden"));

  expect_kept(1);
  EXPECT_NE(open().newest().front().manifest.gone_since, std::nullopt);
  expect_whole();
}

TEST_P(KeptUnknownPart, InEverySlice) {
  constexpr std::size_t kFileSize = 100'000;
  for (unsigned i = 0; i < 5; ++i) {
    const std::string content = random_bytes(kFileSize, i);
    sim::fast_import(path_of(id_),
                     fmt::format("commit refs/heads/branch-{0}\ncommitter A U Thor <author@example.com> "
                                 "170000000{0} +0000\ndata 1\nx\nfrom refs/heads/main^0\n"
                                 "M 100644 inline file{0}\ndata {1}\n{2}\n",
                                 i, content.size(), content));
  }
  pushed(id_);
  github_.faults().add({.git_command = sim::GitCommand::fetch}, sim::EndAfter{5 * kFileSize / 2},
                       sim::Fault::kForever);

  const auto result = backup({}, {{"HUBKEEP_RETRIES", "1"}});

  EXPECT_THAT(result.err, HasSubstr("saved (fetched in slices)")) << result.out;
  const std::size_t slices = open().all().size() - 3;
  EXPECT_THAT(slices, Ge(3U));
  expect_kept(slices);
  expect_whole();
}

TEST_P(KeptUnknownPart, AfterTheRepairOfALostBundle) {
  FutureVault future = open();
  const GitPart git = git_part(planted_.manifest.parts);
  fs::remove(vault() / resolve_key(future.folder(), git.bundles.back().record.key));
  const auto findings = hubkeep({"verify", "--json", "--from", vault().string()});
  ASSERT_EQ(findings.exit_code, 3);
  std::ofstream(scratch_ / "findings") << findings.out;

  const auto result = backup({"--repair", (scratch_ / "findings").string()});

  EXPECT_THAT(result.out, HasSubstr("1 saved, 0 unchanged, 0 failed")) << result.err;
  expect_kept(1);
  expect_whole();
}

TEST_P(KeptUnknownPart, AfterTheRepairOfWhatOnlyALaterVersionMends) {
  const ObjectKey lost = part_.objects.at("depth three");
  fs::remove(vault() / lost);
  const auto findings = hubkeep({"verify", "--json", "--from", vault().string()});
  ASSERT_EQ(findings.exit_code, 3);
  std::ofstream(scratch_ / "findings") << findings.out;

  const auto result = backup({"--repair", (scratch_ / "findings").string()});

  EXPECT_THAT(result.out, HasSubstr("1 saved, 0 unchanged, 0 failed")) << result.err;
  expect_kept(1);
  // It is still named by the newest snapshot, so that nobody may take its loss for settled.
  const json after = verify({}, 3);
  EXPECT_THAT(after.at("damages"), SizeIs(1));
  EXPECT_EQ(after.at("damages").at(0).at("key"), lost);
  EXPECT_EQ(after.at("damages").at(0).at("accepted"), false);
}

TEST_P(KeptUnknownPart, WhereTwoSnapshotsAreNewest) {
  FutureVault future = open();
  const auto before =
      future.vault().read_manifest(future.folder(), planted_.manifest.previous.front().snapshot, {}, {});
  static_cast<void>(future.plant(before, {}));  // without it
  ASSERT_THAT(future.newest(), SizeIs(2));
  push_file(id_, "third");

  EXPECT_THAT(backup().out, HasSubstr("1 saved, 0 unchanged, 0 failed"));

  const auto newest = open().newest();
  ASSERT_THAT(newest, SizeIs(1));
  EXPECT_THAT(newest.front().manifest.previous, SizeIs(2));
  for (const char* name : {"x", "y"})
    EXPECT_EQ(text_of_part(newest.front(), name), text_of_part(planted_, name));
  expect_whole();
}

TEST_P(KeptUnknownPart, AfterTheCatalogIsMadeAgain) {
  fs::remove(vault() / "catalog.jsonl.zst");
  ASSERT_EQ(hubkeep({"rebuild-catalog", "--from", vault().string()}).exit_code, 0);
  const Catalog catalog = open().vault().read_catalog({}).value();
  EXPECT_EQ(catalog.begin()->second.newest.front().parts,
            (PartStatuses{{"git", PartStatus::ok}, {"x", PartStatus::ok}, {"y", PartStatus("simmering")}}));
  push_file(id_, "third");
  EXPECT_THAT(backup().out, HasSubstr("1 saved, 0 unchanged, 0 failed"));

  expect_kept(1);
  expect_whole();
}

class SeenUnknownPart : public UnknownPart {
 protected:
  SeenUnknownPart() { plant(); }

  struct Damage {
    std::string name;
    std::function<void(const fs::path&)> action;
    bool shows_in_lists;
  };
  static std::vector<Damage> damages() {
    const auto flip = [](const fs::path& file) {
      std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
      stream.seekg(30);
      const int byte = stream.get();
      stream.seekp(30);
      stream.put(static_cast<char>(byte ^ 4));
    };
    return {{"a flipped bit", flip, false},
            {"a truncation", [](const fs::path& file) { fs::resize_file(file, 20); }, true},
            {"a loss", [](const fs::path& file) { fs::remove(file); }, true}};
  }
  void expect_found(const json& verdict, const ObjectKey& key) {
    EXPECT_THAT(verdict.at("damages"), SizeIs(1)) << verdict;
    EXPECT_EQ(verdict.at("damages").at(0).at("key"), key);
    EXPECT_THAT(
        verdict.at("damages").at(0).at("snapshots"),
        ElementsAre(open().newest().front().manifest.snapshot.str(), planted_.manifest.snapshot.str()));
    EXPECT_EQ(verdict.at("restorable"), 2);
  }
};

TEST_F(SeenUnknownPart, IsVerifiedInEachOfItsObjects) {
  push_file(id_, "third");
  ASSERT_EQ(backup().exit_code, 0);  // two snapshots have it
  verify({"--read-data"}, 0);
  for (const auto& [where, key] : part_.objects) {
    const fs::path file = vault() / key;
    for (const Damage& damage : damages()) {
      SCOPED_TRACE(damage.name + " in " + where);
      fs::copy_file(file, scratch_ / "whole");
      fs::permissions(file, fs::perms::owner_all);
      damage.action(file);

      expect_found(verify({"--read-data"}, 3), key);
      if (damage.shows_in_lists) expect_found(verify({}, 3), key);

      fs::remove(file);
      fs::rename(scratch_ / "whole", file);
    }
  }
}

// Nobody knows then what it names.
TEST_F(SeenUnknownPart, HasItsListsReadByEveryVerification) {
  for (const char* where : {"a list of all", "a list of changes"}) {
    const fs::path file = vault() / part_.objects.at(where);
    fs::copy_file(file, scratch_ / "whole");
    damages().at(0).action(file);

    const json verdict = verify({}, 3);

    ASSERT_THAT(verdict.at("damages"), SizeIs(1)) << verdict;
    EXPECT_EQ(verdict.at("damages").at(0).at("key"), part_.objects.at(where));
    EXPECT_THAT(verdict.at("unnamed"), IsEmpty());
    fs::rename(scratch_ / "whole", file);
  }
}

TEST_F(SeenUnknownPart, IsNotOkWhileAStatusIsNotKnown) {
  const json verdict = verify({}, 0);
  EXPECT_EQ(verdict.at("restorable"), 3);
  EXPECT_EQ(verdict.at("newest_restorable"), planted_.manifest.previous.front().snapshot.str());

  EXPECT_THAT(hubkeep({"list", "--from", vault().string()}).out, HasSubstr("octo/site  y simmering"));
  const auto listed = hubkeep({"list", "--json", "--from", vault().string()});
  EXPECT_EQ(json::parse(listed.out).at("repositories").at(0).at("y"), "simmering");
  EXPECT_EQ(json::parse(listed.out).at("repositories").at(0).at("x"), "ok");
}

TEST_F(SeenUnknownPart, IsCountedByList) {
  ByteCount size = 0;
  for (const auto& [where, key] : part_.objects) size += fs::file_size(vault() / key);

  const auto result = hubkeep({"list", "octo/site", "--json", "--from", vault().string()});

  ASSERT_EQ(result.exit_code, 0) << result.err;
  const json snapshots = json::parse(result.out).at("snapshots");
  const json& before = snapshots.at(1);
  const json& after = snapshots.at(2);
  EXPECT_EQ(after.at("objects"), before.at("objects").get<std::size_t>() + kObjects);
  EXPECT_EQ(after.at("size"), before.at("size").get<ByteCount>() + size);
  EXPECT_EQ(after.at("y"), "simmering");
  EXPECT_THAT(hubkeep({"list", "octo/site", "--from", vault().string()}).out,
              AllOf(HasSubstr(fmt::format("in {} objects  octo/site  y simmering",
                                          after.at("objects").get<std::size_t>())),
                    HasSubstr(planted_.manifest.snapshot.str())));
  ASSERT_EQ(hubkeep({"rebuild-catalog", "--from", vault().string()}).exit_code, 0);
  const auto whole = hubkeep({"list", "--json", "--from", vault().string()});
  EXPECT_EQ(json::parse(whole.out).at("repositories").at(0).at("size"), after.at("size"));
}

TEST_F(SeenUnknownPart, IsCopiedWithAllObjects) {
  const fs::path copy = scratch_ / "copy";
  const auto copy_it = [&] { return hubkeep({"copy", vault().string(), copy.string(), "--json"}); };

  ASSERT_EQ(copy_it().exit_code, 0);

  for (const auto& [where, key] : part_.objects) {
    EXPECT_TRUE(fs::exists(copy / key)) << where;
    fs::remove(copy / key);
    EXPECT_EQ(hubkeep({"verify", "--from", copy.string()}).exit_code, 3) << where;
    const auto again = copy_it();
    EXPECT_EQ(again.exit_code, 0) << where << again.out << again.err;
    EXPECT_EQ(json::parse(again.out).at("repositories").at(0).at("objects"), 1) << where << again.out;
  }
  push_file(id_, "third");
  ASSERT_EQ(backup().exit_code, 0);
  const auto next = copy_it();
  EXPECT_EQ(json::parse(next.out).at("repositories").at(0).at("objects"), 3) << next.out;  // git's
  EXPECT_EQ(hubkeep({"verify", "--read-data", "--from", copy.string()}).exit_code, 0);
  FutureVault copied(std::make_unique<FolderStore>(copy.string(), OpenMode::write));
  EXPECT_EQ(text_of_part(copied.newest().front(), "x"), text_of_part(planted_, "x"));
}

class UnknownPartInABucket : public BucketVault {
 protected:
  UnknownPartInABucket() : id_(add_filled("site")) { fake_.has_object_lock = true; }

  FutureVault open() { return FutureVault(parts_.store(server_.endpoint(), location())); }
  void plant() {
    FutureVault future = open();
    part_ = future.make_part();
    future.tell_catalog(future.plant({.parts = {{"x", part_.part.value()}}}));
  }
  std::string path_of_object(const ObjectKey& key) const { return "/" + bucket_ + "/vault/" + key; }

  FakeS3 fake_;
  Meddler server_{[this](const sim::HttpRequest& request) { return fake_.handle(request); }};
  const sim::RepositoryId id_;
  FuturePart part_;
};

TEST_F(UnknownPartInABucket, IsLockedForAsLongAsTheHistory) {
  const std::vector<std::string> locked = {"--object-lock", "compliance", "--retain-days", "30"};
  ASSERT_EQ(backup_to(server_.endpoint(), locked).exit_code, 0);
  plant();
  push_file(id_, "second");

  const auto result = backup_to(server_.endpoint(), locked);

  ASSERT_EQ(result.exit_code, 0) << result.err;
  for (const auto& [where, key] : part_.objects) {
    EXPECT_EQ(fake_.lock_of(path_of_object(key)).mode, "COMPLIANCE") << where;
    EXPECT_GE(fake_.lock_of(path_of_object(key)).until, SystemClock().now() + std::chrono::days(29)) << where;
  }
}

TEST_F(UnknownPartInABucket, IsThawedBeforeARestore) {
  ASSERT_EQ(backup_to(server_.endpoint()).exit_code, 0);
  plant();
  for (const auto& [where, key] : part_.objects)
    if (!where.starts_with("a list")) fake_.move_to_class(path_of_object(key), "GLACIER");

  const auto cold = restore_from(server_.endpoint(), "octo/site");
  const auto asked = restore_from(server_.endpoint(), "octo/site", {"--thaw", "bulk"});

  EXPECT_EQ(cold.exit_code, 1);
  EXPECT_THAT(cold.err, HasSubstr(fmt::format("{} of its objects (", kObjects - 2)));
  EXPECT_EQ(asked.exit_code, 3);
  EXPECT_THAT(asked.err, HasSubstr(fmt::format("{} asked for now, 0 before", kObjects - 2)));
  EXPECT_THAT(fake_.restore_requests(), SizeIs(kObjects - 2));
  fake_.finish_restores();
  EXPECT_EQ(restore_from(server_.endpoint(), "octo/site").exit_code, 0);
}

TEST_F(UnknownPartInABucket, IsThawedInTwoStepsWhereItsListsAreColdThemselves) {
  ASSERT_EQ(backup_to(server_.endpoint()).exit_code, 0);
  plant();
  for (const auto& [where, key] : part_.objects) fake_.move_to_class(path_of_object(key), "GLACIER");

  EXPECT_EQ(restore_from(server_.endpoint(), "octo/site", {"--thaw", "bulk"}).exit_code, 3);
  EXPECT_THAT(fake_.restore_requests(), SizeIs(5));  // what the manifest itself names
  fake_.finish_restores();
  EXPECT_EQ(restore_from(server_.endpoint(), "octo/site", {"--thaw", "bulk"}).exit_code, 3);
  EXPECT_THAT(fake_.restore_requests(), SizeIs(kObjects));
  fake_.finish_restores();
  EXPECT_EQ(restore_from(server_.endpoint(), "octo/site", {"--thaw", "bulk"}).exit_code, 0);
}

// What is cold says nothing of the snapshot, nor keeps the next one from being made.
TEST_F(UnknownPartInABucket, IsHandedOnAndListedWhileItsListsAreCold) {
  ASSERT_EQ(backup_to(server_.endpoint()).exit_code, 0);
  plant();
  for (const auto& [where, key] : part_.objects) fake_.move_to_class(path_of_object(key), "GLACIER");
  push_file(id_, "second");

  const auto result = backup_to(server_.endpoint());

  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  EXPECT_EQ(open().newest().front().manifest.parts.at("x"), part_.part.value());
  const auto listed = hubkeep({"list", "octo/site", "--from", location()}, environment(server_.endpoint()));
  EXPECT_EQ(listed.exit_code, 0) << listed.err;
  EXPECT_THAT(listed.err, HasSubstr("note: "));
  const auto verified = hubkeep({"verify", "--from", location()}, environment(server_.endpoint()));
  EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
}

/// 20,000 objects outside of git/, half of them in the repository's folder and half below the root, named by
/// one list: what verify asks of the store for them, in three snapshots.
class ManyObjects : public UnknownPartInABucket, public testing::WithParamInterface<bool> {
 protected:
  std::vector<std::string> requests_of_verify() {
    const Meddler way(forward_to(server_.endpoint()));
    const auto result = hubkeep({"verify", "--json", "--from", location()}, environment(way.endpoint()));
    EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
    verdict_ = json::parse(result.out).at("repositories").at(0);
    return way.requests();
  }

  void plant_many() {
    constexpr int kCount = 20'000;
    FutureVault future = open();
    ObjectRecord record = future.write("x/first", "some bytes");
    if (!GetParam()) record.crc32.reset();
    std::string lines;
    for (int i = 0; i < kCount; ++i) {
      record.key = fmt::format("{}/{:05}", i % 2 == 0 ? "x" : "/lfs", i);
      fake_.add(path_of_object(resolve_key(future.folder(), record.key)), "some bytes");
      lines += to_json(record).dump() + "\n";
    }
    nlohmann::ordered_json list = to_json(future.write("x/list", lines));
    list["lists"] = true;
    const Part part(nlohmann::ordered_json{{"status", "ok"}, {"list", list}});
    future.tell_catalog(future.plant({.parts = {{"x", part}}}));
  }

  json verdict_;
};

INSTANTIATE_TEST_SUITE_P(Future, ManyObjects, testing::Bool(), [](const auto& how) {
  return how.param ? std::string("WithChecksums") : std::string("WithoutChecksums");
});

TEST_P(ManyObjects, CostVerifyAFewRequests) {
  ASSERT_EQ(backup_to(server_.endpoint()).exit_code, 0);
  const auto before = requests_of_verify();
  const auto checksums = verdict_.at("checksums").get<std::size_t>();
  plant_many();

  const auto with_many = requests_of_verify();

  EXPECT_EQ(verdict_.at("objects"), 20'000 + 2 + 4);  // the list, bundle, index and refs, the two manifests
  EXPECT_LE(with_many.size() - before.size(), 25U) << testing::PrintToString(with_many);
  EXPECT_EQ(verdict_.at("checksums"), checksums + 1);  // the list's
  EXPECT_THAT(with_many, Not(Contains(AllOf(testing::StartsWith("HEAD"), HasSubstr("/lfs/")))));
}

TEST_P(ManyObjects, AreAskedForOnceHoweverManySnapshotsHaveThem) {
  ASSERT_EQ(backup_to(server_.endpoint()).exit_code, 0);
  plant_many();
  const auto lists = [&] {
    const auto requests = requests_of_verify();
    return std::count_if(requests.begin(), requests.end(), [](const std::string& request) {
      return request.starts_with("GET") && request.find("/x/list") != std::string::npos;
    });
  };
  ASSERT_EQ(lists(), 1);
  push_file(id_, "second");
  ASSERT_EQ(backup_to(server_.endpoint()).exit_code, 0);

  EXPECT_EQ(lists(), 1);
  EXPECT_EQ(verdict_.at("snapshots"), 3);
}

}  // namespace
}  // namespace hubkeep
