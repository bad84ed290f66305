// `want TIP, deepen D, done` is answered with shallow-info, a `shallow OID` for each commit whose parents are
// left out, and then the pack. With `filter tree:0` that pack has commits and tags alone, and its header says
// how many (gitprotocol-v2, gitformat-pack). An argument that was not announced ends in an empty answer.
#include "git/history_question.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"
#include "git/ls_refs.h"

namespace hubkeep {
namespace {

constexpr std::size_t kPackHeader = 12;                    // "PACK" version(4) count(4)
constexpr ByteCount kLongestAnswer = ByteCount{64} << 20;  // a million boundary commits

Error is_no_answer(std::string_view what) {
  return {ErrorKind::corrupt,
          fmt::format("the server's answer about a history has {}", printable(what.substr(0, 200)))};
}

}  // namespace

void write_history_body(const HistoryQuestion& question, const FetchFeatures& features,
                        std::string_view agent, ByteSink& body) {
  body.write(pkt_line("command=fetch\n"));
  body.write(pkt_line(fmt::format("agent={}\n", agent)));
  body.write(pkt_line(fmt::format("object-format={}\n", to_string(question.format))));
  body.write(kDelimiterPkt);
  body.write(pkt_line("ofs-delta\n") + pkt_line("no-progress\n"));
  if (question.depth > 0) body.write(pkt_line(fmt::format("deepen {}\n", question.depth)));
  if (features.filter) body.write(pkt_line("filter tree:0\n"));
  for (const Oid& want : question.wants) body.write(pkt_line("want " + want.hex() + "\n"));
  for (const Oid& have : question.haves) body.write(pkt_line("have " + have.hex() + "\n"));
  body.write(pkt_line("done\n"));
  body.write(kFlushPkt);
}

HistoryAnswerParser::HistoryAnswerParser(bool has_depth, bool counts)
    : counts_(counts), awaits_boundary_(has_depth) {}

void HistoryAnswerParser::limit(std::string_view payload) {
  received_ += payload.size() + 1;
  if (received_ > kLongestAnswer) throw is_no_answer("more than " + human_size(kLongestAnswer));
}

void HistoryAnswerParser::packet(PktKind kind, std::string_view payload) {
  if (state_ == State::done) return;  // of the pack, which nobody wants
  limit(payload);
  switch (state_) {
    case State::start:
      if (kind != PktKind::data) throw is_no_answer("no section");
      return section(pkt_text(payload));
    case State::boundary:
      if (kind == PktKind::data) return boundary_line(pkt_text(payload));
      if (kind != PktKind::delimiter) throw is_no_answer("no pack behind its boundary");
      state_ = counts_ ? State::start : State::done;
      return;
    case State::pack:
      if (kind != PktKind::data) throw is_no_answer("a pack without a header");
      return side_band(payload);
    case State::done:
      return;
  }
}

void HistoryAnswerParser::section(std::string_view title) {
  constexpr std::string_view kErrorPrefix = "ERR ";
  if (title.starts_with(kErrorPrefix)) throw_remote_error(title.substr(kErrorPrefix.size()));
  if (title == "shallow-info" && awaits_boundary_) {
    awaits_boundary_ = false;
    state_ = State::boundary;
  } else if (title == "packfile") {
    state_ = counts_ ? State::pack : State::done;
  } else {
    throw is_no_answer("a section that was not asked for: " + std::string(title));
  }
}

void HistoryAnswerParser::boundary_line(std::string_view line) {
  constexpr std::string_view kShallow = "shallow ";
  const auto oid = line.starts_with(kShallow) ? Oid::parse(line.substr(kShallow.size())) : std::nullopt;
  if (!oid || oid->is_zero()) throw is_no_answer("a boundary that names no commit: " + std::string(line));
  if (answer_.boundary.size() < kMostBoundaryCommits) answer_.boundary.push_back(*oid);
}

void HistoryAnswerParser::side_band(std::string_view payload) {
  if (payload.empty()) throw is_no_answer("an empty packet");
  const char band = payload.front();
  payload.remove_prefix(1);
  if (band == '\2') return;
  if (band == '\3')
    throw Error(ErrorKind::gave_up, "the server says: " + printable(trim(payload.substr(0, 500))));
  if (band != '\1') throw is_no_answer("an unknown side-band");
  header_ += payload.substr(0, kPackHeader - header_.size());
  if (header_.size() < kPackHeader) return;
  if (!header_.starts_with("PACK")) throw is_no_answer("no pack");
  std::uint64_t count = 0;
  for (const char byte : std::string_view(header_).substr(8))
    count = count << 8U | static_cast<unsigned char>(byte);
  answer_.commits = count;
  state_ = State::done;
}

HistoryAnswer HistoryAnswerParser::finish() {
  if (!is_whole()) throw Error(ErrorKind::transient, "the server's answer about a history is cut short");
  return std::move(answer_);
}

}  // namespace hubkeep
