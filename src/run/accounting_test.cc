#include "run/accounting.h"

#include <gmock/gmock.h>

#include "backup/backup_fakes.h"
#include "backup/releases_backup.h"
#include "run/backup_account.h"

namespace hubkeep {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

CatalogEntry entry(std::int64_t id, const std::string& full_name, const std::string& visibility = "public") {
  CatalogEntry entry{.host = "github.com", .id = id, .node_id = "R_" + std::to_string(id)};
  entry.folder = "repos/github.com/" + full_name + "." + std::to_string(id) + "/";
  entry.listing.full_name = full_name;
  entry.listing.visibility = visibility;
  return entry;
}

Catalog catalog_of(const std::vector<CatalogEntry>& entries) {
  Catalog catalog;
  for (const CatalogEntry& one : entries) catalog.emplace(one.key(), one);
  return catalog;
}

std::vector<std::string> names_of(const std::vector<Unlisted>& unlisted) {
  std::vector<std::string> names;
  for (const Unlisted& one : unlisted) names.push_back(one.name);
  return names;
}

// The listing is of repositories: what it does not show says nothing of the others, whatever their numbers.
TEST(FindUnlisted, LeavesGistsAndAccountsAlone) {
  Catalog catalog = catalog_of({entry(5, "acme/site")});
  HostState state{.host = "github.com", .vault = "v"};
  for (const SubjectId& id : {SubjectId::gist("5"), SubjectId::gist("aa5a"), SubjectId::account(5)}) {
    CatalogEntry other = entry(5, "acme/" + id.str());
    other.id = id;
    catalog.emplace(other.key(), other);
    state.repositories[id].name = other.listing.full_name;
  }
  for (const SubjectId& id : {SubjectId::gist("6"), SubjectId::account(6)})
    state.repositories[id].name = "acme/never-saved";

  EXPECT_THAT(names_of(find_unlisted("github.com", {}, {}, catalog, state)), ElementsAre("acme/site"));
}

TEST(FindUnlisted, HasGistsWhereTheRunIsAboutThem) {
  Catalog catalog;
  for (const auto& [id, owner] : {std::pair("a1", "octo"), {"a2", "octo"}, {"b1", "hubot"}}) {
    CatalogEntry gist = entry(0, std::string(owner) + "/" + id, "secret");
    gist.id = SubjectId::gist(id);
    catalog.emplace(gist.key(), gist);
  }
  const HostState state{.host = "github.com", .vault = "v"};
  RepositoryList list;
  list.seen_gists = {"a1"};
  list.gist_owner = "octo";
  const auto found = [&](const RepositorySelection& selection) {
    return names_of(find_unlisted("github.com", list, selection, catalog, state));
  };

  EXPECT_THAT(found({}), IsEmpty());
  EXPECT_THAT(found({.gists = Wish::if_possible}), ElementsAre("octo/a2")) << "hubot's was starred once";
  EXPECT_THAT(found({.starred_gists = true}), ElementsAre("octo/a2", "hubot/b1"));
  list.owners = std::vector<std::string>{"octo", "hubot"};
  EXPECT_THAT(found({.gists = Wish::if_possible}), ElementsAre("octo/a2", "hubot/b1")) << "both are named";
  list.owners = std::vector<std::string>{"octo"};
  EXPECT_THAT(found({.gists = Wish::if_possible}), ElementsAre("octo/a2"));
  list.owners = std::nullopt;
  list.gist_owner = std::nullopt;
  EXPECT_THAT(found({.gists = Wish::demanded}), ElementsAre("octo/a2", "hubot/b1"));
  list.owners = std::vector<std::string>{};
  EXPECT_THAT(found({.names = {"gist:b1"}}), ElementsAre("hubot/b1"));
  EXPECT_THAT(found({.names = {"hubot/b1"}}), IsEmpty()) << "that means a repository";
}

TEST(FindUnlisted, HasWhatAStarBroughtOnlyWhereStarsAreMeant) {
  const Catalog catalog = catalog_of({entry(1, "acme/site"), entry(2, "hubot/starred")});
  HostState state{.host = "github.com", .vault = "v"};
  state.repositories[2] = {.name = "hubot/starred", .came_by_star = true};
  state.repositories[3] = {.name = "hubot/never-saved", .came_by_star = true};
  RepositoryList list;
  const auto found = [&](const RepositorySelection& selection) {
    return names_of(find_unlisted("github.com", list, selection, catalog, state));
  };

  EXPECT_THAT(found({}), ElementsAre("acme/site"));
  EXPECT_THAT(found({.starred = true}), ElementsAre("acme/site", "hubot/starred", "hubot/never-saved"));
  list.owners = std::vector<std::string>{"acme"};
  EXPECT_THAT(found({}), ElementsAre("acme/site"));
  EXPECT_THAT(found({.starred = true}), ElementsAre("acme/site", "hubot/starred", "hubot/never-saved"));
  list.owners = std::vector<std::string>{"hubot"};
  EXPECT_THAT(found({}), ElementsAre("hubot/starred", "hubot/never-saved"));
  list.owners = std::vector<std::string>{};
  EXPECT_THAT(found({.names = {"hubot/starred"}}), ElementsAre("hubot/starred"));
}

using Owners = std::optional<std::vector<std::string>>;

struct ScopeCase {
  const char* what;
  Owners owners;
  RepositorySelection selection;
  std::vector<std::string> unlisted;
};

TEST(FindUnlisted, KnowsWhatTheRunIsAbout) {
  CatalogEntry moved = entry(6, "else/moved");
  moved.previous_names = {"acme/moved"};
  CatalogEntry fork = entry(7, "acme/fork");
  fork.listing.is_fork = true;
  CatalogEntry archived = entry(8, "acme/old");
  archived.listing.is_archived = true;
  CatalogEntry elsewhere = entry(9, "acme/enterprise");
  elsewhere.host = "github.example.com";
  const Catalog catalog = catalog_of({entry(1, "acme/listed"), entry(2, "acme/site"), entry(3, "Octo/Api"),
                                      moved, fork, archived, elsewhere});
  const ScopeCase cases[] = {
      {"all that the token can reach",
       std::nullopt,
       {},
       {"acme/site", "Octo/Api", "else/moved", "acme/fork", "acme/old"}},
      {"one owner, and what went from it elsewhere",
       Owners{{"acme"}},
       {},
       {"acme/site", "else/moved", "acme/fork", "acme/old"}},
      {"an owner in another case", Owners{{"octo"}}, {}, {"Octo/Api"}},
      {"names alone",
       Owners(std::vector<std::string>()),
       {.names = {"ACME/site", "acme/moved"}},
       {"acme/site", "else/moved"}},
      {"names and an owner", Owners{{"octo"}}, {.names = {"acme/site"}}, {"acme/site", "Octo/Api"}},
      {"no forks", Owners{{"acme"}}, {.skip_forks = true}, {"acme/site", "else/moved", "acme/old"}},
      {"nothing archived",
       Owners{{"acme"}},
       {.skip_archived = true},
       {"acme/site", "else/moved", "acme/fork"}},
      {"what is excluded", std::nullopt, {.exclude = {"acme/*"}}, {"Octo/Api", "else/moved"}},
      {"what is included", std::nullopt, {.include = {"acme/s*"}}, {"acme/site"}},
      {"only the user's own", Owners{{"octo"}}, {.only_owner = true}, {"Octo/Api"}},
  };

  for (const ScopeCase& c : cases) {
    RepositoryList list;
    list.seen_ids = {1};
    list.owners = c.owners;

    EXPECT_EQ(names_of(find_unlisted("github.com", list, c.selection, catalog, {})), c.unlisted) << c.what;
  }
}

TEST(FindUnlisted, KnowsWhatWasNeverSaved) {
  HostState state;
  state.repositories[1].name = "acme/listed";
  state.repositories[2].name = "acme/site";
  state.repositories[5] = {.name = "acme/failed", .is_private = true};
  RepositoryList list;
  list.seen_ids = {1};

  const auto unlisted = find_unlisted("github.com", list, {}, catalog_of({entry(2, "acme/site")}), state);

  EXPECT_THAT(names_of(unlisted), ElementsAre("acme/site", "acme/failed"));
  EXPECT_EQ(unlisted.back().known, nullptr);
  EXPECT_TRUE(unlisted.back().is_private);
}

class Accounting : public testing::Test {
 protected:
  Accounting() { list({"site", "api", "web", "docs"}); }

  // As many repositories of acme, with the ids 1, 2, …; some of them private.
  void list(const std::vector<std::string>& names, const std::set<std::string>& hidden = {}) {
    RepositoryList& list = bench_.github.list;
    list = {};
    for (const std::string& name : names) {
      Repository repository = repository_of(name);
      if (hidden.contains(name)) repository.visibility = "private";
      list.seen_ids.push_back(repository.id);
      list.repositories.push_back(std::move(repository));
    }
    std::sort(list.seen_ids.begin(), list.seen_ids.end());
    list.seen = names.size();
  }
  Repository repository_of(const std::string& name) {
    const auto id = ids_.emplace(name, static_cast<std::int64_t>(ids_.size()) + 1).first->second;
    return BackupBench::repository(id, name);
  }
  RunSummary run(const AbsencePolicy& policy = {}) {
    BackupContext context = bench_.context;
    context.absences = policy;
    MemoryBudget memory(ByteCount{64} << 20);
    return backup_account(context, {}, memory, {});
  }
  static std::vector<std::string> lines_of(const RunSummary& summary, OutcomeKind kind) {
    std::vector<std::string> lines;
    for (const Outcome& outcome : summary.outcomes)
      if (outcome.kind == kind) lines.push_back(outcome.repository + ": " + outcome.detail);
    return lines;
  }

  BackupBench bench_;
  std::map<std::string, std::int64_t> ids_;
};

TEST_F(Accounting, OfSingleOnesThatGoIsALineInEveryRun) {
  run();
  list({"site", "api", "web"});

  const RunSummary first = run();
  const RunSummary second = run();

  EXPECT_TRUE(first.is_good());
  EXPECT_THAT(lines_of(first, OutcomeKind::gone), ElementsAre("acme/docs: "));
  EXPECT_TRUE(second.is_good());
  EXPECT_THAT(lines_of(second, OutcomeKind::gone), ElementsAre(HasSubstr("acme/docs: since ")));
  EXPECT_THAT(bench_.github.asked_by_id, ElementsAre(4, 4)) << "in every run: it may be back";
}

TEST_F(Accounting, OfAPrivateOneIsAnAlarmUntilItIsAccepted) {
  list({"site", "secret"}, {"secret"});
  run();
  list({"site"});

  const RunSummary first = run();
  const RunSummary second = run();
  const RunSummary accepting = run({.max_gone = {}, .accept = true});
  const RunSummary after = run();

  for (const RunSummary* summary : {&first, &second}) {
    EXPECT_FALSE(summary->is_good());
    ASSERT_THAT(summary->alarms, SizeIs(1));
    EXPECT_THAT(summary->alarms.front().repositories, ElementsAre("acme/secret"));
  }
  EXPECT_EQ(first.alarms.front().since, second.alarms.front().since);
  EXPECT_TRUE(accepting.is_good());
  EXPECT_TRUE(after.is_good());
  EXPECT_THAT(lines_of(after, OutcomeKind::gone),
              ElementsAre(AllOf(HasSubstr("acme/secret: or hidden from this token, since "),
                                HasSubstr(", accepted"))));
}

TEST_F(Accounting, OfWhatIsBackAndGoesAgainIsAnAlarmAgain) {
  list({"site", "secret"}, {"secret"});
  run();
  list({"site"});
  run({.max_gone = {}, .accept = true});
  list({"site", "secret"}, {"secret"});
  EXPECT_TRUE(run().is_good());
  list({"site"});

  EXPECT_FALSE(run().is_good());
}

TEST_F(Accounting, OfTooManyAtOnceIsAnAlarm) {
  run();
  list({"site"});

  const RunSummary summary = run();

  EXPECT_FALSE(summary.is_good());
  ASSERT_THAT(summary.alarms, SizeIs(1));
  EXPECT_THAT(summary.alarms.front().repositories, SizeIs(3));
  EXPECT_TRUE(run({.max_gone = MaxGone::parse("3"), .accept = false}).is_good());
}

TEST_F(Accounting, OfWhatAStarBroughtCostsARunWithoutStarsNothing) {
  list({"site", "starred"});
  bench_.github.list.repositories.at(1).came_by_star = true;
  run();
  list({"site"});

  const RunSummary plain = run();

  EXPECT_THAT(bench_.github.asked_by_id, IsEmpty());
  EXPECT_EQ(plain.outcomes.size(), 1U);
  EXPECT_TRUE(plain.is_good());
  EXPECT_THAT(bench_.observer.notices,
              testing::Contains("1 repository is no longer asked for: came by --starred: acme/starred"));
  EXPECT_TRUE(bench_.vault.read_state("github.com", {})->repositories.at(ids_.at("starred")).came_by_star);

  // A second way to it makes it one of those that are missed.
  list({"site", "starred"});
  run();
  list({"site"});
  EXPECT_THAT(lines_of(run(), OutcomeKind::gone), ElementsAre("acme/starred: "));
}

TEST_F(Accounting, OfWhatWasKnownBeforeItWasStarredIsAsItWas) {
  list({"site", "api"});
  run();
  list({"site", "api", "new"});
  for (std::size_t place : {1U, 2U}) bench_.github.list.repositories.at(place).came_by_star = true;
  bench_.github.list.is_whole = false;
  run();
  list({"site"});

  EXPECT_THAT(lines_of(run(), OutcomeKind::gone), testing::UnorderedElementsAre("acme/api: ", "acme/new: "))
      << "nor is it known of what came beside a list that lacks something";
}

// Releases are asked for then as if nobody had looked.
TEST_F(Accounting, GoesOnWithoutAProbeOfReleasesThatFails) {
  bench_.context.parts = {git_backup(), releases_backup()};
  Catalog catalog;

  const RunPlan plan = plan_run(bench_.context, {}, catalog, {});

  EXPECT_THAT(plan.items, SizeIs(4));
  EXPECT_THAT(
      bench_.observer.notices,
      ElementsAre(HasSubstr("whether anything has changed beside the histories cannot be asked for")));
}

TEST_F(Accounting, ProbesNoReleasesThatNobodyKeepsNorWithoutAToken) {
  Catalog catalog;
  plan_run(bench_.context, {}, catalog, {});
  bench_.context.parts = {git_backup(), releases_backup()};
  bench_.github.list.public_only = true;
  plan_run(bench_.context, {}, catalog, {});

  EXPECT_THAT(bench_.observer.notices, IsEmpty());
}

TEST_F(Accounting, BacksUpWhatIsFoundByItsId) {
  run();
  list({"site", "api", "web"});
  Repository docs = repository_of("docs");
  docs.owner = "else";
  docs.full_name = "else/docs";
  docs.pushed_at = "2026-11-24T00:00:00Z";
  bench_.github.by_id[docs.id].repository = docs;

  const RunSummary summary = run();

  EXPECT_TRUE(summary.is_good());
  EXPECT_EQ(summary.outcomes.size(), 4U);
  EXPECT_THAT(lines_of(summary, OutcomeKind::gone), IsEmpty());
  const auto known = bench_.vault.read_catalog({})->at({"github.com", docs.id});
  EXPECT_EQ(known.listing.full_name, "else/docs");
  EXPECT_THAT(known.previous_names, ElementsAre("acme/docs"));
}

TEST_F(Accounting, LeavesOutWhatIsFoundAndFiltered) {
  run();
  list({"site", "api", "web"});
  Repository docs = repository_of("docs");
  docs.is_archived = true;
  bench_.github.by_id[docs.id].repository = docs;
  bench_.github.list.seen = 3;
  MemoryBudget memory(ByteCount{64} << 20);

  const RunSummary summary =
      backup_account(bench_.context, {.selection = {.skip_archived = true}}, memory, {});

  EXPECT_EQ(summary.outcomes.size(), 3U);
  EXPECT_TRUE(summary.is_good());
}

TEST_F(Accounting, SaysOfWhomThereIsNoTelling) {
  run();
  list({"site", "api", "web"});
  bench_.github.by_id[ids_.at("docs")].error = Error(ErrorKind::transient, "the server is away");

  const RunSummary summary = run();

  EXPECT_FALSE(summary.is_good());
  EXPECT_THAT(lines_of(summary, OutcomeKind::failed), ElementsAre("acme/docs: "));
  EXPECT_THAT(lines_of(summary, OutcomeKind::gone), IsEmpty());
  EXPECT_FALSE(bench_.vault.read_catalog({})->at({"github.com", ids_.at("docs")}).gone_since.has_value());
}

TEST_F(Accounting, SaysOnceWhatNameAndIdAreRefusedFor) {
  run();
  list({"site", "api", "web"});
  bench_.github.list.problems = {{"ACME/docs", Error(ErrorKind::forbidden, "blocked, by its name")}};
  bench_.github.by_id[ids_.at("docs")].error = Error(ErrorKind::forbidden, "blocked, by its id");

  const RunSummary summary = run();

  EXPECT_EQ(summary.count(OutcomeKind::failed), 1U);
  EXPECT_EQ(bench_.vault.read_state("github.com", {})->repositories.at(ids_.at("docs")).failure->message,
            "blocked, by its id");
}

TEST_F(Accounting, GoesOnWithWhatIsKnownWhereTheListingIsEmpty) {
  run();
  list({});
  for (const auto& [name, id] : ids_) bench_.github.by_id[id].repository = repository_of(name);

  const RunSummary summary = run();

  EXPECT_EQ(summary.count(OutcomeKind::unchanged), 4U);
  EXPECT_TRUE(summary.is_good());
}

TEST_F(Accounting, TellsOfProblemsBesideWhatItFoundByIds) {
  run();
  list({});
  bench_.github.list.problems = {{"--org acme", Error(ErrorKind::not_found, "renamed")}};
  bench_.github.list.is_whole = false;
  for (const auto& [name, id] : ids_) bench_.github.by_id[id].repository = repository_of(name);

  const RunSummary summary = run();

  EXPECT_EQ(summary.count(OutcomeKind::unchanged), 4U);
  EXPECT_EQ(summary.count(OutcomeKind::failed), 1U);
}

TEST_F(Accounting, AsksForNothingPrivateWithoutAToken) {
  list({"site", "secret", "open"}, {"secret"});
  run();
  list({"site"});
  bench_.github.list.public_only = true;

  const RunSummary summary = run();

  EXPECT_THAT(bench_.github.asked_by_id, ElementsAre(ids_.at("open")));
  EXPECT_THAT(lines_of(summary, OutcomeKind::gone), ElementsAre("acme/open: "));
  ASSERT_THAT(lines_of(summary, OutcomeKind::failed), ElementsAre("acme/secret: "));
  EXPECT_THAT(summary.alarms, IsEmpty()) << "what cannot be seen is not missed";
}

TEST_F(Accounting, OfAnEmptyAccountIsAWholeRunOnlyWhereItIsProved) {
  list({});
  EXPECT_THROW(run(), Error);

  bench_.github.list.is_proved_empty = true;
  const RunSummary summary = run();

  EXPECT_TRUE(summary.is_good());
  EXPECT_THAT(summary.outcomes, IsEmpty());
  EXPECT_TRUE(bench_.vault.read_state("github.com", {})->newest_run.has_value());
  EXPECT_THAT(bench_.observer.notices, testing::Contains(HasSubstr("the account is empty")));
}

TEST_F(Accounting, OfWhatWasNeverSavedIsALineToo) {
  run();
  bench_.vault.update_state(
      "github.com",
      [](HostState& state) { state.repositories[99] = {.name = "acme/huge", .is_private = true}; },
      bench_.clock, {});

  const RunSummary summary = run();

  EXPECT_THAT(lines_of(summary, OutcomeKind::gone),
              ElementsAre("acme/huge: or hidden from this token, nothing of it was ever saved"));
  EXPECT_FALSE(summary.is_good());
}

}  // namespace
}  // namespace hubkeep
