// Keys are taken for each action as it needs them. The answer of an invocation is the next one's event, so
// keys of answers are no error; with verify and drill any other key is one.
#include "lambda/event.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "vault/json_integer.h"

namespace hubkeep {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array kActions = {
    LambdaAction::backup, LambdaAction::plan,   LambdaAction::backup_repositories,
    LambdaAction::finish, LambdaAction::verify, LambdaAction::drill};

std::string known_actions() {
  std::string text;
  for (const LambdaAction action : kActions)
    text += (text.empty() ? "" : ", ") + std::string(to_string(action));
  return text;
}

LambdaAction parse_action(const Json& event) {
  if (!event.contains("action"))
    throw Error(ErrorKind::invalid,
                fmt::format(R"(the event names no action: send {{"action": "backup"}}, or one of {})",
                            known_actions()));
  const auto text = event.at("action").get<std::string>();
  for (const LambdaAction action : kActions)
    if (to_string(action) == text) return action;
  throw Error(ErrorKind::invalid,
              fmt::format("the event's action '{}' is not one of {}", printable(text), known_actions()));
}

SnapshotId parse_run(const Json& event) {
  const auto run = SnapshotId::parse(event.at("run").get<std::string>());
  if (!run) throw Error(ErrorKind::invalid, "\"run\" in the event is not the id of a planned run");
  return *run;
}

// It stands in the names of results, which count.
int parse_attempt(const Json& json) {
  constexpr int kMost = 1'000'000;
  const int attempt = integer_from_json<int>(json);
  if (attempt < 1 || attempt > kMost)
    throw Error(ErrorKind::invalid,
                fmt::format("the event's \"attempt\" must be a number from 1 to 1,000,000, not {}", attempt));
  return attempt;
}

// A verification that reads nothing because of a slip of the fingers would say that all is well. An answer,
// which is the event that goes on, has some more.
void check_verify_keys(const Json& event) {
  constexpr std::array kAsked = {"action", "repositories", "read_data_subset", "deep", "after", "attempt"};
  constexpr std::array kAnswered = {"status", "verified", "zips",    "identity",
                                    "readme", "catalog",  "damaged", "problems"};
  const auto is_one_of = [](const auto& keys, const std::string& key) {
    return std::find(keys.begin(), keys.end(), key) != keys.end();
  };
  for (const auto& [key, value] : event.items()) {
    if (is_one_of(kAsked, key) || is_one_of(kAnswered, key)) continue;
    throw Error(
        ErrorKind::invalid,
        fmt::format("the event's key '{}' is not one that verify knows: repositories, read_data_subset, "
                    "deep, after, attempt",
                    printable(key)));
  }
}

// The same of a drill that compares nothing. Its answer is not the next event.
void check_drill_keys(const Json& event) {
  constexpr std::array kAsked = {"action", "repositories", "all", "count", "seed", "against_github"};
  for (const auto& [key, value] : event.items())
    if (std::find(kAsked.begin(), kAsked.end(), key) == kAsked.end())
      throw Error(ErrorKind::invalid,
                  fmt::format("the event's key '{}' is not one that drill knows: repositories, all, count, "
                              "seed, against_github",
                              printable(key)));
}

void read_drill(const Json& json, LambdaEvent& event) {
  check_drill_keys(json);
  if (json.contains("repositories")) event.repositories = json.at("repositories");
  event.all = json.value("all", false);
  if (json.contains("count")) event.count = integer_from_json<std::uint64_t>(json.at("count"));
  if (json.contains("seed")) event.seed = integer_from_json<std::uint64_t>(json.at("seed"));
  if (json.contains("against_github")) event.against_github = json.at("against_github").get<bool>();
  if (event.all && !event.repositories.empty())
    throw Error(ErrorKind::invalid, "the event has \"all\" and \"repositories\": give one");
}

Json parse_object(const std::string& text) {
  constexpr const char* kNoObject = R"(the event is no JSON object such as {"action": "backup"})";
  Json json;
  try {
    json = parse_ordered_json(text);
  } catch (const Error& error) {
    throw Error(ErrorKind::invalid, fmt::format("{}: {}", kNoObject, error.message()));
  }
  if (!json.is_object()) throw Error(ErrorKind::invalid, kNoObject);
  return json;
}

int parse_share(const Json& json) {
  const int share = integer_from_json<int>(json);
  if (share < 1)
    throw Error(ErrorKind::invalid, fmt::format("the event's \"share\" must be 1 or more, not {}", share));
  return share;
}

LambdaEvent read(const Json& json) {
  LambdaEvent event{.action = parse_action(json)};
  switch (event.action) {
    case LambdaAction::backup:
      break;
    case LambdaAction::plan:
      event.name = json.value("run", "");
      break;
    case LambdaAction::backup_repositories:
      event.attempt = parse_attempt(json.at("attempt"));
      event.batch = json.at("batch");
      if (json.contains("share")) event.share = parse_share(json.at("share"));
      event.run = parse_run(json);
      break;
    case LambdaAction::finish:
      event.run = parse_run(json);
      break;
    case LambdaAction::verify:
      check_verify_keys(json);
      if (json.contains("repositories")) event.repositories = json.at("repositories");
      event.after = json.value("after", "");
      if (json.contains("attempt")) event.attempt = parse_attempt(json.at("attempt"));
      event.read_data_subset = json.value("read_data_subset", "");
      event.deep = json.value("deep", false);
      break;
    case LambdaAction::drill:
      read_drill(json, event);
      break;
  }
  return event;
}

}  // namespace

std::string_view to_string(LambdaAction action) {
  switch (action) {
    case LambdaAction::backup:
      return "backup";
    case LambdaAction::plan:
      return "plan";
    case LambdaAction::backup_repositories:
      return "backup-repositories";
    case LambdaAction::finish:
      return "finish";
    case LambdaAction::verify:
      return "verify";
    case LambdaAction::drill:
      return "drill";
  }
  return "";
}

LambdaEvent parse_event(const std::string& text) {
  const Json json = parse_object(text);
  try {
    return read(json);
  } catch (const nlohmann::json::exception& error) {
    throw Error(ErrorKind::invalid, "the event lacks something: " + printable(error.what()));
  }
}

}  // namespace hubkeep
