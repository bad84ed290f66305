// A list of all refs, and at most one list of changes to it, each sorted by name, so that changes are found
// and applied in one walk over both. A ref that is gone is a change to an oid of zeros.
#include "vault/refs_object.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"
#include "git/ls_refs.h"
#include "vault/lines.h"

namespace hubkeep {
namespace {

// A line of the server's list is a packet, and all of it is no more than kMaxListingSize.
constexpr LineLimits kRefsLimits{.line = kMaxPktSize, .total = kMaxListingSize};

Ref parse_line(std::string_view line) {
  const auto space = line.find(' ');
  const auto oid = Oid::parse(line.substr(0, space));
  if (space == std::string_view::npos || !oid || !is_valid_ref_name(line.substr(space + 1))) {
    throw Error(ErrorKind::corrupt, "no line of a refs object: " + printable(line.substr(0, 300)));
  }
  return {std::string(line.substr(space + 1)), *oid};
}

RefList read_one(VaultObjects& objects, const std::string& folder, const ObjectRecord& record,
                 const std::stop_token& stop) {
  RefList refs;
  std::string before;
  LineSplitter lines(
      [&](std::string_view line) {
        Ref ref = parse_line(line);
        if (before >= ref.name) throw Error(ErrorKind::corrupt, "refs are not in order");
        refs.push_back(ref);
        before = std::move(ref.name);
      },
      kRefsLimits);
  objects.read(folder, record, lines, stop);
  with_context(resolve_key(folder, record.key), [&] { lines.finish(); });
  return refs;
}

Oid zero_oid(ObjectFormat format) {
  return Oid::parse(std::string(hex_size(format), '0')).value_or(Oid());
}

// Walks two lists that are sorted by name, as one does when merging them.
template <typename OnlyLeft, typename OnlyRight, typename Both>
void merge_by_name(const RefList& left, const RefList& right, OnlyLeft only_left, OnlyRight only_right,
                   Both both) {
  auto l = left.begin();
  auto r = right.begin();
  while (l != left.end() || r != right.end()) {
    if (r == right.end() || (l != left.end() && l->name < r->name)) {
      only_left(*l);
      ++l;
    } else if (l == left.end() || r->name < l->name) {
      only_right(*r);
      ++r;
    } else {
      both(*l, *r);
      ++l;
      ++r;
    }
  }
}

}  // namespace

RefList ref_changes(const RefList& before, const RefList& now, ObjectFormat format) {
  RefList changes;
  merge_by_name(
      before, now, [&](const Ref& gone) { changes.push_back({gone.name, zero_oid(format)}); },
      [&](const Ref& added) { changes.push_back(added); },
      [&](const Ref& was, const Ref& is) {
        if (was.oid != is.oid) changes.push_back(is);
      });
  return changes;
}

RefList apply_ref_changes(const RefList& before, const RefList& changes) {
  RefList now;
  const auto keep = [&](const Ref& ref) {
    if (!ref.oid.is_zero()) now.push_back(ref);
  };
  merge_by_name(before, changes, keep, keep, [&](const Ref&, const Ref& is) { keep(is); });
  return now;
}

ObjectRecord write_refs_object(VaultObjects& objects, const std::string& folder,
                               const std::string& record_key, const RefList& refs) {
  RecordedWriter writer = objects.create(folder, record_key);
  LineBudget budget("the list of refs", kRefsLimits);
  for (const Ref& ref : refs) {
    const std::string line = fmt::format("{} {}\n", ref.oid.hex(), ref.name);
    budget.spend(line.size());
    writer.write(line);
  }
  return writer.commit();
}

RefList read_refs_objects(VaultObjects& objects, const std::string& folder,
                          const std::vector<ObjectRecord>& records, const std::stop_token& stop) {
  if (records.empty()) return {};
  RefList refs = read_one(objects, folder, records.front(), stop);
  for (std::size_t i = 1; i < records.size(); ++i) {
    refs = apply_ref_changes(refs, read_one(objects, folder, records[i], stop));
  }
  return refs;
}

}  // namespace hubkeep
