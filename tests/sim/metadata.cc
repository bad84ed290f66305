// What all parts of the Metadata share: ids, the order of updates, and where a node id leads.
#include "sim/metadata.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/error.h"
#include "base/text.h"
#include "sim/world.h"

namespace hubkeep::sim {

void UpdateOrder::add(UtcTime updated_at, std::int64_t id) {
  const Entry entry{updated_at, id};
  entries_.insert(std::upper_bound(entries_.begin(), entries_.end(), entry), entry);
}

void UpdateOrder::remove(UtcTime updated_at, std::int64_t id) {
  const Entry entry{updated_at, id};
  const auto found = std::lower_bound(entries_.begin(), entries_.end(), entry);
  if (found != entries_.end() && *found == entry) entries_.erase(found);
}

std::size_t UpdateOrder::first_since(UtcTime time) const {
  const auto found = std::lower_bound(entries_.begin(), entries_.end(), Entry{time, 0});
  return static_cast<std::size_t>(found - entries_.begin());
}

std::string node_id(std::string_view prefix, std::int64_t id) {
  return fmt::format("{}_kwDO{:08x}", prefix, id);
}

std::int64_t Metadata::next(Counter counter) {
  constexpr std::int64_t kBeforeFirst = 1'000'000;  // ids of one kind are also ids of another
  return last_ids_.try_emplace(counter, kBeforeFirst).first->second += 1;
}

const RepositoryMetadata& Metadata::locked(RepositoryId id) const {
  static const RepositoryMetadata nothing;
  const auto found = repositories_.find(id);
  return found == repositories_.end() ? nothing : found->second;
}

const AccountSettings& Metadata::locked_account(const std::string& login) const {
  static const AccountSettings nothing;
  const auto found = accounts_.find(to_lower(login));
  return found == accounts_.end() ? nothing : found->second;
}

void Metadata::change(RepositoryId id, const std::function<void(RepositoryMetadata&)>& change) {
  const std::lock_guard lock(mutex_);
  change(repositories_[id]);
}

void Metadata::change_account(const std::string& login, const std::function<void(AccountSettings&)>& change) {
  const std::lock_guard lock(mutex_);
  change(accounts_[to_lower(login)]);
}

void Metadata::forget(RepositoryId id) {
  const std::lock_guard lock(mutex_);
  repositories_.erase(id);
}

namespace {

/// The number that the thing has or belongs to; nothing where this repository has no such thing.
std::optional<std::int64_t> number_in(const RepositoryMetadata& repository, const std::string& prefix,
                                      std::int64_t id) {
  const auto found_in = [&](const auto& things, const auto& number) -> std::optional<std::int64_t> {
    const auto found = things.find(id);
    return found == things.end() ? std::nullopt : std::optional<std::int64_t>(number(found->second));
  };
  if (prefix == "I" || prefix == "PR")
    return found_in(repository.numbers, [](auto number) { return number; });
  if (prefix == "IC") return found_in(repository.comments, [](const auto& comment) { return comment.issue; });
  if (prefix == "PRRC")
    return found_in(repository.review_comments, [](const auto& comment) { return comment.pull_request; });
  if (prefix == "CC") return found_in(repository.commit_comments, [](const auto&) { return 0; });
  if (prefix == "LA") return found_in(repository.labels, [](const auto&) { return 0; });
  for (const auto& [number, milestone] : repository.milestones) {
    if (prefix == "MI" && milestone.id == id) return 0;
  }
  const auto has_id = [id](const auto& thing) { return thing.id == id; };
  for (const auto& [number, discussion] : repository.discussions) {
    if (prefix == "D" && discussion.id == id) return number;
    if (prefix == "DC" && std::any_of(discussion.comments.begin(), discussion.comments.end(), has_id))
      return number;
  }
  if (prefix != "PRR" && prefix != "PRRT") return std::nullopt;
  for (const auto& [number, issue] : repository.issues) {
    if (!issue.pull_request) continue;
    const auto& reviews = issue.pull_request->reviews;
    const auto& threads = issue.pull_request->threads;
    if (prefix == "PRR" && std::any_of(reviews.begin(), reviews.end(), has_id)) return number;
    if (prefix == "PRRT" && std::any_of(threads.begin(), threads.end(), has_id)) return number;
  }
  return std::nullopt;
}

}  // namespace

std::optional<NodePlace> Metadata::find_node(std::string_view node_id) const {
  constexpr std::string_view kMiddle = "_kwDO";
  const auto middle = node_id.find(kMiddle);
  if (middle == std::string_view::npos) return std::nullopt;
  NodePlace place;
  place.prefix = node_id.substr(0, middle);
  const std::string_view digits = node_id.substr(middle + kMiddle.size());
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), place.id, 16);
  if (read.ec != std::errc() || read.ptr != digits.data() + digits.size()) return std::nullopt;

  const std::lock_guard lock(mutex_);
  if (place.prefix == "PVT") return projects_.contains(place.id) ? std::optional(place) : std::nullopt;
  for (const auto& [id, repository] : repositories_) {
    const auto number = number_in(repository, place.prefix, place.id);
    if (!number) continue;
    place.repository = id;
    place.number = *number;
    return place;
  }
  return std::nullopt;
}

}  // namespace hubkeep::sim
