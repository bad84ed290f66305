// Protocol v2 command ls-refs: which refs there are (gitprotocol-v2).
#pragma once

#include <optional>
#include <string>

#include "git/pkt_line.h"
#include "git/ref.h"

namespace hubkeep {

/// What a list of refs may have in all: five million of them with long names.
constexpr ByteCount kMaxListingSize = ByteCount{1} << 30;

/// The request's body: peel, symrefs and unborn asked for.
std::string ls_refs_request(ObjectFormat format, std::string_view agent);

/// Reads the answer: lines `oid SP refname *(SP attribute)` or `unborn HEAD symref-target:…`, then a flush.
/// Throws Error: corrupt (no git protocol, a ref name that git does not allow, mixed object formats), and
/// what an ERR packet means.
class LsRefsParser final : public PktHandler {
 public:
  /// `limit`: how many bytes of lines are taken; past it Error(corrupt).
  explicit LsRefsParser(ByteCount limit = kMaxListingSize) : limit_(limit) {}
  void packet(PktKind kind, std::string_view payload) override;
  /// The refs, sorted, without test merges. Throws Error(transient) when the answer ended before its flush,
  /// as a proxy or an overloaded server may do, and when it was empty.
  RefState finish();

 private:
  void ref_line(std::string_view line);

  RefState state_;
  const ByteCount limit_;
  ByteCount received_ = 0;
  bool any_oid_ = false;
  bool done_ = false;
};

/// What a capability advertisement (GET info/refs with Git-Protocol: version=2) says.
struct Capabilities {
  bool version_2 = false;
  ObjectFormat format = ObjectFormat::sha1;
};

/// Reads the advertisement, with or without the "# service=git-upload-pack" preamble and its flush: GitHub
/// sends it, `git http-backend` does not.
class CapabilitiesParser final : public PktHandler {
 public:
  void packet(PktKind kind, std::string_view payload) override;
  Capabilities finish() const;

 private:
  Capabilities capabilities_;
  bool any_ = false;
};

/// Turns the text of an ERR packet into an Error: "not our ref" is not_found (list again), the rest forbidden
/// or transient.
[[noreturn]] void throw_remote_error(std::string_view text);

}  // namespace hubkeep
