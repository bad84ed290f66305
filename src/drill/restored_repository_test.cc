#include "drill/restored_repository.h"

#include <gmock/gmock.h>

#include <fstream>

#include "base/error_of.h"
#include "base/scratch_folder.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;

const std::string kOne(40, '1');

class RestoredRepository : public testing::Test {
 protected:
  void put(const std::string& name, const std::string& content) {
    fs::create_directories((folder_.path() / name).parent_path());
    std::ofstream(folder_.path() / name, std::ios::binary) << content;
  }
  RefState read() const { return read_ref_files(folder_.path(), ObjectFormat::sha1); }
  /// The head of an index of that many objects.
  static std::string index_of(unsigned char objects) {
    std::string head("\377tOc\0\0\0\2", 8);
    head.append(255 * 4, '\0');
    return head + std::string(3, '\0') + static_cast<char>(objects);
  }

  ScratchFolder folder_;
};

TEST_F(RestoredRepository, HasTheRefsOfItsFiles) {
  put("HEAD", "ref: refs/heads/main\n");
  put("packed-refs", "# pack-refs with: sorted \n" + kOne + " refs/heads/main\n" + std::string(40, '2') +
                         " refs/tags/v1\n^" + kOne + "\n");

  const RefState state = read();

  EXPECT_EQ(state.head.symref_target, "refs/heads/main");
  EXPECT_EQ(state.refs, (RefList{{"refs/heads/main", *Oid::parse(kOne)},
                                 {"refs/tags/v1", *Oid::parse(std::string(40, '2'))}}));
}

TEST_F(RestoredRepository, MayHaveADetachedHeadAndNoRefs) {
  put("HEAD", kOne + "\n");

  EXPECT_EQ(read().head.oid, Oid::parse(kOne));
  EXPECT_TRUE(read().refs.empty());
}

TEST_F(RestoredRepository, IsCorruptWhereItsFilesAre) {
  EXPECT_EQ(error_of([&] { read(); }).kind(), ErrorKind::corrupt) << "no HEAD";
  put("HEAD", "nonsense\n");
  EXPECT_EQ(error_of([&] { read(); }).kind(), ErrorKind::corrupt);
  put("HEAD", "ref: refs/heads/main\n");
  put("packed-refs", "nonsense\n");
  EXPECT_EQ(error_of([&] { read(); }).kind(), ErrorKind::corrupt);
  put("packed-refs", "");
  put("refs/heads/main", kOne + "\n");
  EXPECT_EQ(error_of([&] { read(); }).kind(), ErrorKind::corrupt) << "a ref that no list has";
}

TEST_F(RestoredRepository, HasTheObjectsOfItsIndexes) {
  EXPECT_EQ(count_objects(folder_.path()), 0U);
  put("objects/pack/pack-1.idx", index_of(7));
  put("objects/pack/pack-1.pack", "PACK");
  put("objects/pack/pack-2.idx", index_of(200));

  EXPECT_EQ(count_objects(folder_.path()), 207U);

  put("objects/pack/pack-3.idx", index_of(1).substr(0, 1031));
  EXPECT_EQ(error_of([&] { count_objects(folder_.path()); }).kind(), ErrorKind::corrupt);
  put("objects/pack/pack-3.idx", std::string(1032, '\0'));
  EXPECT_EQ(error_of([&] { count_objects(folder_.path()); }).kind(), ErrorKind::corrupt);
}

}  // namespace
}  // namespace hubkeep
