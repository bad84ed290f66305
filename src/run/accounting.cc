// No repository leaves a backup unseen. What catalog and state know of, and what the run is about by its
// names, owners and filters, must be in GitHub's list. What is not there is asked for by its id: it may have
// a new name or owner, be out of the token's reach, or be deleted. Each of these ends as a repository to back
// up, a mark to set, or an outcome that is told.
#include "run/accounting.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "backup/listing_of.h"
#include "base/gist_name.h"
#include "base/text.h"
#include "github/probe.h"
#include "github/selection.h"
#include "run/begin_state.h"
#include "vault/losses.h"

namespace hubkeep {
namespace {

std::string owner_of(const std::string& full_name) {
  return to_lower(std::string_view(full_name).substr(0, full_name.find('/')));
}

template <typename Range, typename Value>
bool contains(const Range& range, const Value& value) {
  return std::find(range.begin(), range.end(), value) != range.end();
}

// Whether somebody who wrote `name` has meant it.
bool is_name_of(const std::string& name, const SubjectId& id, const std::string& full_name) {
  if (const auto gist = gist_named(name)) return id.kind() == SubjectKind::gist && id.str() == *gist;
  return id.is_repository() && equals_ignoring_case(name, full_name);
}

// Of gists that others own, only those are looked for that somebody may have starred, or whose owner the run
// is about.
bool is_meant_gist(const std::string& full_name, const RepositoryList& list,
                   const RepositorySelection& selection) {
  if (selection.gists == Wish::none && !selection.starred_gists) return false;
  return selection.starred_gists || list.owners || !list.gist_owner ||
         owner_of(full_name) == *list.gist_owner;
}

// Whether the run is about a repository or gist of this name, filters aside. What came by a star alone may be
// anybody's: it is meant by who means stars, and by who names it or its owner.
bool is_meant(const SubjectId& id, const std::string& full_name, const RepositoryList& list,
              const RepositorySelection& selection, bool came_by_star) {
  const bool is_named = std::any_of(selection.names.begin(), selection.names.end(),
                                    [&](const std::string& name) { return is_name_of(name, id, full_name); });
  if (is_named) return true;
  if (!id.is_repository() && !is_meant_gist(full_name, list, selection)) return false;
  if (came_by_star && selection.starred) return true;
  return list.owners ? contains(*list.owners, owner_of(full_name)) : !came_by_star;
}

// One that was renamed or transferred out of the selection once is still asked for.
bool is_meant(const CatalogEntry& entry, const RepositoryList& list, const RepositorySelection& selection,
              bool came_by_star) {
  const auto is_meant_as = [&](const std::string& name) {
    return is_meant(entry.id, name, list, selection, came_by_star);
  };
  return is_meant_as(entry.listing.full_name) ||
         std::any_of(entry.previous_names.begin(), entry.previous_names.end(), is_meant_as);
}

bool came_by_star(const HostState& state, const SubjectId& id) {
  const auto found = state.repositories.find(id);
  return found != state.repositories.end() && found->second.came_by_star;
}

// Remembers what stars alone have brought, and forgets it of what comes in another way as well. Of a list
// that is not whole, nobody knows how else it would have come. Returns whether there is news.
bool note_stars(HostState& state, const Catalog& catalog, const RepositoryList& list) {
  bool is_news = false;
  for (const Repository& repository : list.repositories) {
    const SubjectId id = subject_of(repository);
    const auto known = state.repositories.find(id);
    const bool is_known = known != state.repositories.end();
    if (is_known && known->second.came_by_star && !repository.came_by_star) {
      known->second.came_by_star = false;
      is_news = true;
    }
    if (is_known || !repository.came_by_star || !list.is_whole || catalog.contains({state.host, id}))
      continue;
    state.repositories[id] = {.name = repository.full_name,
                              .is_private = repository.visibility != "public",
                              .checked_at = repository.listed_at,
                              .came_by_star = true};
    is_news = true;
  }
  return is_news;
}

// The owner is no filter here: who has a repository now is what nobody knows.
bool passes_filters(const Repository& repository, RepositorySelection selection) {
  selection.only_owner = false;
  return is_selected(repository, selection, std::nullopt);
}

bool passes_filters(const CatalogEntry& entry, const RepositorySelection& selection) {
  Repository repository;
  repository.full_name = entry.listing.full_name;
  repository.is_fork = entry.listing.is_fork.value_or(false);
  repository.is_archived = entry.listing.is_archived.value_or(false);
  return passes_filters(repository, selection);
}

// No list has accounts.
bool may_be_unlisted(const SubjectId& id, const RepositoryList& list) {
  switch (id.kind()) {
    case SubjectKind::repository:
      return !std::binary_search(list.seen_ids.begin(), list.seen_ids.end(), id.number());
    case SubjectKind::gist:
      return !std::binary_search(list.seen_gists.begin(), list.seen_gists.end(), id.str());
    case SubjectKind::account:
      return false;
  }
  return false;
}

RepositoryIdentity identity_of(const Unlisted& unlisted) {
  RepositoryIdentity identity{.node_id = unlisted.known ? unlisted.known->node_id : std::string()};
  if (unlisted.id.is_repository())
    identity.id = unlisted.id.number();
  else
    identity.gist = unlisted.id.str();
  return identity;
}

// What a run without a token cannot see says nothing.
Outcome not_to_be_seen(const Unlisted& unlisted) {
  return {.repository = unlisted.name,
          .id = unlisted.id,
          .is_private = true,
          .kind = OutcomeKind::failed,
          .error = Error(ErrorKind::unauthorized,
                         "it is private, and without a token it cannot be seen: set TOKEN_GITHUB or "
                         "--token-file, or --app-id for a GitHub App")};
}

// What the vault knows beside its catalog.
using StateReader = std::function<HostState(const Catalog& catalog, const RepositoryList& list)>;

class Accounting {
 public:
  Accounting(const BackupContext& context, const RepositorySelection& selection, StateReader read_state)
      : context_(context), selection_(selection), read_state_(std::move(read_state)) {}

  RunPlan run(Catalog& catalog, const std::stop_token& stop) {
    plan_.list = context_.github.list_repositories(selection_, stop);
    if (catalog.empty()) require_something(plan_.list);
    state_ = read_state_(catalog, plan_.list);
    recall_snapshots(catalog, state_);
    const std::vector<Unlisted> unlisted =
        find_unlisted(context_.host, plan_.list, selection_, catalog, state_);
    // An empty list is no backup where something is known, and that is asked for by id first.
    // Accounting.GoesOnWithWhatIsKnownWhereTheListingIsEmpty.
    if (unlisted.empty()) require_something(plan_.list);
    if (plan_.list.is_proved_empty)
      context_.observer.notice(plan_.list.seen_gists.empty()
                                   ? "GitHub lists no repository: the account is empty"
                                   : "GitHub lists no repository, only gists");
    for (const std::string& text : plan_.list.notices) context_.observer.notice(text);
    tell_of_former_stars();
    const std::vector<Unlisted> visible = tell_of_the_invisible(unlisted);
    ask_for(visible, stop);
    probe(stop);
    // Beyond this point every repository that the run is about is listed, or has an item or an outcome.
    std::vector<WorkItem> items = plan_work(context_, plan_.list, catalog, state_);
    items.insert(items.end(), plan_.items.begin(), plan_.items.end());
    plan_.items = std::move(items);
    return std::move(plan_);
  }

 private:
  std::vector<Unlisted> tell_of_the_invisible(const std::vector<Unlisted>& unlisted) {
    std::vector<Unlisted> visible;
    std::size_t refused_gists = 0;
    for (const Unlisted& one : unlisted) {
      // Accounting.AsksForNothingPrivateWithoutAToken. A secret gist may be read by whoever knows its id.
      if (plan_.list.public_only && one.is_private && one.id.is_repository())
        plan_.told.push_back(not_to_be_seen(one));
      else if (plan_.list.gists_refused && !one.id.is_repository())
        ++refused_gists;
      else
        visible.push_back(one);
    }
    if (refused_gists > 0)
      plan_.list.problems.push_back(
          {"gists", Error(ErrorKind::forbidden,
                          fmt::format("the vault has {} that cannot be asked for: {}",
                                      count_of(refused_gists, "gist"), *plan_.list.gists_refused))});
    return visible;
  }

  // Who names something means that alone.
  void tell_of_former_stars() const {
    constexpr std::size_t kNamed = 10;
    if (selection_.starred || plan_.list.owners) return;
    std::string names;
    std::size_t count = 0;
    for (const auto& [id, repository] : state_.repositories) {
      if (!repository.came_by_star || !may_be_unlisted(id, plan_.list)) continue;
      if (++count <= kNamed) names += (count > 1 ? ", " : "") + repository.name;
    }
    if (count == 0) return;
    if (count > kNamed) names += fmt::format(" and {} more", count - kNamed);
    context_.observer.notice(fmt::format(
        "{} no longer asked for: came by --starred: {}",
        count == 1 ? "1 repository is" : count_of(count, "repository", "repositories") + " are", names));
  }

  // What it cannot tell is not known, and each repository is asked when its time has come.
  void probe(const std::stop_token& stop) {
    std::set<std::string> names;
    for (const auto& part : context_.parts)
      if (part->is_for(SubjectKind::repository)) names.merge(part->probes());
    if (names.empty() || plan_.list.public_only || plan_.list.repositories.empty()) return;
    try {
      hubkeep::probe(context_.github.api(), plan_.list.repositories, names, stop);
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::cancelled) throw;
      context_.observer.notice(
          "whether anything has changed beside the histories cannot be asked for all at once: " +
          error.message());
    }
  }

  void ask_for(const std::vector<Unlisted>& unlisted, const std::stop_token& stop) {
    if (unlisted.empty()) return;
    std::vector<RepositoryIdentity> identities;
    identities.reserve(unlisted.size());
    for (const Unlisted& one : unlisted) identities.push_back(identity_of(one));
    std::vector<RepositoryAnswer> answers = context_.github.repositories_by_id(identities, stop);
    for (std::size_t i = 0; i < unlisted.size(); ++i) account_for(unlisted[i], answers.at(i));
    auto& repositories = plan_.list.repositories;
    std::sort(repositories.begin(), repositories.end(),
              [](const Repository& a, const Repository& b) { return subject_of(a) < subject_of(b); });
  }

  void account_for(const Unlisted& unlisted, RepositoryAnswer& answer) {
    if (answer.error) {
      // Where it was named, listing has met the same.
      std::erase_if(plan_.list.problems, [&](const SelectionProblem& problem) {
        return is_name_of(problem.name, unlisted.id, unlisted.name);
      });
      plan_.told.push_back(outcome_of(unlisted, OutcomeKind::failed));
      plan_.told.back().error = *answer.error;
    } else if (answer.repository) {
      if (passes_filters(*answer.repository, selection_))
        plan_.list.repositories.push_back(*std::move(answer.repository));
    } else {
      account_for_the_gone(unlisted);
    }
  }

  void account_for_the_gone(const Unlisted& unlisted) {
    const CatalogEntry* known = unlisted.known;
    if (known != nullptr && !known->gone_since) {
      plan_.items.push_back({.kind = WorkKind::mark_gone, .known = known});
    } else if (known != nullptr && is_lock_due(context_, *known)) {
      plan_.items.push_back({.kind = WorkKind::extend_lock, .known = known});
    } else {
      plan_.told.push_back(outcome_of(unlisted, OutcomeKind::gone));
      plan_.told.back().detail = describe_gone(unlisted);
    }
  }

  std::string describe_gone(const Unlisted& unlisted) const {
    std::string text = may_be_hidden(unlisted.id, unlisted.is_private) ? "or hidden from this token" : "";
    const auto add = [&](const std::string& more) { text += (text.empty() ? "" : ", ") + more; };
    if (unlisted.known == nullptr) add("nothing of it was ever saved");
    const auto found = state_.repositories.find(unlisted.id);
    const auto absence = found == state_.repositories.end() ? std::nullopt : found->second.absence;
    if (absence)
      add("since " + format_time(absence->since));
    else if (unlisted.known != nullptr && unlisted.known->gone_since)
      add("since " + format_time(*unlisted.known->gone_since));
    if (absence && absence->accepted_at) add("accepted");
    return text;
  }

  static Outcome outcome_of(const Unlisted& unlisted, OutcomeKind kind) {
    return {.repository = unlisted.name, .id = unlisted.id, .is_private = unlisted.is_private, .kind = kind};
  }

  const BackupContext& context_;
  const RepositorySelection& selection_;
  const StateReader read_state_;
  HostState state_;
  RunPlan plan_;
};

}  // namespace

std::vector<Unlisted> find_unlisted(const std::string& host, const RepositoryList& list,
                                    const RepositorySelection& selection, const Catalog& catalog,
                                    const HostState& state) {
  std::vector<Unlisted> unlisted;
  for (const auto& [key, entry] : catalog) {
    if (entry.host != host || !may_be_unlisted(entry.id, list)) continue;
    if (!is_meant(entry, list, selection, came_by_star(state, entry.id)) || !passes_filters(entry, selection))
      continue;
    unlisted.push_back({.id = entry.id,
                        .name = entry.listing.full_name,
                        .is_private = entry.listing.visibility != "public",
                        .known = &entry});
  }
  for (const auto& [id, repository] : state.repositories) {
    if (catalog.contains({host, id}) || !may_be_unlisted(id, list)) continue;
    Repository named;
    named.full_name = repository.name;
    if (!is_meant(id, repository.name, list, selection, repository.came_by_star) ||
        !passes_filters(named, selection))
      continue;
    unlisted.push_back({.id = id, .name = repository.name, .is_private = repository.is_private});
  }
  std::sort(unlisted.begin(), unlisted.end(),
            [](const Unlisted& a, const Unlisted& b) { return a.id < b.id; });
  return unlisted;
}

RunPlan plan_run(const BackupContext& context, const RepositorySelection& selection, Catalog& catalog,
                 const std::stop_token& stop) {
  const auto begin = [&](const Catalog& known, const RepositoryList& list) {
    HostState state = begin_state(context, known, stop);
    if (!note_stars(state, known, list)) return state;
    return context.vault.update_state(
        context.host, [&](HostState& now) { note_stars(now, known, list); }, context.clock, stop);
  };
  return Accounting(context, selection, begin).run(catalog, stop);
}

RunPlan plan_unwritten(const BackupContext& context, const RepositorySelection& selection, Catalog& catalog,
                       const std::stop_token& stop) {
  const auto read = [&](const Catalog&, const RepositoryList&) {
    return context.vault.read_state(context.host, stop).value_or(HostState{});
  };
  return Accounting(context, selection, read).run(catalog, stop);
}

void require_something(const RepositoryList& list) {
  const bool has_repositories = std::any_of(list.repositories.begin(), list.repositories.end(),
                                            [](const Repository& each) { return !each.is_gist; });
  const bool is_by_name = list.owners && list.owners->empty();
  // Gists alone prove nothing: any token sees those that are public.
  const bool are_gists_meant = !list.repositories.empty() && (list.seen > 0 || is_by_name);
  if (has_repositories || are_gists_meant || list.is_proved_empty) return;
  if (!list.problems.empty()) {
    const auto& first = list.problems.front();
    throw list.problems.size() == 1
        ? first.error
        : Error(first.error.kind(),
                fmt::format("nothing that was named can be backed up: {}", first.error.message()));
  }
  if (list.seen > 0) {
    throw Error(ErrorKind::invalid,
                fmt::format("the filters leave none of {}: look at --include, --exclude, "
                            "--skip-forks, --skip-archived and --only-owner",
                            count_of(static_cast<std::uint64_t>(list.seen), "repository", "repositories")));
  }
  throw Error(ErrorKind::not_found,
              "GitHub lists no repository at all: the token may lack the permission to see them (a classic "
              "token needs the scope repo, a fine-grained one access to repositories)");
}

}  // namespace hubkeep
