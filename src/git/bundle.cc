// The header is lines up to an empty one; behind that, bytes are the pack's and are handed on untouched. A
// server's ref may be as long as a packet, and so may a line. See
// BundleReader.ReadsTheLongestNameThatAServerCanSend.
#include "git/bundle.h"

#include "base/error.h"
#include "base/text.h"
#include "git/pkt_line.h"

namespace hubkeep {
namespace {

constexpr std::string_view kSignatureV2 = "# v2 git bundle";
constexpr std::string_view kSignatureV3 = "# v3 git bundle";
constexpr std::string_view kObjectFormat = "@object-format=";
constexpr std::size_t kMaxLine = kMaxPktSize;  // a server cannot name a longer ref

[[noreturn]] void fail(std::string_view what, std::string_view line) {
  throw Error(ErrorKind::corrupt, std::string(what) + ": " + printable(line.substr(0, 200)));
}

}  // namespace

ByteCount write_bundle_header(const BundleHeader& header, ByteSink& to) {
  ByteCount size = 0;
  const auto write = [&](std::string_view text) {
    to.write(text);
    size += text.size();
  };
  // Version 3 only where it is needed: older gits read version 2 alone.
  if (header.format == ObjectFormat::sha256) {
    write(std::string(kSignatureV3) + "\n" + std::string(kObjectFormat) + "sha256\n");
  } else {
    write(std::string(kSignatureV2) + "\n");
  }
  for (const Oid& oid : header.prerequisites) write("-" + oid.hex() + " \n");
  for (const Ref& ref : header.refs) write(ref.oid.hex() + " " + ref.name + "\n");
  write("\n");
  return size;
}

void BundleReader::write(std::string_view bytes) {
  while (!in_pack_ && !bytes.empty()) {
    const auto end = bytes.find('\n');
    const auto piece = bytes.substr(0, end);
    if (pending_.size() + piece.size() > kMaxLine)
      fail("not a bundle: a line of the header is too long", piece);
    pending_.append(piece);
    if (end == std::string_view::npos) return;
    bytes.remove_prefix(end + 1);
    header_size_ += pending_.size() + 1;
    line(pending_);
    pending_.clear();
  }
  if (!bytes.empty()) pack_.write(bytes);
}

void BundleReader::line(std::string_view text) {
  if (signature_.empty()) {
    if (text != kSignatureV2 && text != kSignatureV3) fail("not a bundle: unknown first line", text);
    signature_ = text;
    return;
  }
  if (text.empty()) {
    in_pack_ = true;
    return;
  }
  if (text.starts_with(kObjectFormat)) {
    const auto format = parse_object_format(text.substr(kObjectFormat.size()));
    if (!format) fail("bundle: unknown object format", text);
    const bool first = header_.prerequisites.empty() && header_.refs.empty();
    if (signature_ != kSignatureV3 || !first) fail("bundle: an object format where none may stand", text);
    header_.format = *format;
    return;
  }
  const bool prerequisite = text.starts_with('-');
  if (prerequisite) text.remove_prefix(1);
  const auto space = text.find(' ');
  const auto oid = Oid::parse(text.substr(0, space));
  if (!oid || oid->format() != header_.format || space == std::string_view::npos)
    fail("bundle: no ref line", text);
  const auto name = text.substr(space + 1);
  if (prerequisite) {
    header_.prerequisites.push_back(*oid);
  } else if (name == "HEAD" || is_valid_ref_name(name)) {
    header_.refs.add(name, *oid);
  } else {
    fail("bundle: a ref name that git does not allow", name);
  }
}

void BundleReader::finish() const {
  if (!in_pack_) throw Error(ErrorKind::corrupt, "the bundle ends inside its header");
}

}  // namespace hubkeep
