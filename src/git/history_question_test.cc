#include "git/history_question.h"

#include <gtest/gtest.h>

#include "base/error_of.h"
#include "git/ls_refs.h"

namespace hubkeep {
namespace {

Oid oid(char digit) {
  return *Oid::parse(std::string(40, digit));
}

std::string shallow(char digit) {
  return pkt_line("shallow " + oid(digit).hex() + "\n");
}

std::string body_of(const HistoryQuestion& question, const FetchFeatures& features) {
  StringSink body;
  write_history_body(question, features, "hubkeep/1", body);
  return body.take();
}

HistoryAnswer answer_to(std::string_view bytes, bool has_depth = true, bool counts = true) {
  HistoryAnswerParser parser(has_depth, counts);
  PktLineDecoder decoder(parser);
  for (std::size_t i = 0; i < bytes.size(); i += 7) decoder.write(bytes.substr(i, 7));
  decoder.finish();
  return parser.finish();
}

ErrorKind failure_of(std::string_view bytes, bool has_depth = true, bool counts = true) {
  return error_of([&] { answer_to(bytes, has_depth, counts); }).kind();
}

FetchFeatures announced(const std::string& line) {
  CapabilitiesParser parser;
  for (const std::string& text : {std::string("version 2\n"), line}) parser.packet(PktKind::data, text);
  return parser.finish().fetch;
}

const std::string kInfo = pkt_line("shallow-info\n");
const std::string kPack = pkt_line("packfile\n");
const std::string kTwoCommits = pkt_line(std::string("\1PACK\0\0\0\2\0\0\0\2 and more", 22));

TEST(HistoryQuestion, AsksForWhatIsAnnouncedAlone) {
  const HistoryQuestion question{.wants = {oid('a')}, .haves = {oid('b')}, .depth = 12};

  EXPECT_EQ(body_of(question, {.shallow = true, .filter = true}),
            "0012command=fetch\n0014agent=hubkeep/1\n0017object-format=sha1\n0001"
            "000eofs-delta\n0010no-progress\n000edeepen 12\n0012filter tree:0\n"
            "0032want aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n"
            "0032have bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\n"
            "0009done\n0000");
  EXPECT_EQ(body_of(question, {.shallow = true}).find("filter"), std::string::npos);
  EXPECT_EQ(body_of({.wants = {oid('a')}}, {.shallow = true, .filter = true}).find("deepen"),
            std::string::npos);
}

TEST(HistoryQuestion, KnowsWhatAServerAnnounces) {
  EXPECT_TRUE(announced("fetch=shallow wait-for-done filter\n").shallow);
  EXPECT_TRUE(announced("fetch=shallow wait-for-done filter\n").filter);
  EXPECT_FALSE(announced("fetch=shallow\n").filter);
  EXPECT_FALSE(announced("fetch\n").shallow);
  EXPECT_FALSE(announced("fetch=unshallow filters\n").shallow);
  EXPECT_FALSE(announced("fetch=unshallow filters\n").filter);
}

TEST(HistoryAnswer, HasTheBoundaryAndTheNumberOfCommits) {
  const auto answer = answer_to(kInfo + shallow('a') + shallow('b') + "0001" + kPack + kTwoCommits);

  EXPECT_EQ(answer.boundary, (std::vector<Oid>{oid('a'), oid('b')}));
  EXPECT_EQ(answer.commits, 2U);
}

TEST(HistoryAnswer, IsWholeBeforeThePackWhereNothingIsCounted) {
  const auto answer = answer_to(kInfo + shallow('a') + "0001", true, false);

  EXPECT_EQ(answer.boundary, (std::vector<Oid>{oid('a')}));
  EXPECT_FALSE(answer.commits);
}

TEST(HistoryAnswer, HasNoBoundaryWhereAllIsWithinTheDepth) {
  EXPECT_TRUE(answer_to(kInfo + "0001" + kPack + kTwoCommits).boundary.empty());
  EXPECT_TRUE(answer_to(kPack + kTwoCommits).boundary.empty());
  EXPECT_EQ(answer_to(kPack + pkt_line("\2working\n") + kTwoCommits, false).commits, 2U);
}

TEST(HistoryAnswer, KeepsNoMoreOfABoundaryThanIsOfUse) {
  std::string lines = kInfo;
  for (int i = 0; i < 1000; ++i) lines += shallow('a');

  EXPECT_EQ(answer_to(lines + "0001", true, false).boundary.size(), kMostBoundaryCommits);
}

TEST(HistoryAnswer, EndsWhereTheServerDoesNot) {
  std::string lines = kInfo;
  for (int i = 0; i < 1'500'000; ++i) lines += shallow('a');
  std::string talk = kPack;
  for (int i = 0; i < 1'200; ++i) talk += pkt_line("\2" + std::string(60'000, '.'));

  EXPECT_EQ(failure_of(lines + "0001"), ErrorKind::corrupt);
  EXPECT_EQ(failure_of(talk), ErrorKind::corrupt);
}

TEST(HistoryAnswer, NamesEachFailureByItsKind) {
  EXPECT_EQ(failure_of(pkt_line("ERR upload-pack: not our ref abc")), ErrorKind::not_found);
  EXPECT_EQ(failure_of(pkt_line("ERR unexpected line")), ErrorKind::refused);
  EXPECT_EQ(failure_of(kInfo + shallow('a')), ErrorKind::transient);
  EXPECT_EQ(failure_of(kInfo + shallow('a') + "0001"), ErrorKind::transient);
  EXPECT_EQ(failure_of(kInfo + shallow('a') + "0000"), ErrorKind::corrupt);
  EXPECT_EQ(failure_of(kInfo + shallow('0') + "0001"), ErrorKind::corrupt);
  EXPECT_EQ(failure_of(kInfo + pkt_line("unshallow " + oid('a').hex())), ErrorKind::corrupt);
  EXPECT_EQ(failure_of(kInfo + "0001" + kInfo), ErrorKind::corrupt);
  EXPECT_EQ(failure_of(kInfo + "0001", false), ErrorKind::corrupt);
  EXPECT_EQ(failure_of("0000"), ErrorKind::corrupt);
  EXPECT_EQ(failure_of(kPack + "0000"), ErrorKind::corrupt);
  EXPECT_EQ(failure_of(kPack + "0004"), ErrorKind::corrupt);
  EXPECT_EQ(failure_of(kPack + pkt_line("\1PUCK12345678")), ErrorKind::corrupt);
  EXPECT_EQ(failure_of(kPack + pkt_line("\3fatal: out of memory")), ErrorKind::gave_up);
  EXPECT_EQ(failure_of(kPack + pkt_line("\7?")), ErrorKind::corrupt);
}

}  // namespace
}  // namespace hubkeep
