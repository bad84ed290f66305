#include "sim/body_filters.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>

namespace hubkeep::sim {

namespace {

constexpr std::size_t kBandHeader = 5;  // four digits of length, one byte of band

/// Cuts a body into whole pkt-lines.
class PacketReader {
 public:
  explicit PacketReader(BodySource body) : body_(std::move(body)) {}

  /// The next packet with its length digits; what is no whole packet comes as it is; "" at the end.
  std::string next() {
    while (true) {
      if (auto size = packet_size(); size && buffer_.size() >= *size) {
        std::string out = buffer_.substr(0, *size);
        buffer_.erase(0, *size);
        return out;
      }
      std::string more = body_();
      if (more.empty()) return std::exchange(buffer_, "");
      buffer_ += more;
    }
  }

 private:
  std::optional<std::size_t> packet_size() const {
    if (buffer_.size() < 4) return std::nullopt;
    std::size_t size = 0;
    auto result = std::from_chars(buffer_.data(), buffer_.data() + 4, size, 16);
    if (result.ptr != buffer_.data() + 4) return buffer_.size();
    return std::max<std::size_t>(size, 4);
  }

  BodySource body_;
  std::string buffer_;
};

bool is_pack_data(std::string_view packet) {
  return packet.size() > kBandHeader && packet[4] == '\x01';
}

}  // namespace

std::size_t PackMeter::pass(std::string_view piece, std::uint64_t most) {
  std::size_t passed = 0;
  while (passed < piece.size()) {
    if (left_ == 0) {
      length_ += piece[passed++];
      if (length_.size() < 4) continue;
      std::size_t size = 0;
      std::from_chars(length_.data(), length_.data() + length_.size(), size, 16);
      length_.clear();
      left_ = size > 4 ? size - 4 : 0;
      is_band_ = true;
    } else if (std::exchange(is_band_, false)) {
      is_pack_ = piece[passed++] == '\x01';
      --left_;
    } else {
      std::size_t size = std::min(left_, piece.size() - passed);
      if (is_pack_ && most == 0) return passed;
      if (is_pack_) {
        size = static_cast<std::size_t>(std::min<std::uint64_t>(size, most));
        most -= size;
        pack_bytes_ += size;
      }
      passed += size;
      left_ -= size;
    }
  }
  return passed;
}

BodySource stop_pack(BodySource body, PackStop stop) {
  return
      [body = std::move(body), stop = std::move(stop), meter = PackMeter(), held = std::string()]() mutable {
        if (held.empty()) held = body();
        const std::uint64_t sent = stop.sent->load();
        const bool has_stopped = sent > stop.bytes;
        const std::uint64_t before = meter.pack_bytes();
        const std::size_t passed = meter.pass(held, has_stopped ? PackMeter::kAll : stop.bytes - sent);
        if (!has_stopped) *stop.sent += meter.pack_bytes() - before;
        if (passed == 0 && !held.empty()) {
          if (!stop.again) ++*stop.sent;
          stop.stop();
          throw ConnectionCut();
        }
        std::string out = held.substr(0, passed);
        held.erase(0, passed);
        return out;
      };
}

std::string packet(std::string_view payload) {
  return fmt::format("{:04x}{}", payload.size() + 4, payload);
}

std::string pack_answer(const std::vector<std::string>& sections, std::string_view pack) {
  constexpr std::size_t kMostInAPacket = 65'515;  // gitprotocol-common: 65520 with length and band
  std::string answer;
  for (const std::string& section : sections) answer += section + "0001";
  answer += packet("packfile\n");
  for (; !pack.empty(); pack.remove_prefix(std::min(pack.size(), kMostInAPacket)))
    answer += packet("\x01" + std::string(pack.substr(0, kMostInAPacket)));
  return answer + "0000";
}

BodySource cut_after(BodySource body, std::uint64_t bytes, BodyEnd end) {
  return [body = std::move(body), left = bytes, end]() mutable -> std::string {
    std::string piece = left > 0 ? body() : "";
    if (piece.size() > left) piece.resize(left);
    left -= piece.size();
    if (piece.empty() && end == BodyEnd::broken) throw ConnectionCut();
    return piece;
  };
}

BodySource without_tail(BodySource body, std::size_t size) {
  return [body = std::move(body), size, held = std::string()]() mutable -> std::string {
    while (true) {
      std::string piece = body();
      if (piece.empty()) return "";
      held += piece;
      if (held.size() <= size) continue;
      std::string out = held.substr(0, held.size() - size);
      held.erase(0, out.size());
      return out;
    }
  };
}

BodySource drip(BodySource body, std::uint64_t bytes_per_second,
                std::function<bool(std::chrono::milliseconds)> pause) {
  constexpr std::chrono::milliseconds kTick{50};
  std::uint64_t per_tick = std::max<std::uint64_t>(bytes_per_second * 50 / 1000, 1);
  auto tick = std::max(
      kTick, std::chrono::milliseconds(per_tick * 1000 / std::max<std::uint64_t>(bytes_per_second, 1)));
  return [body = std::move(body), pause = std::move(pause), per_tick, tick, held = std::string()]() mutable {
    if (held.empty()) held = body();
    if (!held.empty() && !pause(tick)) throw ConnectionCut();
    std::string out = held.substr(0, per_tick);
    held.erase(0, out.size());
    return out;
  };
}

BodySource fatal_band(BodySource body, std::string text, std::uint64_t after) {
  auto reader = std::make_shared<PacketReader>(std::move(body));
  return [reader, text = std::move(text), left = after, done = false]() mutable -> std::string {
    if (done) return "";
    std::string next = reader->next();
    if (!is_pack_data(next)) return next;
    std::uint64_t size = next.size() - kBandHeader;
    if (size < left) {
      left -= size;
      return next;
    }
    done = true;
    std::string kept = left > 0 ? packet(std::string_view(next).substr(4, 1 + left)) : "";
    return kept + packet("\x03" + text + "\n");
  };
}

BodySource flip_pack_bit(BodySource body, std::uint64_t offset, unsigned bit) {
  auto reader = std::make_shared<PacketReader>(std::move(body));
  return [reader, offset, bit, position = std::uint64_t{0}]() mutable {
    std::string next = reader->next();
    if (!is_pack_data(next)) return next;
    std::uint64_t size = next.size() - kBandHeader;
    if (offset >= position && offset < position + size) {
      char& byte = next[kBandHeader + (offset - position)];
      byte = static_cast<char>(byte ^ (1 << (bit % 8)));
    }
    position += size;
    return next;
  };
}

BodySource flip_bit(BodySource body, std::uint64_t offset, unsigned bit) {
  return [body = std::move(body), offset, bit, position = std::uint64_t{0}]() mutable {
    std::string piece = body();
    if (offset >= position && offset < position + piece.size()) {
      char& byte = piece[offset - position];
      byte = static_cast<char>(byte ^ (1 << (bit % 8)));
    }
    position += piece.size();
    return piece;
  };
}

BodySource wrong_trailer(BodySource body) {
  auto reader = std::make_shared<PacketReader>(std::move(body));
  return [reader, held = std::string()]() mutable -> std::string {
    while (true) {
      std::string next = reader->next();
      if (is_pack_data(next)) {
        std::swap(held, next);
        if (!next.empty()) return next;
        continue;
      }
      if (held.empty()) return next;
      // Progress may come between two packets of the pack; only a flush or the end is what follows the last.
      if (!next.empty() && next != "0000") return next;
      held.back() = static_cast<char>(held.back() ^ 1);
      return std::exchange(held, "") + next;
    }
  };
}

}  // namespace hubkeep::sim
