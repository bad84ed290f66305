// Packs built as the input says, so that fuzzing gets past checksums: what the scanner must say is known.
// An object's zlib stream is made by zlib, or is the input's own bytes: then zlib tells whether they are any
// good. Last comes, perhaps, one kind of damage.

#include <zlib.h>

#include <algorithm>
#include <array>
#include <vector>

#include "crypto/hash.h"
#include "fuzz/fuzz_support.h"
#include "git/pack_scanner.h"

using namespace hubkeep;

namespace {

constexpr std::size_t kMaxEntries = 12;
constexpr std::size_t kLargeObject = 1100 << 10;  // more than the scanner inflates in one go
constexpr unsigned kOfsDelta = 6;
constexpr unsigned kRefDelta = 7;
constexpr std::array<unsigned, 6> kTypes = {1, 2, 3, 4, kOfsDelta, kRefDelta};

enum Damage : unsigned {
  kNone,
  kByte,      // one of them changed
  kCut,       // the end is missing
  kTail,      // something follows
  kCount,     // in the pack's header, one too many or too few
  kSize,      // in an entry's header
  kBase,      // a delta's base lies nowhere
  kChecksum,  // of a zlib stream
  kDelta,     // cannot be applied
  kDamages
};

// What of the recipe has not been used; zeros after its end.
class Recipe {
 public:
  explicit Recipe(std::string_view bytes) : rest_(bytes) {}
  bool empty() const { return rest_.empty(); }
  unsigned byte() {
    const auto taken = take(1);
    return taken.empty() ? 0 : static_cast<unsigned char>(taken.front());
  }
  unsigned number() {
    const unsigned high = byte();
    return high << 8U | byte();
  }
  std::string_view take(std::size_t size) {
    const auto taken = rest_.substr(0, size);
    rest_.remove_prefix(taken.size());
    return taken;
  }

 private:
  std::string_view rest_;
};

const Bytef* as_bytes(std::string_view text) {
  return reinterpret_cast<const Bytef*>(text.data());
}

std::string big_endian(std::uint64_t value) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8)
    out += static_cast<char>(value >> static_cast<unsigned>(shift));
  return out;
}

std::string deflated(std::string_view bytes, int level, int strategy, int flush) {
  z_stream stream{};
  constexpr int kRaw = -15;
  fuzz::require(deflateInit2(&stream, level, Z_DEFLATED, kRaw, 8, strategy) == Z_OK, "zlib starts");
  std::string out(deflateBound(&stream, static_cast<uLong>(bytes.size())) + 64, '\0');
  stream.next_in = const_cast<Bytef*>(as_bytes(bytes));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, flush);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

enum class Verdict { whole, damaged, unfinished };

struct Inflated {
  Verdict verdict = Verdict::unfinished;
  std::string output;
  std::size_t used = 0;  // of the input
};

Inflated inflated(std::string_view raw) {
  z_stream stream{};
  inflateInit2(&stream, -15);
  std::string buffer(64 << 10, '\0');
  stream.next_in = const_cast<Bytef*>(as_bytes(raw));
  stream.avail_in = static_cast<uInt>(raw.size());
  Inflated result;
  int code = Z_OK;
  while (code == Z_OK) {
    stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream.avail_out = static_cast<uInt>(buffer.size());
    code = inflate(&stream, Z_NO_FLUSH);
    result.output.append(buffer, 0, buffer.size() - stream.avail_out);
  }
  result.used = stream.total_in;
  if (code == Z_STREAM_END) result.verdict = Verdict::whole;
  if (code == Z_DATA_ERROR) result.verdict = Verdict::damaged;
  inflateEnd(&stream);
  return result;
}

struct Object {
  Verdict verdict = Verdict::whole;
  std::uint64_t size = 0;
  std::string stream;       // zlib's
  std::uint64_t makes = 0;  // as an object: a delta makes another size than its own
};

Object object_of(const std::string& raw, std::string_view content, Verdict verdict) {
  const auto checksum = adler32(1, as_bytes(content), static_cast<uInt>(content.size()));
  return {verdict, content.size(), "\x78\x9c" + raw + big_endian(checksum), content.size()};
}

// A pattern, repeated, deflated in one of zlib's ways.
Object made_by_zlib(Recipe& recipe) {
  const unsigned way = recipe.byte();
  const std::string pattern(recipe.take(recipe.byte() % 64U));
  const std::size_t times = way >= 192 ? recipe.number() : recipe.byte();
  std::string content;
  for (std::size_t i = 0; i < times && content.size() <= kLargeObject; ++i) content += pattern;
  const int level = static_cast<int>(way % 10);
  const int strategy = static_cast<int>(way / 10 % 5);  // Z_DEFAULT_STRATEGY to Z_FIXED
  return object_of(deflated(content, level, strategy, Z_FINISH), content, Verdict::whole);
}

std::string delta_size(std::uint64_t size) {
  std::string out;
  for (; size > 127; size >>= 7U) out += static_cast<char>((size & 127U) | 128U);
  return out + static_cast<char>(size);
}

// Copies of up to 16 bytes, and bytes to insert; perhaps so many that the scanner inflates in small steps.
Object made_delta(Recipe& recipe, std::uint64_t base_size, unsigned lie) {
  const unsigned way = recipe.byte();
  const std::size_t times = way >= 250 ? 8'000 : 1 + way % 4;
  const std::string piece = std::string(recipe.take(recipe.byte() % 64U)) + "i";
  std::string instructions;
  std::uint64_t makes = 0;
  for (std::size_t i = 0; i < times; ++i) {
    const unsigned offset = recipe.byte();
    if (base_size > offset) {
      const auto size = std::min<std::uint64_t>(base_size - offset, 1 + offset % 16);
      instructions += {'\x91', static_cast<char>(offset), static_cast<char>(size)};
      makes += size;
    }
    instructions += static_cast<char>(piece.size()) + piece;
    makes += piece.size();
  }
  if (lie == 1) instructions += "\x9f\xff\xff\xff\xff\x01";  // copied from beyond every base here
  const std::string content = delta_size(base_size) +
                              delta_size(lie == 2   ? makes + 1
                                         : lie == 3 ? makes - 1
                                                    : makes) +
                              instructions;
  Object object = object_of(deflated(content, static_cast<int>(way % 10), Z_DEFAULT_STRATEGY, Z_FINISH),
                            content, Verdict::whole);
  object.makes = makes;
  return object;
}

// Whatever the input says is deflated data, perhaps after so much that the scanner inflates in small steps.
Object made_by_input(Recipe& recipe, bool large) {
  static const std::string kZeros =
      deflated(std::string(kLargeObject, '\0'), 9, Z_DEFAULT_STRATEGY, Z_FULL_FLUSH);
  std::string raw = (large ? kZeros : std::string()) + std::string(recipe.take(recipe.byte()));
  const Inflated result = inflated(raw);
  if (result.verdict == Verdict::whole) raw.resize(result.used);
  return object_of(raw, result.output, result.verdict);
}

std::string size_header(unsigned type, std::uint64_t size) {
  std::string out(1, static_cast<char>(type << 4U | (size & 15U)));
  for (size >>= 4U; size != 0; size >>= 7U) {
    out.back() = static_cast<char>(out.back() | '\x80');
    out += static_cast<char>(size & 127U);
  }
  return out;
}

std::string offset_header(std::uint64_t distance) {
  std::string out(1, static_cast<char>(distance & 127U));
  while ((distance >>= 7U) != 0) out.insert(0, 1, static_cast<char>(128U | (--distance & 127U)));
  return out;
}

struct Built {
  ObjectFormat format = ObjectFormat::sha1;
  std::string pack;
  unsigned objects = 0;
  unsigned deltas = 0;
  Damage damage = kNone;
  Verdict worst = Verdict::whole;
};

class Builder {
 public:
  explicit Builder(std::string_view input) : recipe_(input) {
    const unsigned flags = recipe_.byte();
    built_.format = (flags & 1U) != 0 ? ObjectFormat::sha256 : ObjectFormat::sha1;
    version_ = (flags & 2U) != 0 ? 3 : 2;
    wanted_damage_ = static_cast<Damage>((flags >> 2U) % kDamages);
    damage_at_ = recipe_.number();
  }

  Built build() {
    std::string& pack = built_.pack;
    pack = "PACK" + big_endian(version_) + big_endian(0);
    while (!recipe_.empty() && built_.objects < kMaxEntries && built_.worst == Verdict::whole) add_entry();
    unsigned count = built_.objects;
    if (inflicts(kCount)) count = damage_at_ % 2 == 0 || count == 0 ? count + 1 : count - 1;
    pack.replace(8, 4, big_endian(count));
    Hasher hasher(built_.format == ObjectFormat::sha1 ? HashKind::sha1 : HashKind::sha256);
    hasher.write(pack);
    pack += hasher.finish();
    damage_whole();
    return std::move(built_);
  }

 private:
  bool inflicts(Damage damage) {
    if (wanted_damage_ != damage || built_.damage != kNone) return false;
    built_.damage = damage;
    return true;
  }
  bool inflicts_here(Damage damage) { return built_.objects == damage_at_ % 8 && inflicts(damage); }

  void add_entry() {
    const unsigned kind = recipe_.byte();
    unsigned type = kTypes.at(kind % kTypes.size());
    if (type == kOfsDelta && starts_.empty()) type = kRefDelta;
    const unsigned maker = kind / 6 % 4;
    Base base;
    if (type == kOfsDelta) base = choose_base();
    if (type == kRefDelta) base.size = recipe_.number();
    Object object = type >= kOfsDelta
                        ? made_delta(recipe_, base.size, inflicts_here(kDelta) ? 1 + damage_at_ / 8 % 3 : 0)
                    : maker < 2 ? made_by_zlib(recipe_)
                                : made_by_input(recipe_, maker == 3);
    if (inflicts_here(kSize)) object.size = wrong_size(object.size);
    if (inflicts_here(kChecksum)) object.stream.back() = static_cast<char>(object.stream.back() ^ 1);
    std::string header = size_header(type, object.size);
    if (type == kOfsDelta) header += offset_header(base.distance);
    if (type == kRefDelta) header += std::string(raw_size(built_.format), 'o');
    starts_.push_back({built_.pack.size(), object.makes});
    built_.pack += header + object.stream;
    ++built_.objects;
    if (type >= kOfsDelta) ++built_.deltas;
    built_.worst = object.verdict;
  }

  std::uint64_t wrong_size(std::uint64_t size) const {
    constexpr std::uint64_t kHuge = (std::uint64_t{1} << 60) - 1;
    switch (damage_at_ / 8 % 4) {
      case 0:
        return size + 1;
      case 1:
        return size == 0 ? 1 : size - 1;
      case 2:
        return size + kLargeObject;
      default:
        return kHuge;
    }
  }

  struct Base {
    std::uint64_t distance = 0;
    std::uint64_t size = 0;
  };
  Base choose_base() {
    const std::size_t here = built_.pack.size();
    if (inflicts_here(kBase)) return {damage_at_ % 16 < 8 ? 0 : here + damage_at_, 1};
    const Start& start = starts_.at(recipe_.byte() % starts_.size());
    return {here - start.offset, start.size};
  }

  void damage_whole() {
    std::string& pack = built_.pack;
    const std::size_t at = damage_at_ % pack.size();
    if (inflicts(kByte)) pack[at] = static_cast<char>(pack[at] ^ (1 << (damage_at_ / 256U % 8U)));
    if (inflicts(kCut)) pack.resize(at);
    if (inflicts(kTail)) pack += std::string(1 + damage_at_ % 40, static_cast<char>(damage_at_ / 256U));
  }

  Recipe recipe_;
  Built built_;
  unsigned version_ = 2;
  Damage wanted_damage_ = kNone;
  unsigned damage_at_ = 0;
  struct Start {
    std::size_t offset;
    std::uint64_t size;  // of the object
  };
  std::vector<Start> starts_;  // of the entries
};

void check(const Built& built, const PackSummary& summary, const fuzz::Outcome& outcome) {
  if (built.worst == Verdict::unfinished) return;  // what follows was taken for the rest of the stream
  if (built.worst == Verdict::damaged || built.damage != kNone) {
    fuzz::require(outcome.error.has_value(), "a damaged pack is refused");
    const bool cut_only = built.worst == Verdict::whole && built.damage == kCut;
    fuzz::require(!cut_only || outcome.error == ErrorKind::transient, "a cut pack is worth another try");
    return;
  }
  fuzz::require(!outcome.error, "a whole pack is accepted");
  fuzz::require(summary.bytes == built.pack.size(), "every byte is counted");
  fuzz::require(summary.objects == built.objects, "every object is counted");
  fuzz::require(summary.deltas == built.deltas, "every delta is counted");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Built built = Builder(fuzz::as_text(data, size)).build();
  PackSummary summary;
  const auto outcome = fuzz::same_however_cut(built.pack, [&](const fuzz::Feed& feed, std::string&) {
    PackScanner scanner(built.format);
    feed(scanner);
    summary = scanner.finish();
  });
  check(built, summary, outcome);
  return 0;
}
