// pkt-lines: four hexadecimal digits of length (themselves counted), then the payload.
//   0000 flush, 0001 delimiter, 0002 response end (gitprotocol-common, gitprotocol-v2).
#pragma once

#include <string>
#include <string_view>

#include "base/byte_sink.h"

namespace hubkeep {

enum class PktKind { data, flush, delimiter, response_end };

constexpr std::string_view kFlushPkt = "0000";
constexpr std::string_view kDelimiterPkt = "0001";
constexpr std::size_t kMaxPktSize = 65520;  // gitprotocol-common: LARGE_PACKET_MAX, length digits counted

/// One data pkt-line. `payload` has 1 to 65516 bytes.
std::string pkt_line(std::string_view payload);

/// Takes the packets that a decoder finds.
class PktHandler {
 public:
  PktHandler() = default;
  PktHandler(const PktHandler&) = delete;
  PktHandler& operator=(const PktHandler&) = delete;
  virtual ~PktHandler() = default;

  /// `payload` is empty for all kinds but data, and valid for this call only.
  virtual void packet(PktKind kind, std::string_view payload) = 0;
};

/// Cuts a byte stream into packets. Throws Error(corrupt) for a length that git does not allow.
class PktLineDecoder final : public ByteSink {
 public:
  explicit PktLineDecoder(PktHandler& handler) : handler_(handler) {}
  void write(std::string_view bytes) override;
  /// At the end of the stream. Throws Error(transient) inside a packet: the connection was cut.
  void finish() const;

 private:
  /// Hands on all whole packets at the start of `bytes`; returns how many bytes they took.
  std::size_t decode(std::string_view bytes);

  PktHandler& handler_;
  std::string pending_;  // the start of a packet whose end has not come yet
};

/// The payload without the one line feed that text packets may end with.
std::string_view pkt_text(std::string_view payload);

}  // namespace hubkeep
