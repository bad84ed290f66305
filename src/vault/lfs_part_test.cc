#include "vault/lfs_part.h"

#include <gmock/gmock.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "base/error_of.h"
#include "base/scratch_folder.h"
#include "store/folder/folder_store.h"
#include "vault/object_list.h"

namespace hubkeep {
namespace {

using Json = nlohmann::ordered_json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const std::string kFolder = "repos/github.com/acme/site.7/";

std::string oid(unsigned number) {
  const std::string digits = std::to_string(number);
  return std::string(64 - digits.size(), '0') + digits;
}

UtcTime time(int seconds) {
  return UtcTime{std::chrono::seconds(1'800'000'000 + seconds)};
}

class LfsLists : public testing::Test {
 protected:
  std::vector<ObjectRecord> store(const std::vector<ObjectRecord>& before, const KeptLfsObjects& now) {
    return store_lfs_objects(objects_, kFolder,
                             "lfs/" + SnapshotId::make(time(++stored_)).str() + ".list.zst", before, now);
  }
  KeptLfsObjects read(const std::vector<ObjectRecord>& lists) {
    return read_lfs_objects(objects_, kFolder, lists, {});
  }
  static KeptLfsObjects kept(unsigned count) {
    KeptLfsObjects kept;
    for (unsigned i = 1; i <= count; ++i) kept[oid(i)] = {.size = i, .crc32 = i};
    return kept;
  }
  /// The keys that everybody else sees in the part.
  std::vector<std::string> visited(const LfsPart& lfs) {
    std::vector<std::string> keys;
    visit_objects(to_part(lfs), read_lists(objects_, kFolder, stop_),
                  [&](const ObjectRecord& record) { keys.push_back(record.key); });
    return keys;
  }
  std::string text_of(const ObjectRecord& record) {
    StringSink text;
    objects_.read(kFolder, record, text, {});
    return text.take();
  }

  ScratchFolder scratch_;
  VaultObjects objects_{std::make_unique<FolderStore>(scratch_.path().string(), OpenMode::create)};
  const std::stop_token stop_;
  int stored_ = 0;
};

TEST_F(LfsLists, AreReadAsTheyWereWritten) {
  const auto lists = store({}, kept(3));

  EXPECT_THAT(lists, SizeIs(1));
  EXPECT_EQ(read(lists), kept(3));
  EXPECT_THAT(text_of(lists.front()),
              HasSubstr("{\"key\":\"/lfs/00/00/" + oid(2) + "\",\"size\":2,\"sha256\":\"" + oid(2) +
                        "\",\"encoding\":\"identity\",\"crc32\":\"00000002\"}\n"));
}

TEST_F(LfsLists, OfNothingAreNone) {
  EXPECT_THAT(store({}, {}), IsEmpty());
  EXPECT_THAT(store(store({}, kept(1)), {}), IsEmpty());
}

TEST_F(LfsLists, StayWhereNothingChanges) {
  const auto all = store({}, kept(8));
  const auto with_changes = store(all, kept(9));

  EXPECT_EQ(store(all, kept(8)), all);
  EXPECT_EQ(store(with_changes, kept(9)), with_changes);
  EXPECT_EQ(store(with_changes, kept(8)), all);
}

TEST_F(LfsLists, AreOneOfAllAndOneOfChangesUpToAQuarter) {
  const auto all = store({}, kept(8));

  const auto quarter = store(all, kept(10));
  const auto more = store(quarter, kept(11));

  ASSERT_THAT(quarter, SizeIs(2));
  EXPECT_EQ(quarter.front(), all.front());
  EXPECT_EQ(read(quarter), kept(10));
  EXPECT_THAT(more, SizeIs(1)) << "three changes to eight are more than a quarter of eleven";
  EXPECT_EQ(read(more), kept(11));
}

TEST_F(LfsLists, ForgetWhatIsGone) {
  const auto all = store({}, kept(8));
  auto fewer = kept(8);
  fewer.erase(oid(3));

  const auto lists = store(all, fewer);

  ASSERT_THAT(lists, SizeIs(2));
  EXPECT_EQ(text_of(lists.back()), "{\"key\":\"/lfs/00/00/" + oid(3) + "\",\"gone\":true}\n");
  EXPECT_EQ(read(lists), fewer);
}

TEST_F(LfsLists, AreSeenByThoseWhoKnowNoParts) {
  LfsPart lfs{.objects = store({}, kept(2)), .cursor = {}};
  lfs.cursor = write_lfs_cursor(objects_, kFolder, "lfs/" + SnapshotId::make(time(0)).str() + ".cursor.zst",
                                {{.oid = oid(3), .size = 3, .since = time(0)}});

  EXPECT_THAT(visited(lfs),
              ElementsAre(lfs.objects.front().key, lfs_key(oid(1)), lfs_key(oid(2)), lfs.cursor->key));
}

TEST_F(LfsLists, RefuseWhatIsNoLfsObject) {
  for (const std::string& key : {"/lfs/00/00/" + oid(2), std::string("lfs/x"), "/lfs/01/00/" + oid(1)}) {
    const Json line = {{"key", key}, {"size", 1}, {"sha256", oid(1)}, {"encoding", "identity"}};
    const auto lists =
        store_list({.objects = objects_,
                    .folder = kFolder,
                    .record_key = "lfs/" + SnapshotId::make(time(++stored_)).str() + ".list.zst"},
                   {}, {{key, line.dump()}});
    EXPECT_THAT(error_of([&] { read(lists); }).message(), HasSubstr("not an object of Git LFS")) << key;
  }
}

TEST_F(LfsLists, CursorsAreReadAsTheyWereWritten) {
  const std::vector<LackingLfs> lacking = {
      {.oid = oid(1), .size = 10, .why = LfsLack::missing, .code = 404, .message = "gone", .since = time(0)},
      {.oid = oid(2), .size = 11, .why = LfsLack::too_large, .since = time(1), .other_sizes = {7, 12}}};

  const auto cursor =
      write_lfs_cursor(objects_, kFolder, "lfs/" + SnapshotId::make(time(0)).str() + ".cursor.zst", lacking);

  EXPECT_EQ(read_lfs_cursor(objects_, kFolder, cursor, {}), lacking);
  EXPECT_EQ(text_of(*cursor), "{\"oid\":\"" + oid(1) +
                                  "\",\"size\":10,\"why\":\"missing\",\"code\":404,\"message\":\"gone\","
                                  "\"since\":\"2027-01-15T08:00:00Z\"}\n{\"oid\":\"" +
                                  oid(2) +
                                  "\",\"size\":11,\"why\":\"too_large\",\"since\":\"2027-01-15T08:00:01Z\","
                                  "\"other_sizes\":[7,12]}\n");
  EXPECT_EQ(write_lfs_cursor(objects_, kFolder, "lfs/x", {}), std::nullopt);
}

TEST(LackingLfs, HasEachSizeOnceAndNotAnyNumberOfThem) {
  LackingLfs lacking{.oid = oid(1), .size = 5, .since = time(0)};

  EXPECT_FALSE(add_size(lacking, 5));
  EXPECT_TRUE(add_size(lacking, 3));
  EXPECT_FALSE(add_size(lacking, 3));
  EXPECT_TRUE(has_size(lacking, 5) && has_size(lacking, 3));
  EXPECT_FALSE(has_size(lacking, 4));
  for (ByteCount size = 10; size < 10 + kMostLfsSizes; ++size) add_size(lacking, size);
  EXPECT_THAT(lacking.other_sizes, SizeIs(kMostLfsSizes - 1));
  lacking.other_sizes.back() = std::numeric_limits<std::int64_t>::max();
  lacking.is_damaged = true;
  EXPECT_EQ(lacking_lfs_from_line(to_line(lacking)), lacking);
}

TEST(LfsCursorLine, TakesAWordOfALaterVersionForARefusal) {
  EXPECT_EQ(lacking_lfs_from_line("{\"oid\":\"" + oid(1) +
                                  "\",\"size\":1,\"why\":\"asleep\",\"since\":\"2027-01-15T08:00:00Z\"}")
                .why,
            LfsLack::refused);
}

TEST(LfsCursorLine, IsRefusedWhereItIsNone) {
  for (const std::string& line :
       {std::string("{}"), std::string("[]"), std::string("x"),
        std::string(R"({"oid":"abc","size":1,"why":"missing","since":"2027-01-15T08:00:00Z"})"),
        R"({"oid":")" + oid(1) + R"(","size":-1,"why":"missing","since":"2027-01-15T08:00:00Z"})",
        R"({"oid":")" + oid(1) + R"(","size":1,"why":"missing","since":"yesterday"})",
        R"({"oid":")" + oid(1) +
            R"(","size":1,"why":"missing","since":"2027-01-15T08:00:00Z","other_sizes":[-1]})"}) {
    EXPECT_EQ(error_of([&] { lacking_lfs_from_line(line); }).kind(), ErrorKind::corrupt) << line;
  }
}

TEST(LfsPart, IsReadAsItWasWritten) {
  const LfsPart lfs{.status = PartStatus::partial,
                    .pointers = 3,
                    .bytes = 30,
                    .scanned = {SnapshotId::make(time(0)), SnapshotId::make(time(1))},
                    .unread = {SnapshotId::make(time(2))},
                    .overfull = {SnapshotId::make(time(3)), SnapshotId::make(time(4))},
                    .pending = 1,
                    .unresolved = 2,
                    .objects = {{.key = "lfs/a", .size = 1, .sha256 = oid(1), .encoding = "zstd"}},
                    .cursor = ObjectRecord{.key = "lfs/b", .size = 1, .sha256 = oid(2), .encoding = "zstd"}};

  EXPECT_EQ(lfs_part(to_part(lfs)), lfs);
  EXPECT_EQ(to_part(lfs).json().at("objects").at(0).at("lists"), true);
}

TEST(LfsPart, ThatHasNeverBeenSavedHasItsStatusAlone) {
  const LfsPart lfs = lfs_part(Part(Json{{"status", "failed"}}));

  EXPECT_EQ(lfs.status, PartStatus::failed);
  EXPECT_THAT(lfs.scanned, IsEmpty());
}

TEST(LfsPart, OfAnotherShapeIsCorrupt) {
  for (const Json& json :
       {Json{{"status", "ok"}, {"scanned", {1}}}, Json{{"status", "ok"}, {"objects", {{"key", "a"}}}},
        Json{{"status", "ok"}, {"pointers", -1}}})
    EXPECT_EQ(error_of([&] { lfs_part(Part(json)); }).kind(), ErrorKind::corrupt) << json;
}

TEST(LfsKey, LeadsToAnOidAndBack) {
  const std::string name = "abcd" + std::string(60, '0');

  EXPECT_EQ(lfs_key(name), "/lfs/ab/cd/" + name);
  EXPECT_EQ(lfs_oid_of("/lfs/ab/cd/" + name), name);
  EXPECT_EQ(lfs_oid_of("/lfs/ab/ce/" + name), std::nullopt);
  EXPECT_EQ(lfs_oid_of("lfs/ab/cd/" + name), std::nullopt);
  EXPECT_EQ(lfs_oid_of(name), std::nullopt);
  EXPECT_EQ(lfs_oid_of(""), std::nullopt);
}

}  // namespace
}  // namespace hubkeep
