#include "git/ls_refs.h"

#include <gtest/gtest.h>

#include "base/error_of.h"

namespace hubkeep {
namespace {

const std::string kA(40, 'a');
const std::string kB(40, 'b');

struct Listed {
  RefState state;
  std::vector<LeftOutRef> left_out;
};

Listed parse_all(std::string_view bytes) {
  LsRefsParser parser;
  PktLineDecoder decoder(parser);
  decoder.write(bytes);
  decoder.finish();
  RefState state = parser.finish();
  return {std::move(state), parser.take_left_out()};
}

RefState parse(std::string_view bytes) {
  return parse_all(bytes).state;
}

ErrorKind kind_of_failure(std::string_view bytes) {
  return error_of([&] { parse(bytes); }).kind();
}

TEST(LsRefs, AsksAsTheSpecificationSays) {
  EXPECT_EQ(ls_refs_request(ObjectFormat::sha1, "hubkeep/1"),
            "0014command=ls-refs\n0014agent=hubkeep/1\n0017object-format=sha1\n0001"
            "0009peel\n000csymrefs\n000bunborn\n0000");
}

TEST(LsRefs, ReadsHeadRefsAndPeeledTagsInOrderOfNames) {
  const RefState state =
      parse(pkt_line(kA + " HEAD symref-target:refs/heads/main\n") +
            pkt_line(kB + " refs/tags/v1 peeled:" + kA + "\n") + pkt_line(kA + " refs/heads/main\n") +
            pkt_line(kB + " refs/pull/1/head\n") + pkt_line(kB + " refs/pull/1/merge\n") + "0000");

  EXPECT_EQ(state.head, (Head{"refs/heads/main", Oid::parse(kA)}));
  EXPECT_EQ(state.refs, (RefList{{"refs/heads/main", *Oid::parse(kA)},
                                 {"refs/pull/1/head", *Oid::parse(kB)},
                                 {"refs/tags/v1", *Oid::parse(kB)}}));
}

TEST(LsRefs, ReadsAnEmptyRepositoryAndADetachedHead) {
  EXPECT_EQ(parse(pkt_line("unborn HEAD symref-target:refs/heads/main\n") + "0000").head,
            (Head{"refs/heads/main", std::nullopt}));
  EXPECT_EQ(parse(pkt_line(kA + " HEAD\n") + "0000").head, (Head{"", Oid::parse(kA)}));
  EXPECT_EQ(parse("0000"), RefState{});
}

std::string failure_at(ByteCount limit, std::string_view bytes) {
  LsRefsParser parser(limit);
  PktLineDecoder decoder(parser);
  try {
    decoder.write(bytes);
    return "";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::corrupt);
    return error.message();
  }
}

TEST(LsRefs, TakesSoManyBytesAndNoMore) {
  const std::string line = kA + " refs/heads/main\n";

  EXPECT_EQ(failure_at(line.size(), pkt_line(line)), "");
  EXPECT_EQ(
      failure_at(line.size() - 1, pkt_line(line)),
      "the server's list of refs has more than 56 B: if so many are right, raise --memory, which sets this "
      "limit");
}

// A ref's name may be as long as a packet: their number says nothing of their bytes. Test merges count.
TEST(LsRefs, OfLongNamesHaveAnEnd) {
  LsRefsParser parser(ByteCount{64} << 20);
  PktLineDecoder decoder(parser);
  const std::string line = pkt_line(kA + " refs/pull/" + std::string(65'000, '1') + "/merge\n");
  std::string message;
  int lines = 0;
  while (message.empty() && ++lines < 5000) {
    try {
      decoder.write(line);
    } catch (const Error& error) {
      message = error.message();
    }
  }

  EXPECT_TRUE(message.starts_with("the server's list of refs has more than 64.0 MiB")) << message;
  EXPECT_EQ(lines, 1032);
}

TEST(LsRefs, KnowsSha256ByItsLength) {
  const std::string oid(64, 'c');

  EXPECT_EQ(parse(pkt_line(oid + " refs/heads/main\n") + "0000").format, ObjectFormat::sha256);
}

TEST(LsRefs, RefusesWhatIsNotWhole) {
  EXPECT_EQ(kind_of_failure(""), ErrorKind::transient);
  EXPECT_EQ(kind_of_failure(pkt_line(kA + " refs/heads/main\n")), ErrorKind::transient);
  EXPECT_EQ(kind_of_failure("0000" + pkt_line(kA + " refs/heads/main\n")), ErrorKind::corrupt);
  EXPECT_EQ(kind_of_failure(pkt_line(kA + "\n") + "0000"), ErrorKind::corrupt);
  EXPECT_EQ(kind_of_failure(pkt_line("xyz refs/heads/main\n") + "0000"), ErrorKind::corrupt);
  EXPECT_EQ(kind_of_failure(pkt_line(std::string(40, '0') + " refs/heads/main\n") + "0000"),
            ErrorKind::corrupt);
  EXPECT_EQ(kind_of_failure("0001"), ErrorKind::corrupt);
}

TEST(LsRefs, RefusesMixedObjectFormats) {
  EXPECT_EQ(kind_of_failure(pkt_line(kA + " refs/heads/x\n") +
                            pkt_line(std::string(64, 'a') + " refs/heads/y\n") + "0000"),
            ErrorKind::corrupt);
}

// Nothing that could lead out of a folder, break a line, or mean something else reaches the refs.
TEST(LsRefs, ANameThatGitDoesNotAllowCostsThatRefAlone) {
  for (const std::string& name :
       {std::string("refs/heads/../../etc/passwd"), std::string("refs/heads/a..b"), std::string("main"),
        std::string("refs/heads/x.lock"), std::string("refs/heads/a\tb"), std::string("refs/heads/"),
        std::string("refs/heads/\x1b[31m"), "refs/heads/" + std::string(60'000, 'n') + ".."}) {
    const Listed listed = parse_all(pkt_line(kB + " " + name + " peeled:" + kA + "\n") +
                                    pkt_line(kA + " refs/heads/main\n") + "0000");

    EXPECT_EQ(listed.state.refs, (std::vector<Ref>{{"refs/heads/main", *Oid::parse(kA)}}));
    ASSERT_EQ(listed.left_out.size(), 1U) << name;
    EXPECT_EQ(listed.left_out.front().name, name.substr(0, 300));
    EXPECT_TRUE(listed.left_out.front().is_unasked);
    EXPECT_EQ(listed.left_out.front().oid, Oid::parse(kB));
  }
}

TEST(LsRefs, TakesANameAsLongAsAPacket) {
  const std::string name = "refs/heads/" + std::string(65'000, 'n');

  EXPECT_EQ(parse(pkt_line(kA + " " + name + "\n") + "0000").refs,
            (std::vector<Ref>{{name, *Oid::parse(kA)}}));
}

TEST(LsRefs, AListOfNothingElseIsNoList) {
  EXPECT_EQ(kind_of_failure(pkt_line(kA + " refs/heads/a..b\n") + "0000"), ErrorKind::corrupt);
  EXPECT_EQ(kind_of_failure(pkt_line(kA + " refs/heads/x\n") + pkt_line(kB + " refs/heads/x\n") + "0000"),
            ErrorKind::corrupt);
}

TEST(LsRefs, SaysWhyARefIsLeftOut) {
  const auto why = [](const std::string& lines) {
    return parse_all(lines + pkt_line(kA + " refs/heads/main\n") + "0000").left_out.front().why;
  };

  EXPECT_EQ(why(pkt_line(kA + " refs/heads/a..b\n")), "git does not allow the name");
  EXPECT_EQ(why(pkt_line(kA + " HEAD symref-target:refs/\x1b\n")),
            "it names refs/\\x1b, and git does not allow the name");
  EXPECT_EQ(why(pkt_line(kB + " refs/heads/x\n") + pkt_line(kA + " refs/heads/x\n")),
            "the server lists it twice, also with " + kB);
}

TEST(LsRefs, AHeadThatNamesWhatGitDoesNotAllowIsDetachedAtItsObject) {
  const Listed born = parse_all(pkt_line(kA + " HEAD symref-target:../../etc\n") + "0000");
  const Listed unborn = parse_all(pkt_line("unborn HEAD symref-target:../../etc\n") + "0000");

  EXPECT_EQ(born.state.head, (Head{"", Oid::parse(kA)}));
  EXPECT_EQ(born.left_out.front().name, "HEAD");
  EXPECT_EQ(unborn.state.head, Head{});
  EXPECT_EQ(unborn.left_out.front().oid, std::nullopt);
}

TEST(LsRefs, ANameThatIsListedTwiceCountsWhenBothSayTheSame) {
  const std::string x_is_a = pkt_line(kA + " refs/heads/x\n");
  const std::string x_is_b = pkt_line(kB + " refs/heads/x\n");
  const std::string y = pkt_line(kA + " refs/heads/y\n");

  EXPECT_EQ(parse(x_is_a + y + x_is_a + "0000").refs,
            (std::vector<Ref>{{"refs/heads/x", *Oid::parse(kA)}, {"refs/heads/y", *Oid::parse(kA)}}));
  for (const std::string& lines : {x_is_a + y + x_is_b, x_is_b + y + x_is_a + x_is_b}) {
    const Listed listed = parse_all(lines + "0000");
    EXPECT_EQ(listed.state.refs, (std::vector<Ref>{{"refs/heads/y", *Oid::parse(kA)}}));
    ASSERT_EQ(listed.left_out.size(), 1U);
    EXPECT_EQ(listed.left_out.front().oid, Oid::parse(kA));  // the same, whatever their order
  }
}

TEST(LsRefs, WhatATagNamesIsNoRefOfItsOwn) {
  const Listed listed =
      parse_all(pkt_line(kB + " refs/tags/v1\n") + pkt_line(kA + " refs/tags/v1^{}\n") + "0000");

  EXPECT_EQ(listed.state.refs.size(), 1U);
  EXPECT_TRUE(listed.left_out.empty());
}

TEST(LsRefs, AListFullOfNamesThatGitDoesNotAllowIsNoList) {
  std::string lines = pkt_line(kA + " refs/heads/main\n");
  for (std::size_t i = 0; i < kMaxLeftOut; ++i) lines += pkt_line(kA + " refs/heads/.." + std::to_string(i));

  EXPECT_EQ(parse_all(lines + "0000").left_out.size(), kMaxLeftOut);
  EXPECT_EQ(kind_of_failure(lines + pkt_line(kA + " refs/heads/..") + "0000"), ErrorKind::corrupt);
}

TEST(LsRefs, PassesOnWhatTheServerSays) {
  EXPECT_EQ(kind_of_failure(pkt_line("ERR access denied\n")), ErrorKind::forbidden);
  EXPECT_EQ(kind_of_failure(pkt_line("ERR upload-pack: out of memory\n")), ErrorKind::refused);
  EXPECT_EQ(kind_of_failure(pkt_line("ERR upload-pack: not our ref " + kA + "\n")), ErrorKind::not_found);
}

TEST(LsRefs, KnowsTheObjectThatIsNotThere) {
  EXPECT_EQ(object_not_there("the server says: upload-pack: not our ref " + kA), Oid::parse(kA));
  EXPECT_EQ(object_not_there("not our ref " + kA + ", he says"), Oid::parse(kA));
  EXPECT_EQ(object_not_there("the server says: not our ref"), std::nullopt);
  EXPECT_EQ(object_not_there("the server says: " + kA), std::nullopt);
}

TEST(Capabilities, AreReadWithAndWithoutThePreamble) {
  const std::string body =
      pkt_line("version 2\n") + pkt_line("ls-refs=unborn\n") + pkt_line("object-format=sha256\n");
  for (const std::string& bytes :
       {pkt_line("# service=git-upload-pack\n") + "0000" + body + "0000", body + "0000"}) {
    CapabilitiesParser parser;
    PktLineDecoder(parser).write(bytes);

    EXPECT_TRUE(parser.finish().version_2);
    EXPECT_EQ(parser.finish().format, ObjectFormat::sha256);
  }
}

TEST(Capabilities, RefuseAnEmptyAnswerAndAnUnknownFormat) {
  CapabilitiesParser empty;
  CapabilitiesParser unknown;

  EXPECT_THROW(empty.finish(), Error);
  EXPECT_THROW(PktLineDecoder(unknown).write(pkt_line("object-format=sha3\n")), Error);
}

}  // namespace
}  // namespace hubkeep
