// Protocol v2 command fetch, asked for what stands before the pack alone: which commits lie at a depth
// (shallow-info), and, where the server filters, how many commits there are (the header of a pack without
// trees). The answer is dropped there; hardly a byte of the pack is sent.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_sink.h"
#include "git/fetch_features.h"
#include "git/oid.h"
#include "git/pkt_line.h"

namespace hubkeep {

struct HistoryQuestion {
  ObjectFormat format = ObjectFormat::sha1;
  std::vector<Oid> wants;
  std::vector<Oid> haves = {};
  std::uint32_t depth = 0;  // counted from the wants, which are at 1; 0: all of it
};

/// So many boundary commits are kept of an answer, and no more.
constexpr std::size_t kMostBoundaryCommits = 257;

struct HistoryAnswer {
  /// The commits at the depth, whose parents the server would leave out. None: all of it is within the depth.
  std::vector<Oid> boundary;
  /// Within the depth, and not reachable from the haves. Nothing where the server does not filter.
  std::optional<std::uint64_t> commits;

  friend bool operator==(const HistoryAnswer&, const HistoryAnswer&) = default;
};

/// The request's body. `features` must have `shallow` where there is a depth.
void write_history_body(const HistoryQuestion& question, const FetchFeatures& features,
                        std::string_view agent, ByteSink& body);

/// Reads the answer up to what was asked for. Throws Error as FetchResponseParser does; corrupt, too, for an
/// answer that does not come to its end.
class HistoryAnswerParser final : public PktHandler {
 public:
  HistoryAnswerParser(bool has_depth, bool counts);
  void packet(PktKind kind, std::string_view payload) override;
  /// Whether all is there that was asked for: what follows is of no use.
  bool is_whole() const { return state_ == State::done; }
  /// Throws Error(transient) where the answer ended before that.
  HistoryAnswer finish();

 private:
  enum class State { start, boundary, pack, done };

  void limit(std::string_view payload);
  void section(std::string_view title);
  void boundary_line(std::string_view line);
  void side_band(std::string_view payload);

  const bool counts_;
  State state_ = State::start;
  bool awaits_boundary_;
  std::string header_;  // of the pack
  HistoryAnswer answer_;
  ByteCount received_ = 0;
};

}  // namespace hubkeep
