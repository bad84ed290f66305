// How many there are of a kind and when the newest was changed, of a hundred repositories for five points of
// the 5,000 an hour: what is new, gone, or renamed moves one of the two. Of releases, the newest is the last
// made: an older one that is edited moves neither, and waits for the next time that the list is read. GitHub
// may answer a part of the question; the rest stays not known.
#include "github/probe.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/text.h"
#include "github/graph_queries.h"

namespace hubkeep {
namespace {

using nlohmann::json;

constexpr std::size_t kNodesPerQuery = 100;  // GitHub: at most so many ids
constexpr std::size_t kLongestTime = 40;
constexpr int kMostAttempts = 2;  // no repository is begun before the probe ends

struct Question {
  const char* field;  // of a repository
  const char* name;   // in Repository::probe
};
constexpr std::array kQuestions = {
    Question{"issues", "issues"},           Question{"pullRequests", "pull_requests"},
    Question{"discussions", "discussions"}, Question{"milestones", "milestones"},
    Question{"labels", "labels"},           Question{"commitComments", "commit_comments"},
};

const json& at(const json& value, const char* name) {
  static const json kNull;
  const auto found = value.is_object() ? value.find(name) : value.end();
  return found == value.end() ? kNull : *found;
}

// "12 2026-11-29T10:00:00Z", or "12" where the list was asked for its number alone.
std::optional<std::string> describe(const json& list) {
  const json& count = at(list, "totalCount");
  if (!count.is_number_unsigned()) return std::nullopt;
  if (count == 0 || !list.contains("nodes")) return count.dump();
  const json& nodes = at(list, "nodes");
  const json& updated = nodes.is_array() && !nodes.empty() ? at(nodes[0], "updatedAt") : at(nodes, "");
  if (!updated.is_string()) return std::nullopt;
  const std::string time = printable(updated.get<std::string>().substr(0, kLongestTime));
  return fmt::format("{} {}", count.get<std::uint64_t>(), time);
}

using Names = std::set<std::string>;

void note(const json& node, const Names& names, Repository& repository) {
  if (names.contains(std::string(kReleasesProbe))) repository.releases = describe(at(node, "releases"));
  for (const Question& question : kQuestions) {
    if (!names.contains(question.name)) continue;
    if (const auto told = describe(at(node, question.field))) repository.probe[question.name] = *told;
  }
}

bool is_question(const std::string& name) {
  return name == kReleasesProbe ||
         std::any_of(kQuestions.begin(), kQuestions.end(),
                     [&](const Question& question) { return question.name == name; });
}

void ask(GitHubApi& api, std::span<Repository*> some, const Names& names, const std::stop_token& stop) {
  json ids = json::array();
  for (const Repository* repository : some) ids.push_back(repository->node_id);
  const GraphQuery query{.query = graph_query(GraphOperation::probe),
                         .variables = json{{"ids", std::move(ids)}}.dump(),
                         .most_attempts = kMostAttempts};
  const json answer = api.graphql(query, stop, [](const ApiAnswer& each) { return each.json(); });
  const json& nodes = at(at(answer, "data"), "nodes");
  if (!nodes.is_array() || nodes.size() != some.size()) return;
  for (std::size_t i = 0; i < some.size(); ++i)
    if (at(nodes[i], "id") == some[i]->node_id) note(nodes[i], names, *some[i]);
}

}  // namespace

void probe(GitHubApi& api, std::span<Repository> repositories, const Names& names,
           const std::stop_token& stop) {
  for (Repository& repository : repositories)
    for (const std::string& name : names)
      if (!repository.is_gist && !is_question(name)) repository.probe[name] = "kept";
  std::vector<Repository*> asked;
  // Also by the ids of before 2021 ("MDEwOlJlcG9z…"), which older repositories have for good. One that GitHub
  // does not take is null in its answer, as a repository is that it does not show.
  for (Repository& repository : repositories)
    if (!repository.is_gist && !repository.node_id.empty()) asked.push_back(&repository);
  for (std::size_t begin = 0; begin < asked.size(); begin += kNodesPerQuery)
    ask(api, std::span(asked).subspan(begin, std::min(kNodesPerQuery, asked.size() - begin)), names, stop);
}

}  // namespace hubkeep
