#include "pack/missing_objects.h"

#include <gtest/gtest.h>

#include "git/pack_maker.h"
#include "pack/index_pack_test.h"
#include "pack/memory_source.h"

namespace hubkeep {
namespace {

/// What the pack lacks by its own objects, and what is read of it.
struct Search {
  explicit Search(const std::string& pack, const IndexingOf& how = {})
      : indexed(index_pack(pack, ObjectFormat::sha1, how)), source(pack, budget) {}

  std::vector<NamedMissing> name(std::size_t most, ObjectSource& elsewhere) {
    LinkSet open = indexed.pack.links;
    PackReader reader(PackIndex(indexed.index, ObjectFormat::sha1), source, cache);
    return name_missing({reader, indexed.pack.types, elsewhere}, open, most, {});
  }
  std::vector<NamedMissing> name(std::size_t most = 100) {
    NoObjects nothing;
    return name(most, nothing);
  }

  const Indexed indexed;
  ReadBudget budget;
  MemorySource source;
  BaseCache cache;
};

Oid add(PackMaker& pack, const MadeObject& object) {
  pack.add(object);
  return object.oid();
}

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
  PackMaker made;
  add(made, git_commit("one", root.oid()));
  add(made, git_commit("two", root.oid()));
  const Oid tree = add(made, root);
  add(made, file);
  Search search(made.pack());
  ASSERT_EQ(search.indexed.pack.links.open(), 2U);

  const auto missing = search.name();

  ASSERT_EQ(missing.size(), 2U);
  EXPECT_EQ(missing[0].object.oid, lost_file.oid());
  EXPECT_EQ(missing[0].object.type, ObjectType::blob);
  EXPECT_EQ(missing[0].named_by, tree);
  EXPECT_EQ(missing[0].named_by_type, ObjectType::tree);
  EXPECT_EQ(missing[1].object.oid, lost_folder.oid());
  EXPECT_EQ(missing[1].object.type, ObjectType::tree);
  EXPECT_EQ(search.name(1).size(), 1U);
}

TEST(MissingObjects, IsAFolderWhereThePackHasAFileOfThatName) {
  const MadeObject file = git_blob("no folder");
  const MadeObject root = tree_of({{"40000 folder", file.oid()}});
  PackMaker made;
  add(made, git_commit("one", root.oid()));
  add(made, root);
  add(made, file);
  Search search(made.pack());

  const auto missing = search.name();

  ASSERT_EQ(missing.size(), 1U);
  EXPECT_EQ(missing[0].object.type, ObjectType::tree);
}

TEST(MissingObjects, AreFoundWithoutReadingABlob) {
  const MadeObject file{3, std::string(1'000'000, 'x') + "and an end"};
  const MadeObject root = tree_of({{"100644 file", file.oid()}, {"100644 gone", git_blob("lost").oid()}});
  PackMaker made;
  add(made, file);
  add(made, root);
  add(made, git_commit("one", root.oid()));
  Search search(made.pack());

  EXPECT_EQ(search.name().size(), 1U);

  EXPECT_LT(search.budget.bytes(), 500U);
}

}  // namespace
}  // namespace hubkeep
