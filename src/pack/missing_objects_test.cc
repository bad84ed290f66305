#include "pack/missing_objects.h"

#include <gtest/gtest.h>

#include "git/pack_maker.h"
#include "pack/index_pack_test.h"

namespace hubkeep {
namespace {

class MadeObjects final : public ObjectSource {
 public:
  void add(const MadeObject& object) {
    objects_[object.oid()] = {static_cast<ObjectType>(object.type), object.content};
  }
  bool contains(const Oid& oid) const override { return objects_.contains(oid); }
  std::optional<GitObject> read(const Oid& oid, const std::stop_token&) override {
    const auto found = objects_.find(oid);
    if (found == objects_.end()) return std::nullopt;
    return found->second;
  }

 private:
  std::map<Oid, GitObject> objects_;
};

struct Made {
  PackMaker pack;
  MadeObjects objects;

  Oid add(const MadeObject& object) {
    pack.add(object);
    objects.add(object);
    return object.oid();
  }
};

MadeObject tree_of(const std::vector<std::pair<std::string, Oid>>& entries) {
  MadeObject tree{2, ""};
  for (const auto& [name, oid] : entries)
    tree.content += name + std::string(1, '\0') + std::string(oid.raw());
  return tree;
}

TEST(MissingObjects, AreNamedWithTheirTypesAndWhoNamesThem) {
  const MadeObject lost_file = git_blob("lost");
  const MadeObject lost_folder = tree_of({{"100644 a", lost_file.oid()}});
  const MadeObject file = git_blob("there");
  const Oid submodule = git_commit("elsewhere").oid();
  const MadeObject root = tree_of({{"100644 file", file.oid()},
                                   {"100755 gone", lost_file.oid()},
                                   {"40000 folder", lost_folder.oid()},
                                   {"160000 module", submodule}});
  Made made;
  made.add(git_commit("one", root.oid()));
  made.add(git_commit("two", root.oid()));
  const Oid tree = made.add(root);
  made.add(file);
  const Indexed indexed = index_pack(made.pack.pack());
  ASSERT_EQ(indexed.pack.links.open(), 2U);

  const auto missing = name_missing(indexed.pack.links, indexed.pack.entries, made.objects, 100, {});

  ASSERT_EQ(missing.size(), 2U);
  EXPECT_EQ(missing[0].object.oid, lost_file.oid());
  EXPECT_EQ(missing[0].object.type, ObjectType::blob);
  EXPECT_EQ(missing[0].named_by, tree);
  EXPECT_EQ(missing[0].named_by_type, ObjectType::tree);
  EXPECT_EQ(missing[1].object.oid, lost_folder.oid());
  EXPECT_EQ(missing[1].object.type, ObjectType::tree);
  EXPECT_EQ(name_missing(indexed.pack.links, indexed.pack.entries, made.objects, 1, {}).size(), 1U);
}

TEST(MissingObjects, IsAFolderWhereThePackHasAFileOfThatName) {
  const MadeObject file = git_blob("no folder");
  const MadeObject root = tree_of({{"40000 folder", file.oid()}});
  Made made;
  made.add(git_commit("one", root.oid()));
  made.add(root);
  made.add(file);
  const Indexed indexed = index_pack(made.pack.pack());

  const auto missing = name_missing(indexed.pack.links, indexed.pack.entries, made.objects, 100, {});

  ASSERT_EQ(missing.size(), 1U);
  EXPECT_EQ(missing[0].object.type, ObjectType::tree);
}

}  // namespace
}  // namespace hubkeep
