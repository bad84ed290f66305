// Three queues, one a kind of ref, tags first: they are many, small steps through the whole history. A queue
// hands out batches; a batch that breaks is halved and one that arrives lets it grow, slower after each that
// broke. Refused slices go to a queue of their own, where all halves come before their halves.
#include "backup/git_slice_plan.h"

#include <algorithm>

namespace hubkeep {
namespace {

constexpr std::string_view kTags = "refs/tags/";
constexpr std::string_view kHeads = "refs/heads/";
constexpr std::size_t kSlicesToBeginWith = 8;
constexpr std::size_t kLossesWithPatience = 4;  // single refs in a row that break before others are skipped

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Takes the run of digits that `text` begins with, without leading zeros.
std::string_view take_number(std::string_view& text) {
  const auto end = std::find_if_not(text.begin(), text.end(), is_digit);
  std::string_view digits = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  text.remove_prefix(digits.size());
  digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
  return digits;
}

enum KindIndex : std::size_t { kTag, kHead, kOther };

KindIndex kind_of(const Ref& ref) {
  if (ref.name.starts_with(kTags)) return kTag;
  return ref.name.starts_with(kHeads) || ref.name == "HEAD" ? kHead : kOther;
}

bool is_fetched_before(const Ref& a, const Ref& b, const std::string& head_branch) {
  if (kind_of(a) != kind_of(b)) return kind_of(a) < kind_of(b);
  const auto leads = [&](const Ref& ref) { return ref.name == "HEAD" || ref.name == head_branch; };
  if (leads(a) != leads(b)) return leads(a);
  return is_earlier_version(a.name, b.name);
}

Head held_head(const RefState& now, const std::optional<RefState>& before, const IsHeld& is_held,
               const RefList& refs) {
  const Head& head = now.head;
  if (!head.oid || is_held(*head.oid)) return head;
  if (head.symref_target.empty()) {
    const bool was_detached = before && before->head.symref_target.empty();
    return was_detached ? before->head : Head{};
  }
  const auto branch =
      std::find_if(refs.begin(), refs.end(), [&](const Ref& ref) { return ref.name == head.symref_target; });
  return {head.symref_target, branch == refs.end() ? std::nullopt : std::optional(branch->oid)};
}

}  // namespace

bool is_earlier_version(std::string_view a, std::string_view b) {
  const std::string_view whole_a = a;
  const std::string_view whole_b = b;
  while (!a.empty() && !b.empty()) {
    if (is_digit(a.front()) && is_digit(b.front())) {
      const auto number_a = take_number(a);
      const auto number_b = take_number(b);
      if (number_a.size() != number_b.size()) return number_a.size() < number_b.size();
      if (number_a != number_b) return number_a < number_b;
      continue;
    }
    if (a.front() != b.front()) return a.front() < b.front();
    a.remove_prefix(1);
    b.remove_prefix(1);
  }
  if (a.empty() != b.empty()) return a.empty();
  return whole_a < whole_b;
}

RefState held_refs(const RefState& now, const std::optional<RefState>& before, const IsHeld& is_held) {
  RefState result{.format = now.format};
  const RefList old = before ? before->refs : RefList();
  auto known = old.begin();
  for (const Ref& ref : now.refs) {
    while (known != old.end() && known->name < ref.name) ++known;
    if (is_held(ref.oid)) {
      result.refs.push_back(ref);
    } else if (known != old.end() && known->name == ref.name) {
      result.refs.push_back(*known);
    }
  }
  result.head = held_head(now, before, is_held, result.refs);
  return result;
}

SlicePlan::SlicePlan(const RefState& now, const OidSet& held, Begin begin) {
  std::vector<Ref> refs(now.refs.begin(), now.refs.end());
  const auto is_of_head = [&](const Ref& ref) { return ref.oid == now.head.oid; };
  if (now.head.oid && std::none_of(refs.begin(), refs.end(), is_of_head))
    refs.push_back({"HEAD", *now.head.oid});
  std::sort(refs.begin(), refs.end(),
            [&](const Ref& a, const Ref& b) { return is_fetched_before(a, b, now.head.symref_target); });
  OidSet seen = held;
  for (Ref& ref : refs) {
    if (seen.insert(ref.oid)) kinds_[kind_of(ref)].waiting.push_back(std::move(ref));
  }
  for (Kind& each : kinds_) each.batch = (each.waiting.size() + kSlicesToBeginWith - 1) / kSlicesToBeginWith;
  if (begin == Begin::refused) suspect_all(now.head.symref_target);
  if (begin == Begin::history) lead_with_head(now.head.symref_target);
  cut_next();
}

void SlicePlan::lead_with_head(const std::string& head_branch) {
  for (Kind& each : kinds_) {
    const auto head = std::find_if(each.waiting.begin(), each.waiting.end(), [&](const Ref& ref) {
      return ref.name == "HEAD" || ref.name == head_branch;
    });
    if (head != each.waiting.end()) {
      suspects_.push_back({*head});
      each.waiting.erase(head);
    }
    each.batch = std::max<std::size_t>(each.waiting.size(), 1);
  }
}

void SlicePlan::suspect_all(const std::string& head_branch) {
  std::vector<Ref> all;
  for (Kind& each : kinds_) {
    all.insert(all.end(), each.waiting.begin(), each.waiting.end());
    each.position = each.waiting.size();
  }
  const auto head = std::find_if(
      all.begin(), all.end(), [&](const Ref& ref) { return ref.name == "HEAD" || ref.name == head_branch; });
  if (head != all.end()) {
    // The history that most refs share, in one request: if it comes, the server hands over what it has.
    // SlicePlan.AsksForHeadAloneWhereAllIsRefused.
    suspects_.push_back({*head});
    all.erase(head);
  }
  halve(all);
}

void SlicePlan::halve(const std::vector<Ref>& refs) {
  const auto middle = refs.begin() + static_cast<std::ptrdiff_t>((refs.size() + 1) / 2);
  if (middle != refs.begin()) suspects_.emplace_back(refs.begin(), middle);
  if (middle != refs.end()) suspects_.emplace_back(middle, refs.end());
}

void SlicePlan::arrived() {
  gained_ = true;
  if (is_suspect_) return cut_next();
  Kind& now = kind();
  now.position += slice_.size();
  now.lost_in_a_row = 0;
  if (++now.successes >= now.successes_to_grow) {
    now.batch *= 2;
    now.successes = 0;
  }
  cut_next();
}

void SlicePlan::broke() {
  if (is_suspect_) {
    if (slice_.size() > 1)
      halve(slice_);
    else
      // SlicePlan.ABreakAmongWhatIsRefusedIsNoRefusal.
      kinds_[kind_of(slice_.front())].passed_over.push_back(slice_.front());
    return cut_next();
  }
  Kind& now = kind();
  now.batch = std::max<std::size_t>(slice_.size() / 2, 1);
  now.successes = 0;
  now.successes_to_grow *= 2;
  if (slice_.size() == 1) {
    pass_over(1);
    // The history that all of them lead into may be too large for the connection.
    // SlicePlan.CostsFewAttemptsWhenNothingEverArrives, FindsTheFewThatCanBeHadAmongThousands.
    if (++now.lost_in_a_row > kLossesWithPatience)
      pass_over(std::size_t{1} << (now.lost_in_a_row - kLossesWithPatience));
  }
  cut_next();
}

void SlicePlan::refused(const std::optional<Oid>& culprit) {
  if (!is_suspect_) kind().position += slice_.size();
  if (slice_.size() > 1) {
    // SlicePlan.WhatTheServerNamesAsTheCauseIsNotAskedForAgain.
    std::erase_if(slice_, [&](const Ref& ref) { return ref.oid == culprit; });
    halve(slice_);
  }
  cut_next();
}

void SlicePlan::pass_over(std::size_t count) {
  Kind& now = kind();
  const auto begin = now.waiting.begin() + static_cast<std::ptrdiff_t>(now.position);
  count = std::min(count, now.waiting.size() - now.position);
  now.passed_over.insert(now.passed_over.end(), begin, begin + static_cast<std::ptrdiff_t>(count));
  now.position += count;
}

void SlicePlan::cut_next() {
  slice_.clear();
  is_suspect_ = !suspects_.empty();
  if (is_suspect_) {
    slice_ = std::move(suspects_.front());
    return suspects_.pop_front();
  }
  while (kind().position == kind().waiting.size()) {
    if (++current_ < kinds_.size()) continue;
    current_ = 0;
    // What has arrived may hold most of what the others lacked:
    // SlicePlan.GetsAfterTheOthersWhatNeedsTheirHistory.
    if (!gained_) return;
    try_again();
  }
  const Kind& now = kind();
  const auto begin = now.waiting.begin() + static_cast<std::ptrdiff_t>(now.position);
  const auto size = std::min(now.batch, now.waiting.size() - now.position);
  slice_.assign(begin, begin + static_cast<std::ptrdiff_t>(size));
}

void SlicePlan::try_again() {
  gained_ = false;
  for (Kind& each : kinds_) {
    each.waiting = std::move(each.passed_over);
    each.passed_over.clear();
    each.position = 0;
    each.lost_in_a_row = 0;
  }
}

std::vector<Ref> SlicePlan::passed_over() const {
  std::vector<Ref> refs;
  for (const Kind& each : kinds_) refs.insert(refs.end(), each.passed_over.begin(), each.passed_over.end());
  return refs;
}

}  // namespace hubkeep
