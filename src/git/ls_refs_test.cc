#include "git/ls_refs.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace hubkeep {
namespace {

const std::string kA(40, 'a');
const std::string kB(40, 'b');

RefState parse(std::string_view bytes) {
  LsRefsParser parser;
  PktLineDecoder decoder(parser);
  decoder.write(bytes);
  decoder.finish();
  return parser.finish();
}

ErrorKind kind_of_failure(std::string_view bytes) {
  try {
    parse(bytes);
  } catch (const Error& error) {
    return error.kind();
  }
  return ErrorKind::internal;
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

TEST(LsRefs, RefusesHostileNamesAndTargets) {
  EXPECT_EQ(kind_of_failure(pkt_line(kA + " refs/heads/../../etc/passwd\n") + "0000"), ErrorKind::corrupt);
  EXPECT_EQ(kind_of_failure(pkt_line(kA + " HEAD symref-target:../../etc\n") + "0000"), ErrorKind::corrupt);
  EXPECT_EQ(kind_of_failure(pkt_line(kA + " refs/heads/x\n") + pkt_line(kA + " refs/heads/x\n") + "0000"),
            ErrorKind::corrupt);
  EXPECT_EQ(kind_of_failure(pkt_line(kA + " refs/heads/x\n") +
                            pkt_line(std::string(64, 'a') + " refs/heads/y\n") + "0000"),
            ErrorKind::corrupt);
}

TEST(LsRefs, PassesOnWhatTheServerSays) {
  EXPECT_EQ(kind_of_failure(pkt_line("ERR access denied\n")), ErrorKind::forbidden);
  EXPECT_EQ(kind_of_failure(pkt_line("ERR upload-pack: out of memory\n")), ErrorKind::transient);
  EXPECT_EQ(kind_of_failure(pkt_line("ERR upload-pack: not our ref " + kA + "\n")), ErrorKind::not_found);
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
