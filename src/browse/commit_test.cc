#include "browse/commit.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace hubkeep {
namespace {

const Oid kOid = Oid::parse(std::string(40, '1')).value();
const std::string kTree = "tree " + std::string(40, '2') + "\n";

TEST(Commit, IsReadAsGitShowsIt) {
  const Commit commit = parse_commit(
      kOid, kTree + "parent " + std::string(40, '3') + "\nparent " + std::string(40, '4') +
                "\nauthor Ada L <ada@example.com> 1700000000 +0130\ncommitter <> 1700000001 -0800\n"
                "gpgsig -----BEGIN\n x\n\nThe subject\ngoes on\n\nbody\n");

  EXPECT_EQ(commit.parents.size(), 2U);
  EXPECT_EQ(commit.author.name, "Ada L");
  EXPECT_EQ(commit.author.email, "ada@example.com");
  EXPECT_EQ(git_date(commit.author), "Tue Nov 14 23:43:20 2023 +0130");
  EXPECT_EQ(git_date(commit.committer), "Tue Nov 14 14:13:21 2023 -0800");
  EXPECT_EQ(commit.message, "The subject\ngoes on\n\nbody\n");
  EXPECT_EQ(subject_of(commit.message), "The subject goes on");
}

TEST(Commit, WithoutWhatItShouldHaveIsReadAllTheSame) {
  for (const char* rest : {"", "author", "author \n", "author x <y\n",
                           "author x> <y> 99999999999999999999 z\n", "author a <b> -5 +999999\n\n"}) {
    const Commit commit = parse_commit(kOid, kTree + rest);
    EXPECT_EQ(commit.author.time, 0);
    EXPECT_EQ(git_date(commit.author), "Thu Jan 1 00:00:00 1970 +0000");
    EXPECT_EQ(subject_of(commit.message), "");
  }
  EXPECT_THROW(parse_commit(kOid, "author A <a> 1 +0000\n"), Error);
}

}  // namespace
}  // namespace hubkeep
