#include "vault/refs_object.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/text.h"
#include "base/zstd.h"
#include "store/memory_store.h"
#include "vault/stored_objects.h"

namespace hubkeep {
namespace {

const std::string kFolder = "repos/github.com/acme/site.7/";
const std::string kFirst = "git/20261123T184501Z-000001.refs.zst";
const std::string kSecond = "git/20261123T184501Z-000002.refs.zst";

Oid oid(char digit) {
  return *Oid::parse(std::string(40, digit));
}

const RefList kBefore = {{"refs/heads/a", oid('1')}, {"refs/heads/b", oid('2')}, {"refs/tags/v1", oid('3')}};
const RefList kNow = {{"refs/heads/a/b", oid('1')}, {"refs/heads/b", oid('4')}, {"refs/tags/v1", oid('3')}};

class RefsObject : public testing::Test {
 protected:
  SystemClock clock_;
  VaultObjects objects_{std::make_unique<MemoryStore>(clock_)};
};

TEST(RefChanges, AppliedGiveTheNewState) {
  const auto changes = ref_changes(kBefore, kNow, ObjectFormat::sha1);

  EXPECT_EQ(changes,
            (RefList{{"refs/heads/a", oid('0')}, {"refs/heads/a/b", oid('1')}, {"refs/heads/b", oid('4')}}));
  EXPECT_EQ(apply_ref_changes(kBefore, changes), kNow);
  EXPECT_TRUE(ref_changes(kNow, kNow, ObjectFormat::sha1).empty());
}

TEST_F(RefsObject, IsReadBackAsWritten) {
  const auto all = write_refs_object(objects_, kFolder, kFirst, kBefore);
  const auto changed =
      write_refs_object(objects_, kFolder, kSecond, ref_changes(kBefore, kNow, ObjectFormat::sha1));

  EXPECT_EQ(read_refs_objects(objects_, kFolder, {all}, {}), kBefore);
  EXPECT_EQ(read_refs_objects(objects_, kFolder, {all, changed}, {}), kNow);
  EXPECT_TRUE(read_refs_objects(objects_, kFolder, {}, {}).empty());
}

TEST_F(RefsObject, IsNeverWrittenOver) {
  write_refs_object(objects_, kFolder, kFirst, kBefore);

  EXPECT_THROW(write_refs_object(objects_, kFolder, kFirst, kNow), Error);
}

TEST_F(RefsObject, SaysWhichObjectHasWhichLineThatIsNone) {
  const std::string name(40, 'a');
  for (const auto& line : std::vector<std::string>{"x", "nothing refs/heads/a", name + " refs/../a", name}) {
    const std::string key = "git/20261123T184501Z-" + random_hex(6) + ".refs.zst";
    RecordedWriter writer = objects_.create(kFolder, key);
    writer.write(line + "\n");
    const auto record = writer.commit();

    try {
      read_refs_objects(objects_, kFolder, {record}, {});
      ADD_FAILURE() << "no Error";
    } catch (const Error& error) {
      EXPECT_EQ(error.message(), kFolder + key + ": no line of a refs object: " + line);
    }
  }
}

TEST_F(RefsObject, RefusesALineWithoutEnd) {
  RecordedWriter writer = objects_.create(kFolder, kFirst);
  writer.write(std::string(2 << 20, 'x'));
  const auto record = writer.commit();

  try {
    read_refs_objects(objects_, kFolder, {record}, {});
    ADD_FAILURE() << "no Error";
  } catch (const Error& error) {
    EXPECT_EQ(error.message(), kFolder + kFirst + ": a line is longer than 64.0 KiB, the most that is read");
  }
}

TEST_F(RefsObject, NoticesEveryDamage) {
  const auto record = write_refs_object(objects_, kFolder, kFirst, kBefore);
  const std::string key = kFolder + kFirst;
  const std::string good = objects_.read_if_there(key, {}).value();
  const std::string out_of_order =
      zstd_compress(oid('4').hex() + " refs/heads/b\n" + oid('4').hex() + " refs/heads/a\n");
  for (const std::string& bytes :
       {good.substr(1), good + "x", std::string(), zstd_compress("x"), out_of_order}) {
    overwrite_object(objects_, key, bytes);
    EXPECT_THROW(read_refs_objects(objects_, kFolder, {record}, {}), Error);
  }
  std::string flipped = good;
  flipped[good.size() / 2] = static_cast<char>(flipped[good.size() / 2] ^ 1);
  overwrite_object(objects_, key, flipped);
  EXPECT_THROW(read_refs_objects(objects_, kFolder, {record}, {}), Error);
  remove_object(objects_, key);
  EXPECT_THROW(read_refs_objects(objects_, kFolder, {record}, {}), Error);
}

}  // namespace
}  // namespace hubkeep
