// Protocol v2 command fetch: one request with wants, haves and done, one answer with a pack (gitprotocol-v2).
#pragma once

#include <string_view>
#include <vector>

#include "base/byte_sink.h"
#include "git/oid_set.h"
#include "git/pkt_line.h"

namespace hubkeep {

struct FetchRequest {
  ObjectFormat format = ObjectFormat::sha1;
  OidSet wants;
  std::vector<Oid> haves;
  std::size_t commits = 0;  // the first so many wants are surely commits
  bool with_tags = false;   // tags that name what is sent come along
};

/// The request's body: thin-pack, ofs-delta, no-progress, and `done`, so that the pack comes in the first
/// answer. It may be long.
void write_fetch_body(const FetchRequest& request, std::string_view agent, ByteSink& body);

/// Reads the answer: "packfile", then side-band packets (band 1 pack data, 2 progress and what git's programs
/// complain of, 3 fatal error), then a flush. Pack data goes to `pack`. Throws Error: what
/// throw_remote_error() makes of an ERR packet before the pack, gave_up for band 3 (with the complaints
/// before it, which say what the server lacks), corrupt for anything that is no such answer, and for a part
/// of the history (shallow-info): that was not asked for.
class FetchResponseParser final : public PktHandler {
 public:
  explicit FetchResponseParser(ByteSink& pack) : pack_(pack) {}
  void packet(PktKind kind, std::string_view payload) override;
  /// Throws Error(transient) when the flush was not seen: the pack may be cut.
  void finish() const;
  ByteCount pack_bytes() const { return pack_bytes_; }

 private:
  enum class State { start, acknowledgments, packfile, done };

  void count_chatter(std::string_view payload);
  void section(std::string_view title);
  void side_band(std::string_view payload);
  void note_complaints(std::string_view text);
  std::string last_words(std::string_view text) const;

  ByteSink& pack_;
  State state_ = State::start;
  std::string line_;        // of band 2, as far as it has come
  std::string complaints_;  // the lines of band 2 that speak of errors
  ByteCount pack_bytes_ = 0;
  ByteCount chatter_ = 0;  // of all that is no pack
};

}  // namespace hubkeep
