#include "vault/refs_object.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/text.h"
#include "base/zstd.h"
#include "store/memory_store.h"

namespace hubkeep {
namespace {

Oid oid(char digit) {
  return *Oid::parse(std::string(40, digit));
}

const RefList kBefore = {{"refs/heads/a", oid('1')}, {"refs/heads/b", oid('2')}, {"refs/tags/v1", oid('3')}};
const RefList kNow = {{"refs/heads/a/b", oid('1')}, {"refs/heads/b", oid('4')}, {"refs/tags/v1", oid('3')}};

class RefsObject : public testing::Test {
 protected:
  SystemClock clock_;
  const std::unique_ptr<ObjectStore> store_ = std::make_unique<MemoryStore>(clock_);

  void put(const std::string& key, std::string_view bytes) {
    const auto writer = store_->create(key);
    writer->write(bytes);
    EXPECT_EQ(writer->commit(Precondition::none()), CommitResult::committed);
  }
};

TEST(RefChanges, AppliedGiveTheNewState) {
  const auto changes = ref_changes(kBefore, kNow, ObjectFormat::sha1);

  EXPECT_EQ(changes,
            (RefList{{"refs/heads/a", oid('0')}, {"refs/heads/a/b", oid('1')}, {"refs/heads/b", oid('4')}}));
  EXPECT_EQ(apply_ref_changes(kBefore, changes), kNow);
  EXPECT_TRUE(ref_changes(kNow, kNow, ObjectFormat::sha1).empty());
}

TEST_F(RefsObject, IsReadBackAsWritten) {
  const auto all = write_refs_object(*store_, "repos/r/", "git/1.refs.zst", kBefore);
  const auto changed = write_refs_object(*store_, "repos/r/", "git/2.refs.zst",
                                         ref_changes(kBefore, kNow, ObjectFormat::sha1));

  EXPECT_EQ(read_refs_objects(*store_, "repos/r/", {all}, {}), kBefore);
  EXPECT_EQ(read_refs_objects(*store_, "repos/r/", {all, changed}, {}), kNow);
  EXPECT_TRUE(read_refs_objects(*store_, "repos/r/", {}, {}).empty());
}

TEST_F(RefsObject, IsNeverWrittenOver) {
  write_refs_object(*store_, "repos/r/", "git/1.refs.zst", kBefore);

  EXPECT_THROW(write_refs_object(*store_, "repos/r/", "git/1.refs.zst", kNow), Error);
}

TEST_F(RefsObject, SaysWhichObjectHasWhichLineThatIsNone) {
  const std::string name(40, 'a');
  for (const auto& line : std::vector<std::string>{"x", "nothing refs/heads/a", name + " refs/../a", name}) {
    const std::string key = "git/" + random_hex(6) + ".refs.zst";
    RecordedWriter writer(*store_, "repos/r/", key, "zstd");
    writer.write(zstd_compress(line + "\n"));
    const auto record = writer.commit();

    try {
      read_refs_objects(*store_, "repos/r/", {record}, {});
      ADD_FAILURE() << "no Error";
    } catch (const Error& error) {
      EXPECT_EQ(error.message(), "repos/r/" + key + ": no line of a refs object: " + line);
    }
  }
}

TEST_F(RefsObject, RefusesALineWithoutEnd) {
  RecordedWriter writer(*store_, "repos/r/", "git/1.refs.zst", "zstd");
  writer.write(zstd_compress(std::string(2 << 20, 'x')));
  const auto record = writer.commit();

  try {
    read_refs_objects(*store_, "repos/r/", {record}, {});
    ADD_FAILURE() << "no Error";
  } catch (const Error& error) {
    EXPECT_EQ(error.message(),
              "repos/r/git/1.refs.zst: a line is longer than 64.0 KiB, the most that is read");
  }
}

TEST_F(RefsObject, NoticesEveryDamage) {
  const auto record = write_refs_object(*store_, "repos/r/", "git/1.refs.zst", kBefore);
  const std::string key = "repos/r/git/1.refs.zst";
  const std::string good = store_->read_versioned(key, {}).bytes;
  const std::string out_of_order =
      zstd_compress(oid('4').hex() + " refs/heads/b\n" + oid('4').hex() + " refs/heads/a\n");
  for (const std::string& bytes :
       {good.substr(1), good + "x", std::string(), zstd_compress("x"), out_of_order}) {
    put(key, bytes);
    EXPECT_THROW(read_refs_objects(*store_, "repos/r/", {record}, {}), Error);
  }
  std::string flipped = good;
  flipped[good.size() / 2] = static_cast<char>(flipped[good.size() / 2] ^ 1);
  put(key, flipped);
  EXPECT_THROW(read_refs_objects(*store_, "repos/r/", {record}, {}), Error);
  store_->remove(key);
  EXPECT_THROW(read_refs_objects(*store_, "repos/r/", {record}, {}), Error);
}

}  // namespace
}  // namespace hubkeep
