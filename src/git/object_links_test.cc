#include "git/object_links.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "base/error.h"
#include "base/text.h"

namespace hubkeep {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string hex_of(char digit, ObjectFormat format = ObjectFormat::sha1) {
  std::string hex(hex_size(format), digit);
  return hex;
}

std::string entry(const std::string& mode, const std::string& name, char digit,
                  ObjectFormat format = ObjectFormat::sha1) {
  return mode + " " + name + '\0' + from_hex(hex_of(digit, format));
}

std::vector<std::string> links(ObjectType type, std::string_view content,
                               ObjectFormat format = ObjectFormat::sha1) {
  std::vector<std::string> result;
  for_each_link(type, content, format, [&](const ObjectLink& link) {
    result.push_back(std::string(to_string(link.type)) + " " + link.oid.hex());
  });
  return result;
}

const std::string kPeople = "author A <a@b> 1 +0000\ncommitter A <a@b> 1 +0000\n\nparent of nothing\n";

TEST(ObjectLinks, OfACommitAreItsTreeAndItsParents) {
  const std::string tree = "tree " + hex_of('1') + "\n";

  EXPECT_THAT(links(ObjectType::commit, tree + kPeople), ElementsAre("tree " + hex_of('1')));
  EXPECT_THAT(links(ObjectType::commit, tree + "parent " + hex_of('2') + "\nparent " + hex_of('2') +
                                            "\nparent " + hex_of('3') + "\n" + kPeople),
              ElementsAre("tree " + hex_of('1'), "commit " + hex_of('2'), "commit " + hex_of('2'),
                          "commit " + hex_of('3')));
}

TEST(ObjectLinks, OfACommitThatFsckRefusesAreReadAllTheSame) {
  const std::string tree = "tree " + hex_of('1') + "\n";

  for (const std::string& rest : {std::string(), std::string("author NoSpace<a@b> 1 +0000\n"),
                                  std::string("committer S <s@e> 1287367363 +51800\n\n"),
                                  std::string("\nnul \0 in it\nparent x\n", 21)}) {
    EXPECT_THAT(links(ObjectType::commit, tree + rest), ElementsAre("tree " + hex_of('1')));
  }
}

TEST(ObjectLinks, OfATagAreItsObject) {
  const std::string object = "object " + hex_of('4') + "\n";

  for (const std::string type : {"commit", "tree", "blob", "tag"}) {
    EXPECT_THAT(links(ObjectType::tag, object + "type " + type + "\ntag v1\n\nno tagger\n"),
                ElementsAre(type + " " + hex_of('4')));
  }
}

TEST(ObjectLinks, OfATreeLeaveSubmodulesOut) {
  const auto content = entry("100644", "a", '1') + entry("40000", "dir", '2') + entry("040000", "zero", '3') +
                       entry("120000", "link", '4') + entry("160000", "module", '5') +
                       entry("100664", "group", '6') + entry("100755", "run", '7') + entry("0", "odd", '8');

  EXPECT_THAT(links(ObjectType::tree, content),
              ElementsAre("blob " + hex_of('1'), "tree " + hex_of('2'), "tree " + hex_of('3'),
                          "blob " + hex_of('4'), "blob " + hex_of('6'), "blob " + hex_of('7')));
  EXPECT_THAT(links(ObjectType::tree, ""), IsEmpty());
  EXPECT_THAT(links(ObjectType::blob, "tree " + hex_of('1') + "\n"), IsEmpty());
}

TEST(ObjectLinks, OfSha256ObjectsHaveLongNames) {
  const auto format = ObjectFormat::sha256;

  EXPECT_THAT(links(ObjectType::commit, "tree " + hex_of('a', format) + "\n" + kPeople, format),
              ElementsAre("tree " + hex_of('a', format)));
  EXPECT_THAT(links(ObjectType::tree, entry("100644", "a", 'b', format), format),
              ElementsAre("blob " + hex_of('b', format)));
}

TEST(ObjectLinks, RefuseWhatGitCannotWalkEither) {
  const std::string tree = "tree " + hex_of('1') + "\n";
  const auto good = entry("100644", "a", '1');
  const std::vector<std::pair<ObjectType, std::string>> cases = {
      {ObjectType::commit, ""},
      {ObjectType::commit, "parent " + hex_of('1') + "\n"},
      {ObjectType::commit, "tree " + hex_of('1', ObjectFormat::sha256) + "\n"},
      {ObjectType::commit, tree + "parent 123\n"},
      {ObjectType::tag, "object " + hex_of('1') + "\ntag v1\n"},
      {ObjectType::tag, "object " + hex_of('1') + "\ntype sheet\n"},
      {ObjectType::tag, "type commit\n"},
      {ObjectType::tree, good.substr(0, good.size() - 1)},
      {ObjectType::tree, good + "1"},
      {ObjectType::tree, " a" + good.substr(8)},
      {ObjectType::tree, "10x644 a" + good.substr(8)},
      {ObjectType::tree, "100644 " + good.substr(8)},
      {ObjectType::tree, "100644"}};

  for (const auto& [type, content] : cases) EXPECT_THROW(links(type, content), Error) << printable(content);
}

TEST(ObjectLinks, NameTypesAsGitDoes) {
  for (const auto type : {ObjectType::commit, ObjectType::tree, ObjectType::blob, ObjectType::tag})
    EXPECT_EQ(parse_object_type(to_string(type)), type);
  EXPECT_EQ(parse_object_type("commit "), std::nullopt);
}

TEST(ObjectLinks, GiveTreeEntriesAsTheyStand) {
  std::vector<std::string> names;
  const auto content =
      entry("100644", "b", '1') + entry("100664", "a\n\xff", '2') + entry("100644", "b", '3');

  for_each_tree_entry(content, ObjectFormat::sha1, [&](const TreeEntry& found) {
    EXPECT_EQ(found.mode, EntryMode::file);
    names.emplace_back(found.name);
  });

  EXPECT_THAT(names, ElementsAre("b", "a\n\xff", "b"));
}

}  // namespace
}  // namespace hubkeep
