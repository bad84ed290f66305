// One request and one answer: every want, every have and `done` go along at once, so the server never
// negotiates and sends the pack at once. The answer is read as a state machine over packets: a section title,
// then side-band packets, then a flush. Whatever comes before the flush may be cut, and whatever was not
// asked for is refused although a pack might follow it well.
//
// What the server complains of stands in band 2, amid its progress, and what makes it give up in band 3. Both
// become one message, without anything that differs from one attempt to the next: git_patience.cc compares
// messages to see whether a server says the same again.
#include "git/fetch.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"
#include "git/ls_refs.h"

namespace hubkeep {
namespace {

constexpr std::size_t kLongestWords = 500;               // that are kept of what a server says
constexpr ByteCount kMostChatter = ByteCount{16} << 20;  // of a five-second keep-alive, half a year

}  // namespace

void write_fetch_body(const FetchRequest& request, std::string_view agent, ByteSink& body) {
  body.write(pkt_line("command=fetch\n"));
  body.write(pkt_line(fmt::format("agent={}\n", agent)));
  body.write(pkt_line(fmt::format("object-format={}\n", to_string(request.format))));
  body.write(kDelimiterPkt);
  // thin-pack lets an increment build on what we have; ofs-delta makes packs smaller.
  body.write(pkt_line("thin-pack\n") + pkt_line("ofs-delta\n") + pkt_line("no-progress\n"));
  if (request.with_tags) body.write(pkt_line("include-tag\n"));
  for (const Oid& want : request.wants) body.write(pkt_line("want " + want.hex() + "\n"));
  for (const Oid& have : request.haves) body.write(pkt_line("have " + have.hex() + "\n"));
  body.write(pkt_line("done\n"));
  body.write(kFlushPkt);
}

// Progress was not asked for, and of acknowledgements there are none after `done`.
// A server that only keeps the connection alive would otherwise be listened to for ever; see
// FetchResponse.EndsWhereTheServerOnlyTalks. Progress was not asked for, so honest servers say little.
void FetchResponseParser::count_chatter(std::string_view payload) {
  chatter_ += payload.size() + 1;
  if (chatter_ > kMostChatter)
    throw Error(
        ErrorKind::transient,
        fmt::format(
            "the server sent {} beside the pack, which has {} bytes so far: it does not come to its end",
            human_size(kMostChatter), pack_bytes_));
}

void FetchResponseParser::packet(PktKind kind, std::string_view payload) {
  const bool is_of_pack = state_ == State::packfile && payload.size() > 1 && payload.front() == '\1';
  if (!is_of_pack) count_chatter(payload);
  switch (state_) {
    case State::start:
      if (kind != PktKind::data)
        throw Error(ErrorKind::corrupt, "the server's answer to fetch begins with no section");
      return section(pkt_text(payload));
    case State::acknowledgments:
      if (kind == PktKind::delimiter) state_ = State::start;
      if (kind == PktKind::flush)
        // A flush behind the acknowledgements asks for another round, which there cannot be after `done`.
        throw Error(ErrorKind::transient, "the server's answer to fetch has no pack");
      return;
    case State::packfile:
      if (kind == PktKind::flush) {
        state_ = State::done;
        return;
      }
      if (kind != PktKind::data)
        throw Error(ErrorKind::corrupt, "a packet in the pack that does not belong there");
      return side_band(payload);
    case State::done:
      throw Error(ErrorKind::corrupt, "the server's answer to fetch goes on after its end");
  }
}

void FetchResponseParser::section(std::string_view title) {
  constexpr std::string_view kErrorPrefix = "ERR ";
  if (title.starts_with(kErrorPrefix)) throw_remote_error(title.substr(kErrorPrefix.size()));
  if (title == "packfile") {
    state_ = State::packfile;
  } else if (title == "acknowledgments") {
    // After `done` there should be none, but there is no harm in one.
    state_ = State::acknowledgments;
  } else if (title == "shallow-info") {
    // git sends it unasked when the repository that it serves is a shallow clone.
    throw Error(ErrorKind::corrupt, "the server has only a part of the history (it sends shallow-info)");
  } else {
    throw Error(ErrorKind::corrupt,
                "the server's answer to fetch has a section that was not asked for: " + printable(title));
  }
}

void FetchResponseParser::side_band(std::string_view payload) {
  if (payload.empty()) throw Error(ErrorKind::corrupt, "an empty packet in the pack");
  const char band = payload.front();
  payload.remove_prefix(1);
  switch (band) {
    case 1:
      pack_bytes_ += payload.size();
      pack_.write(payload);
      return;
    case 2:
      return note_complaints(payload);
    case 3:
      note_complaints("\n");  // the last line may lack its end
      // Without how much of the pack had come: what is the same in every attempt must read the same.
      throw Error(ErrorKind::gave_up, "the server says: " + last_words(payload));
    default:
      throw Error(ErrorKind::corrupt,
                  fmt::format("unknown side-band {} in the pack", static_cast<int>(band)));
  }
}

// Lines may be cut anywhere between packets. Progress is left out: its numbers differ in every attempt.
void FetchResponseParser::note_complaints(std::string_view text) {
  for (const char c : text) {
    if (c != '\n' && c != '\r') {
      if (line_.size() < kLongestWords) line_ += c;
      continue;
    }
    const bool complains = line_.starts_with("error: ") || line_.starts_with("fatal: ");
    if (complains && complaints_.size() < kLongestWords) complaints_ += line_ + "; ";
    line_.clear();
  }
}

std::string FetchResponseParser::last_words(std::string_view text) const {
  while (!text.empty() && text.back() == '\0') text.remove_suffix(1);  // git sends its string with its end
  return printable((complaints_ + std::string(trim(text))).substr(0, 2 * kLongestWords));
}

void FetchResponseParser::finish() const {
  if (state_ == State::done) return;
  throw Error(
      ErrorKind::transient,
      fmt::format("the server's answer ends after {} bytes of the pack, without its flush", pack_bytes_));
}

}  // namespace hubkeep
