#include "git/fetch.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"
#include "git/ls_refs.h"

namespace hubkeep {
namespace {

constexpr ByteCount kMostChatter = ByteCount{16} << 20;  // of a five-second keep-alive, half a year

}  // namespace

void write_fetch_body(const FetchRequest& request, std::string_view agent, ByteSink& body) {
  body.write(pkt_line("command=fetch\n"));
  body.write(pkt_line(fmt::format("agent={}\n", agent)));
  body.write(pkt_line(fmt::format("object-format={}\n", to_string(request.format))));
  body.write(kDelimiterPkt);
  body.write(pkt_line("thin-pack\n") + pkt_line("ofs-delta\n") + pkt_line("no-progress\n"));
  for (const Oid& want : request.wants) body.write(pkt_line("want " + want.hex() + "\n"));
  for (const Oid& have : request.haves) body.write(pkt_line("have " + have.hex() + "\n"));
  body.write(pkt_line("done\n"));
  body.write(kFlushPkt);
}

// Progress was not asked for, and of acknowledgements there are none after `done`.
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
      return;
    case 3:
      throw Error(ErrorKind::transient, fmt::format("the server gave up after {} bytes of the pack: {}",
                                                    pack_bytes_, printable(trim(payload).substr(0, 500))));
    default:
      throw Error(ErrorKind::corrupt,
                  fmt::format("unknown side-band {} in the pack", static_cast<int>(band)));
  }
}

void FetchResponseParser::finish() const {
  if (state_ == State::done) return;
  throw Error(
      ErrorKind::transient,
      fmt::format("the server's answer ends after {} bytes of the pack, without its flush", pack_bytes_));
}

}  // namespace hubkeep
