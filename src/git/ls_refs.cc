// Lines are taken one by one into a packed list; what is wrong with a single name costs that ref alone and is
// reported as left out, and what is wrong with the answer as such ends it. At the end the list is sorted, for
// servers that do not, and names that are listed twice are settled: if both say the same, one of them stays,
// else neither.
#include "git/ls_refs.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "base/error.h"
#include "base/text.h"

namespace hubkeep {
namespace {

constexpr std::string_view kErrorPrefix = "ERR ";
constexpr std::size_t kMaxRefs = 5'000'000;  // ten times the most that is known of; an endless list ends here
constexpr std::string_view kNotOurRef = "not our ref";  // upload-pack.c
constexpr std::string_view kSymrefTarget = "symref-target:";

std::optional<std::string> symref_target(const std::vector<std::string_view>& fields) {
  for (const auto field : fields) {
    if (field.starts_with(kSymrefTarget)) return std::string(field.substr(kSymrefTarget.size()));
  }
  return std::nullopt;
}

// What of a name is shown and kept where git does not allow it.
// Names are as long as a packet: 65,000 bytes.
constexpr std::size_t kShownName = 300;
constexpr std::string_view kNotAllowed = "git does not allow the name";

// `git upload-pack` of protocol version 0 lists what a tag names in a line of its own.
bool is_peeled(std::string_view name) {
  return name.ends_with("^{}");
}

Error no_ref(std::string_view line) {
  return {ErrorKind::corrupt, "not a ref: " + printable(line.substr(0, 200))};
}

bool is_sorted_by_name(const RefList& refs) {
  std::string before;
  for (const Ref& ref : refs) {
    if (ref.name < before) return false;
    before = ref.name;
  }
  return true;
}

RefList sorted_by_name(const RefList& refs) {
  std::vector<Ref> sorted(refs.begin(), refs.end());
  std::sort(sorted.begin(), sorted.end(),
            [](const Ref& a, const Ref& b) { return a.name != b.name ? a.name < b.name : a.oid < b.oid; });
  return RefList(sorted);
}

bool has_a_name_twice(const RefList& refs) {
  std::string before;
  for (const Ref& ref : refs) {
    if (ref.name == before) return true;
    before = ref.name;
  }
  return false;
}

}  // namespace

std::string ls_refs_request(ObjectFormat format, std::string_view agent) {
  std::string body = pkt_line("command=ls-refs\n");
  body += pkt_line(fmt::format("agent={}\n", agent));
  body += pkt_line(fmt::format("object-format={}\n", to_string(format)));
  body += kDelimiterPkt;
  body += pkt_line("peel\n") + pkt_line("symrefs\n") + pkt_line("unborn\n");
  body += kFlushPkt;
  return body;
}

void LsRefsParser::packet(PktKind kind, std::string_view payload) {
  if (done_) throw Error(ErrorKind::corrupt, "the server's list of refs goes on after its end");
  received_ += payload.size();
  if (received_ > limit_) {
    throw Error(
        ErrorKind::corrupt,
        fmt::format("the server's list of refs has more than {}{}", human_size(limit_),
                    limit_ < kMaxListingSize ? ": if so many are right, raise --memory, which sets this limit"
                                             : ", the most that hubkeep reads"));
  }
  if (kind == PktKind::flush) {
    done_ = true;
  } else if (kind == PktKind::data) {
    ref_line(pkt_text(payload));
  } else {
    throw Error(ErrorKind::corrupt, "the server's list of refs has a packet that does not belong there");
  }
}

void LsRefsParser::ref_line(std::string_view line) {
  if (line.starts_with(kErrorPrefix)) throw_remote_error(line.substr(kErrorPrefix.size()));
  const auto fields = split(line, ' ');
  if (fields.size() < 2) throw no_ref(line);
  const std::string_view name = fields[1];
  const std::string target = symref_target(fields).value_or("");
  if (fields[0] == "unborn") {
    if (name == "HEAD") head_line(std::nullopt, target);
    return;
  }
  const auto oid = Oid::parse(fields[0]);
  // A name of zeros would mean "gone" in the vault.
  if (!oid || oid->is_zero()) throw no_ref(line);
  check_format(*oid);
  if (name == "HEAD") return head_line(oid, target);
  // GitHub recomputes the test merges by itself: with them, few repositories would ever be unchanged.
  if (is_test_merge(name) || is_peeled(name)) return;
  if (!is_valid_ref_name(name)) return leave_out(name, oid, std::string(kNotAllowed));
  // The limit in bytes depends on --memory; this one holds anyway.
  if (state_.refs.size() == kMaxRefs) {
    throw Error(ErrorKind::corrupt, fmt::format("the server lists more than {} refs", kMaxRefs));
  }
  state_.refs.add(name, *oid);
}

void LsRefsParser::check_format(const Oid& oid) {
  // The format is seen by the length of the first name.
  if (any_oid_ && oid.format() != state_.format) {
    throw Error(ErrorKind::corrupt, "the server mixes SHA-1 and SHA-256 object names");
  }
  any_oid_ = true;
  state_.format = oid.format();
}

// HEAD stays usable without its branch: detached at its object, as a restore can write it.
void LsRefsParser::head_line(std::optional<Oid> oid, std::string_view target) {
  if (!target.empty() && !is_valid_ref_name(target)) {
    leave_out("HEAD", oid,
              fmt::format("it names {}, and {}", printable(target.substr(0, kShownName)), kNotAllowed));
    target = {};
  }
  state_.head = {.symref_target = std::string(target), .oid = oid};
}

void LsRefsParser::leave_out(std::string_view name, std::optional<Oid> oid, std::string why) {
  if (left_out_.size() == kMaxLeftOut) {
    throw Error(ErrorKind::corrupt,
                fmt::format("the server lists more than {} refs whose names git does not allow, such as {}",
                            kMaxLeftOut, printable(name.substr(0, kShownName))));
  }
  left_out_.push_back({.name = std::string(name.substr(0, kShownName)),
                       .oid = oid,
                       .why = std::move(why),
                       .is_unasked = true});
}

// Which of the two it is nobody knows, unless they are the same.
void LsRefsParser::leave_out_what_is_listed_twice() {
  RefList once;
  std::optional<Ref> last;
  bool differs = false;
  const auto take = [&] {
    if (last && !differs) once.push_back(*last);
  };
  for (const Ref& ref : state_.refs) {
    if (last && ref.name == last->name) {
      if (ref.oid == last->oid) continue;
      if (!differs)
        leave_out(ref.name, last->oid, fmt::format("the server lists it twice, also with {}", ref.oid.hex()));
      differs = true;
      continue;
    }
    take();
    last = ref;
    differs = false;
  }
  take();
  state_.refs = std::move(once);
}

// Where all names are such, it is no repository's list.
void LsRefsParser::require_something() const {
  const bool has_ref = !state_.refs.empty() || state_.head.oid;
  if (has_ref || left_out_.empty() || !left_out_.front().oid) return;
  throw Error(ErrorKind::corrupt,
              fmt::format("the server lists nothing but a ref that git does not allow: {}: {}",
                          printable(left_out_.front().name), left_out_.front().why));
}

RefState LsRefsParser::finish() {
  if (!done_) throw Error(ErrorKind::transient, "the server's list of refs is cut short");
  if (!is_sorted_by_name(state_.refs)) state_.refs = sorted_by_name(state_.refs);  // git sends them sorted
  if (has_a_name_twice(state_.refs)) leave_out_what_is_listed_twice();
  require_something();
  std::sort(left_out_.begin(), left_out_.end(), [](const LeftOutRef& a, const LeftOutRef& b) {
    return std::tie(a.name, a.why) < std::tie(b.name, b.why);
  });
  return std::move(state_);
}

// What matters of it is the version, the object format, and "fetch=shallow filter …".
void CapabilitiesParser::packet(PktKind kind, std::string_view payload) {
  if (kind != PktKind::data) return;
  any_ = true;
  const auto text = pkt_text(payload);
  constexpr std::string_view kObjectFormat = "object-format=";
  if (text.starts_with(kErrorPrefix)) throw_remote_error(text.substr(kErrorPrefix.size()));
  if (text == "version 2") capabilities_.version_2 = true;
  constexpr std::string_view kFetch = "fetch=";
  if (text.starts_with(kFetch)) {
    for (const auto feature : split(text.substr(kFetch.size()), ' ')) {
      if (feature == "shallow") capabilities_.fetch.shallow = true;
      if (feature == "filter") capabilities_.fetch.filter = true;
    }
  }
  if (text.starts_with(kObjectFormat)) {
    const auto format = parse_object_format(text.substr(kObjectFormat.size()));
    if (!format)
      throw Error(ErrorKind::invalid, "the server uses an unknown object format: " + printable(text));
    capabilities_.format = *format;
  }
}

Capabilities CapabilitiesParser::finish() const {
  if (!any_) throw Error(ErrorKind::transient, "the server's capability advertisement is empty");
  return capabilities_;
}

void throw_remote_error(std::string_view text) {
  const std::string shown = "the server says: " + printable(text.substr(0, 500));
  if (text.find(kNotOurRef) != std::string_view::npos) throw Error(ErrorKind::not_found, shown);
  if (text.find("access denied") != std::string_view::npos) throw Error(ErrorKind::forbidden, shown);
  throw Error(ErrorKind::refused, shown);
}

// "upload-pack: not our ref <oid>": a ref has moved between the list and the fetch.
std::optional<Oid> object_not_there(std::string_view message) {
  const auto begin = message.find(kNotOurRef);
  if (begin == std::string_view::npos) return std::nullopt;
  const auto rest = trim(message.substr(begin + kNotOurRef.size()));
  return Oid::parse(rest.substr(0, rest.find_first_not_of("0123456789abcdef")));
}

}  // namespace hubkeep
