#include "e2e/lying_packs.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <sstream>
#include <string_view>

#include "crypto/hash.h"
#include "sim/body_filters.h"
#include "sim/git_worker.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;

using Objects = std::vector<std::string>;

constexpr std::size_t kHeader = 12;   // "PACK", version, number of objects
constexpr std::size_t kTrailer = 20;  // SHA-1
constexpr int kBlob = 3;
constexpr int kRefDelta = 7;

std::string big_endian(std::uint32_t number) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(number >> shift);
  return bytes;
}

Objects lines_of(const std::string& text) {
  Objects lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::string joined(const Objects& objects) {
  std::string text;
  for (const std::string& object : objects) text += object + "\n";
  return text;
}

// zlib (RFC 1950) around stored blocks (RFC 1951, 3.2.4), for less than 64 KiB.
std::string stored_zlib(std::string_view bytes) {
  std::uint32_t a = 1;
  std::uint32_t b = 0;
  for (const char byte : bytes) {
    a = (a + static_cast<unsigned char>(byte)) % 65521;
    b = (b + a) % 65521;
  }
  const auto size = static_cast<std::uint16_t>(bytes.size());
  std::string out = "\x78\x01\x01";
  for (const auto number : {size, static_cast<std::uint16_t>(~size)})
    out += {static_cast<char>(number), static_cast<char>(number >> 8)};
  return out.append(bytes) + big_endian((b << 16) | a);
}

// Groups of seven bits, the lowest first (gitformat-pack, "size encoding").
std::string size_bytes(std::size_t size) {
  std::string bytes;
  for (; size >= 0x80; size >>= 7) bytes += static_cast<char>(0x80 | (size & 0x7f));
  return bytes + static_cast<char>(size);
}

std::string raw_oid(std::string_view hex) {
  std::string raw;
  for (std::size_t i = 0; i < hex.size(); i += 2)
    raw += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  return raw;
}

std::string entry(int type, const std::string& more_head, std::string_view payload) {
  const std::size_t size = payload.size();
  std::string head(1, static_cast<char>((size > 15 ? 0x80 : 0) | (type << 4) | static_cast<int>(size & 15)));
  if (size > 15) head += size_bytes(size >> 4);
  return head + more_head + stored_zlib(payload);
}

// An entry that makes `content` from any base of that size: it only inserts.
std::string delta_entry(const std::string& base, std::size_t base_size, std::string_view content) {
  std::string delta = size_bytes(base_size) + size_bytes(content.size());
  for (; !content.empty(); content.remove_prefix(std::min<std::size_t>(content.size(), 127))) {
    const auto piece = content.substr(0, 127);
    delta += static_cast<char>(piece.size());
    delta += piece;
  }
  return entry(kRefDelta, raw_oid(base), delta);
}

std::string with_entries(const std::string& pack, std::size_t objects,
                         const std::vector<std::string>& entries) {
  std::string out = pack.substr(0, 8) + big_endian(static_cast<std::uint32_t>(objects + entries.size())) +
                    pack.substr(kHeader, pack.size() - kHeader - kTrailer);
  for (const std::string& entry : entries) out += entry;
  Hasher hasher(HashKind::sha1);
  hasher.write(out);
  return out + hasher.finish();
}

std::string object_of(const LyingServer& server, const std::string& name) {
  return sim::git(server.repository, {"rev-parse", name});
}

std::string content_of(const LyingServer& server, const std::string& blob) {
  return sim::run_checked({"git", "-C", server.repository.string(), "cat-file", "blob", blob}).out;
}

Objects without(Objects objects, const std::vector<std::string>& left_out) {
  for (const std::string& object : left_out) std::erase(objects, object);
  return objects;
}

sim::FetchAnswer answer_without(const LyingServer& server, const sim::FetchedObjects& asked,
                                const std::string& name) {
  return {pack_of(server.repository, without(server.objects_for(asked), {object_of(server, name)}))};
}

// In place of dir/one and dir/two as a whole, deltas of these bases and sizes.
sim::FetchAnswer answer_with_deltas(const LyingServer& server, const sim::FetchedObjects& asked,
                                    const std::string& base_of_one, const std::string& base_of_two) {
  const std::string one = object_of(server, "main:dir/one");
  const std::string two = object_of(server, "main:dir/two");
  const auto content = [&](const std::string& blob) { return content_of(server, blob); };
  const Objects rest = without(server.objects_for(asked), {one, two});
  return {with_entries(
      pack_of(server.repository, rest), rest.size(),
      {delta_entry(base_of_one.empty() ? two : base_of_one, content(two).size(), content(one)),
       delta_entry(base_of_two.empty() ? one : base_of_two, content(one).size(), content(two))})};
}

}  // namespace

std::string pack_of(const fs::path& repository, const Objects& objects) {
  return sim::run_checked({"git", "-C", repository.string(), "pack-objects", "--stdout", "-q", "--window=0",
                           "--no-reuse-delta"},
                          {.in = joined(objects)})
      .out;
}

std::vector<std::string> LyingServer::objects_for(const sim::FetchedObjects& asked) const {
  std::string revisions = joined(asked.wants);
  for (const std::string& have : asked.haves) revisions += "^" + have + "\n";
  return lines_of(sim::run_checked({"git", "-C", repository.string(), "rev-list", "--objects",
                                    "--no-object-names", "--stdin"},
                                   {.in = revisions})
                      .out);
}

sim::FetchAnswer honest_answer(const LyingServer& server, const sim::FetchedObjects& asked) {
  return {pack_of(server.repository, server.objects_for(asked))};
}

sim::FetchAnswer answer_with_a_blob_twice(const LyingServer& server, const sim::FetchedObjects& asked) {
  const Objects objects = server.objects_for(asked);
  return {with_entries(pack_of(server.repository, objects), objects.size(),
                       {entry(kBlob, "", content_of(server, "main:dir/two"))})};
}

std::string whole_pack(const fs::path& repository) {
  return pack_of(repository,
                 lines_of(sim::git(repository, {"rev-list", "--objects", "--no-object-names", "--all"})));
}

const std::vector<Lie>& lies() {
  using Asked = const sim::FetchedObjects&;
  using Server = const LyingServer&;
  static const std::string kNowhere(40, '1');
  static const std::vector<Lie> kLies = {
      {"TheAnswerOfAnEarlierTime",
       [](Server server, Asked) { return sim::FetchAnswer{server.earlier_pack}; }},
      {"ThePackOfAnotherRepository",
       [](Server server, Asked) { return sim::FetchAnswer{whole_pack(server.another)}; }},
      {"WithoutABlob",
       [](Server server, Asked asked) { return answer_without(server, asked, "main:dir/two"); }},
      {"WithoutATree", [](Server server, Asked asked) { return answer_without(server, asked, "main:dir"); }},
      {"WithoutAParent", [](Server server, Asked asked) { return answer_without(server, asked, "main~1"); }},
      {"WithoutTheTip", [](Server server, Asked asked) { return answer_without(server, asked, "main"); }},
      {"ADeltaWhoseBaseIsNowhere",
       [](Server server, Asked asked) { return answer_with_deltas(server, asked, kNowhere, ""); }},
      {"ACycleOfDeltas",
       [](Server server, Asked asked) { return answer_with_deltas(server, asked, "", ""); }},
      {"NothingAtAll", [](Server server, Asked) { return sim::FetchAnswer{pack_of(server.repository, {})}; }},
      {"FewerObjectsThanTips",
       [](Server server, Asked) {
         return sim::FetchAnswer{pack_of(server.repository, {object_of(server, "main:dir/two")})};
       }},
      {"AShallowHistory",
       [](Server server, Asked asked) {
         sim::FetchAnswer answer = honest_answer(server, asked);
         answer.sections = {sim::packet("shallow-info\n") +
                            sim::packet("shallow " + object_of(server, "main"))};
         return answer;
       }},
  };
  return kLies;
}

}  // namespace hubkeep
