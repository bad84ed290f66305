// Protocol v2 command ls-refs: which refs there are (gitprotocol-v2).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "git/fetch_features.h"
#include "git/left_out.h"
#include "git/pkt_line.h"
#include "git/ref.h"

namespace hubkeep {

/// What a list of refs may have in all: five million of them with long names.
constexpr ByteCount kMaxListingSize = ByteCount{1} << 30;

/// The request's body: peel, symrefs and unborn asked for.
std::string ls_refs_request(ObjectFormat format, std::string_view agent);

/// Reads the answer: lines `oid SP refname *(SP attribute)` or `unborn HEAD symref-target:…`, then a flush.
/// A name that git does not allow costs that ref alone. (Of names as long as a packet there is none: packed,
/// they are as good as others.) Throws Error: corrupt (no git protocol, mixed object formats, more such names
/// than kMaxLeftOut, or nothing else), and what an ERR packet means.
class LsRefsParser final : public PktHandler {
 public:
  /// `limit`: how many bytes of lines are taken; past it Error(corrupt).
  explicit LsRefsParser(ByteCount limit = kMaxListingSize) : limit_(limit) {}
  void packet(PktKind kind, std::string_view payload) override;
  /// The refs, sorted, without test merges. Throws Error(transient) when the answer ended before its flush,
  /// as a proxy or an overloaded server may do, and when it was empty.
  RefState finish();
  /// After finish(): what is not among them, sorted by name. A HEAD that names a branch which git does not
  /// allow is one of these, and in the state detached at its object.
  std::vector<LeftOutRef> take_left_out() { return std::move(left_out_); }

 private:
  void ref_line(std::string_view line);
  void head_line(std::optional<Oid> oid, std::string_view target);
  void check_format(const Oid& oid);
  void leave_out(std::string_view name, std::optional<Oid> oid, std::string why);
  void leave_out_what_is_listed_twice();
  void require_something() const;

  RefState state_;
  const ByteCount limit_;
  ByteCount received_ = 0;
  std::vector<LeftOutRef> left_out_;
  bool any_oid_ = false;
  bool done_ = false;
};

/// What a capability advertisement (GET info/refs with Git-Protocol: version=2) says.
struct Capabilities {
  bool version_2 = false;
  ObjectFormat format = ObjectFormat::sha1;
  FetchFeatures fetch = {};
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
/// or refused.
[[noreturn]] void throw_remote_error(std::string_view text);

/// The object of which the server says in `message` that it does not have it, though it was asked for what
/// had just been listed.
std::optional<Oid> object_not_there(std::string_view message);

}  // namespace hubkeep
