#include "git/pkt_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/error.h"
#include "base/text.h"

namespace hubkeep {
namespace {

constexpr std::size_t kLengthDigits = 4;

std::size_t parse_length(std::string_view digits) {
  std::size_t length = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), length, 16);
  if (error != std::errc{} || end != digits.data() + digits.size() || length == 3 || length > kMaxPktSize) {
    throw Error(
        ErrorKind::corrupt,
        fmt::format("the server's answer is not git's protocol: '{}' where a packet length must stand",
                    printable(digits)));
  }
  return length;
}

}  // namespace

std::string pkt_line(std::string_view payload) {
  return fmt::format("{:04x}{}", payload.size() + kLengthDigits, payload);
}

void PktLineDecoder::write(std::string_view bytes) {
  // Most packets lie whole in what libcurl hands over; only the one across the border is copied.
  while (!pending_.empty() && !bytes.empty()) {
    const std::size_t wanted =
        pending_.size() < kLengthDigits
            ? kLengthDigits
            : std::max(kLengthDigits, parse_length(std::string_view(pending_).substr(0, kLengthDigits)));
    const std::size_t taken = std::min(wanted - pending_.size(), bytes.size());
    pending_.append(bytes.substr(0, taken));
    bytes.remove_prefix(taken);
    if (decode(pending_) > 0) pending_.clear();
  }
  bytes.remove_prefix(decode(bytes));
  pending_.append(bytes);
}

std::size_t PktLineDecoder::decode(std::string_view bytes) {
  std::size_t done = 0;
  while (bytes.size() - done >= kLengthDigits) {
    const std::size_t length = parse_length(bytes.substr(done, kLengthDigits));
    if (length < kLengthDigits) {
      handler_.packet(length == 0   ? PktKind::flush
                      : length == 1 ? PktKind::delimiter
                                    : PktKind::response_end,
                      {});
      done += kLengthDigits;
      continue;
    }
    if (bytes.size() - done < length) break;
    handler_.packet(PktKind::data, bytes.substr(done + kLengthDigits, length - kLengthDigits));
    done += length;
  }
  return done;
}

void PktLineDecoder::finish() const {
  if (!pending_.empty()) throw Error(ErrorKind::transient, "the server's answer ends inside a packet");
}

std::string_view pkt_text(std::string_view payload) {
  if (payload.ends_with('\n')) payload.remove_suffix(1);
  return payload;
}

}  // namespace hubkeep
