#include "git/ls_refs.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/text.h"

namespace hubkeep {
namespace {

constexpr std::string_view kErrorPrefix = "ERR ";
constexpr std::size_t kMaxRefs = 5'000'000;  // ten times the most that is known of; an endless list ends here
constexpr std::string_view kSymrefTarget = "symref-target:";

std::optional<std::string> symref_target(const std::vector<std::string_view>& fields) {
  for (const auto field : fields) {
    if (field.starts_with(kSymrefTarget)) return std::string(field.substr(kSymrefTarget.size()));
  }
  return std::nullopt;
}

void check_ref_name(std::string_view name) {
  if (is_valid_ref_name(name)) return;
  throw Error(ErrorKind::corrupt, fmt::format("the server names a ref that git does not allow: {}",
                                              printable(name.substr(0, 300))));
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
  std::stable_sort(sorted.begin(), sorted.end(), [](const Ref& a, const Ref& b) { return a.name < b.name; });
  return RefList(sorted);
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
  if (fields.size() < 2) throw Error(ErrorKind::corrupt, "no ref: " + printable(line.substr(0, 200)));
  const auto target = symref_target(fields);
  if (target.has_value()) check_ref_name(*target);
  if (fields[0] == "unborn") {
    if (fields[1] == "HEAD") state_.head.symref_target = target.value_or("");
    return;
  }
  const auto oid = Oid::parse(fields[0]);
  // A name of zeros would mean "gone" in the vault.
  if (!oid || oid->is_zero()) throw Error(ErrorKind::corrupt, "no ref: " + printable(line.substr(0, 200)));
  if (any_oid_ && oid->format() != state_.format) {
    throw Error(ErrorKind::corrupt, "the server mixes SHA-1 and SHA-256 object names");
  }
  any_oid_ = true;
  state_.format = oid->format();
  if (fields[1] == "HEAD") {
    state_.head = {.symref_target = target.value_or(""), .oid = oid};
    return;
  }
  check_ref_name(fields[1]);
  if (state_.refs.size() == kMaxRefs) {
    throw Error(ErrorKind::corrupt, fmt::format("the server lists more than {} refs", kMaxRefs));
  }
  if (!is_test_merge(fields[1])) state_.refs.add(fields[1], *oid);
}

RefState LsRefsParser::finish() {
  if (!done_) throw Error(ErrorKind::transient, "the server's list of refs is cut short");
  if (!is_sorted_by_name(state_.refs)) state_.refs = sorted_by_name(state_.refs);  // git sends them sorted
  std::string before;
  for (const Ref& ref : state_.refs) {
    if (ref.name == before)
      throw Error(ErrorKind::corrupt, "the server lists a ref twice: " + printable(ref.name));
    before = ref.name;
  }
  return std::move(state_);
}

void CapabilitiesParser::packet(PktKind kind, std::string_view payload) {
  if (kind != PktKind::data) return;
  any_ = true;
  const auto text = pkt_text(payload);
  constexpr std::string_view kObjectFormat = "object-format=";
  if (text.starts_with(kErrorPrefix)) throw_remote_error(text.substr(kErrorPrefix.size()));
  if (text == "version 2") capabilities_.version_2 = true;
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
  if (text.find("not our ref") != std::string_view::npos) throw Error(ErrorKind::not_found, shown);
  if (text.find("access denied") != std::string_view::npos) throw Error(ErrorKind::forbidden, shown);
  throw Error(ErrorKind::transient, shown);
}

}  // namespace hubkeep
