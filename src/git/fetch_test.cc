#include "git/fetch.h"

#include <gtest/gtest.h>

#include "base/error_of.h"

namespace hubkeep {
namespace {

std::string band(char number, std::string_view text) {
  return pkt_line(std::string(1, number) + std::string(text));
}

std::string parse(std::string_view bytes, std::size_t piece = 7) {
  StringSink pack;
  FetchResponseParser parser(pack);
  PktLineDecoder decoder(parser);
  for (std::size_t i = 0; i < bytes.size(); i += piece) decoder.write(bytes.substr(i, piece));
  decoder.finish();
  parser.finish();
  return pack.take();
}

ErrorKind kind_of_failure(std::string_view bytes) {
  return error_of([&] { parse(bytes); }).kind();
}

TEST(Fetch, AsksForEverythingInOneRequest) {
  const FetchRequest request{.wants = {*Oid::parse(std::string(40, 'a'))},
                             .haves = {*Oid::parse(std::string(40, 'b'))}};

  StringSink body;
  write_fetch_body(request, "hubkeep/1", body);
  EXPECT_EQ(body.str(),
            "0012command=fetch\n0014agent=hubkeep/1\n0017object-format=sha1\n0001"
            "000ethin-pack\n000eofs-delta\n0010no-progress\n"
            "0032want aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n"
            "0032have bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\n"
            "0009done\n0000");
}

TEST(Fetch, AsksForTagsOfWhatIsSentWhereTheyAreWanted) {
  StringSink body;
  write_fetch_body({.wants = {*Oid::parse(std::string(40, 'a'))}, .with_tags = true}, "hubkeep/1", body);

  EXPECT_NE(body.str().find("0010no-progress\n0010include-tag\n0032want"), std::string::npos) << body.str();
}

TEST(FetchResponse, PutsTheBandOneTogether) {
  const std::string bytes =
      pkt_line("packfile\n") + band(2, "counting\n") + band(1, "PACK") + band(1, "rest") + "0000";

  EXPECT_EQ(parse(bytes, 1), "PACKrest");
  EXPECT_EQ(parse(bytes, bytes.size()), "PACKrest");
}

// Nobody asked for progress; a server that has nothing else to say does not come to its end.
TEST(FetchResponse, EndsWhereTheServerOnlyTalks) {
  const std::string start = pkt_line("packfile\n") + band(1, "PACK");
  std::string talk;
  for (int i = 0; i < 300; ++i) talk += band(2, std::string(60'000, '.'));
  std::string alive;
  for (int i = 0; i < 9'000'000; ++i) alive += "0005\1";

  EXPECT_EQ(kind_of_failure(start + talk + "0000"), ErrorKind::transient);
  EXPECT_EQ(kind_of_failure(start + alive + "0000"), ErrorKind::transient);
  EXPECT_EQ(parse(start + talk.substr(0, 250 * 60'005) + "0000", 1 << 20), "PACK");
}

TEST(FetchResponse, SkipsAcknowledgmentsBeforeThePack) {
  EXPECT_EQ(parse(pkt_line("acknowledgments\n") + pkt_line("ready\n") + "0001" + pkt_line("packfile\n") +
                  band(1, "PACK") + "0000"),
            "PACK");
}

// gitprotocol-v2: shallow-info comes where it was asked for, or where the server's own repository is shallow;
// wanted-refs and packfile-uris only where they were asked for.
TEST(FetchResponse, RefusesWhatWasNotAskedForHoweverWellThePackFollows) {
  const std::string pack = "0001" + pkt_line("packfile\n") + band(1, "PACK") + "0000";
  const std::string oid(40, 'a');

  for (const std::string& section :
       {pkt_line("shallow-info\n") + pkt_line("shallow " + oid + "\n"),
        pkt_line("shallow-info\n") + pkt_line("unshallow " + oid + "\n"),
        pkt_line("acknowledgments\n") + pkt_line("ACK " + oid + "\n") + pkt_line("ready\n") + "0001" +
            pkt_line("shallow-info\n") + pkt_line("shallow " + oid + "\n"),
        pkt_line("wanted-refs\n") + pkt_line(oid + " refs/heads/main\n"),
        pkt_line("packfile-uris\n") + pkt_line(oid + " https://cdn/pack\n")})
    EXPECT_EQ(kind_of_failure(section + pack), ErrorKind::corrupt) << section;
}

TEST(FetchResponse, SaysThatAShallowHistoryIsOnlyAPart) {
  const Error error = error_of([&] {
    parse(pkt_line("shallow-info\n") + pkt_line("shallow " + std::string(40, 'a') + "\n") + "0001");
  });

  EXPECT_EQ(error.message(), "the server has only a part of the history (it sends shallow-info)");
}

// As git 2.39 answers where it has lost an object, cut into packets wherever its pipe was.
TEST(FetchResponse, SaysWhatTheServerLacksWhereverItsWordsAreCut) {
  const std::string start = pkt_line("packfile\n") + band(2, "Counting objects:  50% (1/2)\r");
  const std::string last("aborting due to possible repository corruption on the remote side.\0", 67);
  const auto said = [&](const std::string& packets) {
    try {
      parse(start + packets + band(3, last));
    } catch (const Error& error) {
      return error.message();
    }
    return std::string("nothing");
  };
  const std::string words =
      "the server says: error: Could not read 17; fatal: Failed to traverse parents of commit 5a; "
      "aborting due to possible repository corruption on the remote side.";

  EXPECT_EQ(said(band(2, "error: Could not read 17\nfatal: Failed to tra") +
                 band(2, "verse parents of commit 5a\n")),
            words);
  EXPECT_EQ(said(band(1, "PACK") + band(2, "error: Could not read 17\nwarning: x\n") +
                 band(2, "fatal: Failed to traverse parents of commit 5a")),
            words);
  EXPECT_EQ(said(""), "the server says: aborting due to possible repository corruption on the remote side.");
}

TEST(FetchResponse, NamesEachFailureByItsKind) {
  const std::string start = pkt_line("packfile\n");

  EXPECT_EQ(kind_of_failure(pkt_line("ERR upload-pack: not our ref abc")), ErrorKind::not_found);
  EXPECT_EQ(kind_of_failure(pkt_line("ERR something else")), ErrorKind::refused);
  EXPECT_EQ(kind_of_failure(start + band(3, "fatal: out of memory\n")), ErrorKind::gave_up);
  EXPECT_EQ(kind_of_failure(start + band(1, "PACK")), ErrorKind::transient);  // no flush
  EXPECT_EQ(kind_of_failure(""), ErrorKind::transient);
  EXPECT_EQ(kind_of_failure(pkt_line("acknowledgments\n") + pkt_line("NAK\n") + "0000"),
            ErrorKind::transient);
  EXPECT_EQ(kind_of_failure("0000"), ErrorKind::corrupt);
  EXPECT_EQ(kind_of_failure(pkt_line("surprise\n")), ErrorKind::corrupt);
  EXPECT_EQ(kind_of_failure(start + "0001"), ErrorKind::corrupt);
  EXPECT_EQ(kind_of_failure(start + "0004"), ErrorKind::corrupt);
  EXPECT_EQ(kind_of_failure(start + band(7, "x")), ErrorKind::corrupt);
  EXPECT_EQ(kind_of_failure(start + "0000" + band(1, "x")), ErrorKind::corrupt);
}

}  // namespace
}  // namespace hubkeep
