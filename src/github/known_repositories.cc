// Three rounds. GraphQL looks at all nodes, a hundred at a time, and a moment later again at those that it
// did not see. REST then describes all that are seen, and all of which GraphQL says nothing clear; what is
// still a 404 is asked for once more after a moment. Of those that GraphQL twice did not see, REST is asked
// for some. What is left without an answer is gone. Whoever wrongly finds a repository gone marks it so in
// the vault, and so each step here needs two witnesses.
#include "github/known_repositories.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "github/repository_json.h"

namespace hubkeep {
namespace {

using nlohmann::json;

constexpr std::size_t kNodesPerQuery = 100;  // GitHub: at most so many ids, for one point of 5,000 an hour
// Of so many that GraphQL does not see REST is asked as well. Where it sees none of these either, the rest is
// believed: a token that lost an organisation of thousands must not use up an hour's requests.
constexpr std::size_t kMostConfirmed = 100;

constexpr const char* kNodesQuery =
    "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on Repository { databaseId nameWithOwner } } "
    "}";

using Places = std::vector<std::size_t>;  // in the list of those that are known

// unclear: GraphQL was not asked, could not be, or has an error other than NOT_FOUND.
enum class Sight { unclear, seen, not_seen };

const json& at(const json& value, const char* name) {
  static const json kNull;
  const auto found = value.is_object() ? value.find(name) : value.end();
  return found == value.end() ? kNull : *found;
}

// The ids of before 2021 are base64 without a prefix; GitHub takes them no longer everywhere.
bool is_current(const std::string& node_id) {
  return node_id.starts_with("R_");
}

// Where `errors` says of one node that it is there and may not be looked at.
bool is_kept_from_us(const json& answer, std::size_t node) {
  const json path = {"nodes", node};
  const json& errors = at(answer, "errors");
  return errors.is_array() && std::any_of(errors.begin(), errors.end(), [&](const json& error) {
           return at(error, "path") == path && at(error, "type") != "NOT_FOUND";
         });
}

struct SeenNode {
  Sight sight = Sight::unclear;
  json number;  // null where it has none, or one that is too large for GraphQL
};

std::vector<SeenNode> read_nodes(const json& answer, std::size_t expected) {
  const json& nodes = at(at(answer, "data"), "nodes");
  if (!nodes.is_array() || nodes.size() != expected)
    throw Error(ErrorKind::corrupt,
                fmt::format("GitHub was asked for {} nodes and sent {}", expected, nodes.size()));
  std::vector<SeenNode> seen;
  for (std::size_t n = 0; n < expected; ++n) {
    if (!nodes[n].is_null())
      seen.push_back({Sight::seen, at(nodes[n], "databaseId")});
    else
      seen.push_back({is_kept_from_us(answer, n) ? Sight::unclear : Sight::not_seen, nullptr});
  }
  return seen;
}

class KnownRepositories {
 public:
  KnownRepositories(RestClient& client, Clock& clock, std::span<const RepositoryIdentity> known,
                    const std::stop_token& stop)
      : client_(client),
        clock_(clock),
        stop_(stop),
        known_(known),
        sight_(known.size(), Sight::unclear),
        answers_(known.size()) {}

  std::vector<RepositoryAnswer> ask() {
    look_at_nodes();
    confirm_hidden();
    // Beyond this point only what REST alone can tell of has no answer yet.
    for (const std::size_t i : unanswered()) describe(i);
    const Places missing = unanswered();
    if (!missing.empty()) clock_.sleep(kSecondLook, stop_);
    for (const std::size_t i : missing) describe(i);
    for (const std::size_t i : unanswered()) {
      if (sight_[i] == Sight::seen)
        answers_[i].error =
            Error(ErrorKind::transient, "GitHub says both that it is there and that it is not");
    }
    return std::move(answers_);
  }

 private:
  template <typename Predicate>
  Places those(Predicate&& predicate) const {
    Places places;
    for (std::size_t i = 0; i < known_.size(); ++i)
      if (predicate(i)) places.push_back(i);
    return places;
  }

  bool has_answer(std::size_t i) const { return answers_[i].repository || answers_[i].error; }

  Places unanswered() const {
    return those([&](std::size_t i) { return sight_[i] != Sight::not_seen && !has_answer(i); });
  }

  // A single repository that REST does see puts GraphQL's word in doubt, and then REST is asked for all of
  // them. See KnownRepositoriesTest.ANullThatRestContradictsIsNotBelieved and
  // ThousandsThatVanishTogetherDoNotUseUpTheRequestsOfAnHour.
  void confirm_hidden() {
    const Places hidden = those([&](std::size_t i) { return sight_[i] == Sight::not_seen; });
    bool is_contradicted = false;
    for (std::size_t n = 0; n < hidden.size() && (n < kMostConfirmed || is_contradicted); ++n) {
      describe(hidden[n]);
      is_contradicted = is_contradicted || answers_[hidden[n]].repository.has_value();
    }
  }

  // GitHub wants a token for GraphQL, and an Enterprise Server may have it closed: REST can do without.
  void look_at_nodes() {
    if (!client_.has_token() || !graphql_url(client_.api_url())) return;
    const auto look = [&](const Places& places) {
      for (std::size_t begin = 0; begin < places.size(); begin += kNodesPerQuery) {
        const std::size_t count = std::min(kNodesPerQuery, places.size() - begin);
        look_at_nodes(std::span(places).subspan(begin, count));
      }
    };
    try {
      look(those([&](std::size_t i) { return known_[i].gist.empty() && is_current(known_[i].node_id); }));
      const Places not_seen = those([&](std::size_t i) { return sight_[i] == Sight::not_seen; });
      if (not_seen.empty()) return;
      clock_.sleep(kSecondLook, stop_);
      look(not_seen);
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::cancelled) throw;
      // One look is not enough to call a repository not seen, and the second did not come about.
      std::replace(sight_.begin(), sight_.end(), Sight::not_seen, Sight::unclear);
    }
  }

  void look_at_nodes(std::span<const std::size_t> places) {
    json ids = json::array();
    for (const std::size_t i : places) ids.push_back(known_[i].node_id);
    const GraphQuery query{.query = kNodesQuery, .variables = json{{"ids", std::move(ids)}}.dump()};
    const auto nodes = client_.graphql(
        query, stop_, [&](const ApiAnswer& answer) { return read_nodes(answer.json(), places.size()); });
    for (std::size_t n = 0; n < places.size(); ++n) see(places[n], nodes[n]);
  }

  // A number that is not the one we know means that the node id leads to another repository; GraphQL leaves
  // out numbers that do not fit its Int. See KnownRepositoriesTest.ANodeOfAnotherRepositoryIsRefused.
  void see(std::size_t i, const SeenNode& node) {
    sight_[i] = node.sight;
    if (node.number.is_null() || node.number == known_[i].id) return;
    refuse(i, fmt::format("GitHub says that node {} is repository {}, which it was not", known_[i].node_id,
                          node.number.dump()));
  }

  // A 404 leaves it without an answer: one look is not enough.
  void describe(std::size_t i) {
    if (has_answer(i)) return;
    if (refusal_) {
      answers_[i].error = refusal_;
      return;
    }
    try {
      const Conditions conditions{.second_look = SecondLook::unless_not_found};
      if (known_[i].gist.empty())
        take(i, client_.get(client_.url(fmt::format("/repositories/{}", known_[i].id)), conditions, stop_,
                            read_repository));
      else
        take(i, client_.get(client_.url("/gists/" + known_[i].gist), conditions, stop_, read_gist));
    } catch (const Error& error) {
      const ErrorKind kind = error.kind();
      if (kind == ErrorKind::cancelled) throw;
      if (kind == ErrorKind::not_found) return;
      answers_[i].error = error;
      // See KnownRepositoriesTest.ARefusedTokenIsNotAskedWithAgain.
      if (kind == ErrorKind::unauthorized || kind == ErrorKind::rate_limited) refusal_ = error;
    }
  }

  void take(std::size_t i, Repository repository) {
    const bool is_gist = !known_[i].gist.empty();
    if (is_gist ? repository.name == known_[i].gist : repository.id == known_[i].id) {
      answers_[i].repository = std::move(repository);
    } else if (is_gist) {
      refuse(i,
             fmt::format("GitHub was asked for gist {} and described {}", known_[i].gist, repository.name));
    } else {
      refuse(i,
             fmt::format("GitHub was asked for repository {} and described {}", known_[i].id, repository.id));
    }
  }

  void refuse(std::size_t i, const std::string& reason) {
    answers_[i].error = Error(ErrorKind::corrupt, printable(reason));
  }

  RestClient& client_;
  Clock& clock_;
  const std::stop_token& stop_;
  const std::span<const RepositoryIdentity> known_;
  std::vector<Sight> sight_;
  std::vector<RepositoryAnswer> answers_;
  std::optional<Error> refusal_;  // what every further question would get
};

}  // namespace

std::vector<RepositoryAnswer> ask_for_known(RestClient& client, Clock& clock,
                                            std::span<const RepositoryIdentity> known,
                                            const std::stop_token& stop) {
  return KnownRepositories(client, clock, known, stop).ask();
}

}  // namespace hubkeep
