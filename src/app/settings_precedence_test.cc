// Every pair of sources for every type of setting: the earlier source wins.

#include <gtest/gtest.h>

#include <functional>

#include "app/load_settings.h"

namespace hubkeep {
namespace {

enum Place { kFlag, kEnvironment, kEnvFile, kToml, kDefault };
constexpr std::string_view kPlaceNames[] = {"flag", "environment", ".env", "TOML", "default"};

struct TypeCase {
  std::string type;
  std::string name;                   // flag and TOML key
  std::string variable;               // in the environment and `.env`
  std::vector<std::string> given;     // as it stands in flag, environment, .env and TOML
  std::vector<std::string> expected;  // what comes out, the default last
  std::function<std::string(const Settings&)> read;
};

std::string join(const std::vector<std::string>& items) {
  std::string out;
  for (const std::string& item : items) out += item + ";";
  return out;
}

std::vector<TypeCase> type_cases() {
  const auto only_owner = [](const Settings& s) {
    return std::string(s.selection.only_owner ? "true" : "false");
  };
  return {
      {"boolean, true first",
       "only-owner",
       "BACKUP_ONLY_OWNER_REPOS",
       {"true", "True", "1", "true"},
       {"true", "true", "true", "true", "false"},
       only_owner},
      {"boolean, false first",
       "only-owner",
       "HUBKEEP_ONLY_OWNER",
       {"false", "no", "off", "false"},
       {"false", "false", "false", "false", "false"},
       only_owner},
      {"number",
       "jobs",
       "HUBKEEP_JOBS",
       {"1", "2", "3", "4"},
       {"1", "2", "3", "4", "8"},
       [](const Settings& s) { return std::to_string(s.jobs); }},
      {"list",
       "user",
       "HUBKEEP_USER",
       {"a,b", "c d", "e", "['f', 'g']"},
       {"a;b;", "c;d;", "e;", "f;g;", ""},
       [](const Settings& s) { return join(s.selection.users); }},
      {"text",
       "api-url",
       "GITHUB_API_URL",
       {"http://a", "http://b", "http://c", "'http://d'"},
       {"http://a", "http://b", "http://c", "http://d", "https://api.github.com"},
       [](const Settings& s) { return s.api_url; }},
      {"duration",
       "stale-after",
       "HUBKEEP_STALE_AFTER",
       {"1s", "1m", "1h", "'1d'"},
       {"1", "60", "3600", "86400", "86400"},
       [](const Settings& s) { return std::to_string(s.stale_after.count()); }},
      {"byte count",
       "memory",
       "HUBKEEP_MEMORY",
       {"1GiB", "20MiB", "30MiB", "'40 MiB'"},
       {"1073741824", "20971520", "31457280", "41943040", "184549376"},
       [](const Settings& s) { return std::to_string(s.memory); }},
      {"path",
       "ca-file",
       "SSL_CERT_FILE",
       {"/a", "/b", "/c", "'/d'"},
       {"/a", "/b", "/c", "/d", ""},
       [](const Settings& s) { return s.ca_file.string(); }},
      {"secret",
       "token-file",
       "TOKEN_GITHUB",
       {"/flag", "token2", "token3", "'/toml'"},
       {"in-flag", "token2", "token3", "in-toml", ""},
       [](const Settings& s) { return s.token.reveal(); }},
  };
}

// Loads with the values of the two places; in the opposite boolean when `second` is to lose visibly.
std::string load(const TypeCase& type, Place first, Place second,
                 const std::vector<std::string>& second_values) {
  FlagValues flags = {{"trust-folder", {"true"}}};  // who may say what: settings_trust_test.cc
  Environment environment;
  std::string env_file;
  std::string toml;
  for (const Place place : {first, second}) {
    if (place == kDefault) continue;
    const std::string& value = (place == first ? type.given : second_values)[place];
    if (place == kFlag) flags[type.name] = {value};
    if (place == kEnvironment) environment[type.variable] = value;
    if (place == kEnvFile) env_file = type.variable + "=" + value + "\n";
    if (place == kToml) toml = type.name + " = " + value + "\n";
  }
  const auto read_file = [&](const std::filesystem::path& path, NamedBy) -> FileText {
    if (path == ".env") return {FileText::State::found, env_file};
    if (path == "hubkeep.toml") return {FileText::State::found, toml};
    return {FileText::State::found, path == "/flag" ? "in-flag\n" : "in-toml\n"};
  };
  return type.read(
      load_settings(Command::backup, flags, environment, {.read_file = read_file, .read_secret = {}}));
}

std::vector<std::string> losing_values(const TypeCase& type) {
  if (type.type == "boolean, true first") return {"false", "false", "false", "false"};
  if (type.type == "boolean, false first") return {"true", "true", "true", "true"};
  return type.given;
}

TEST(Precedence, GoesToTheEarlierOfEachPairOfSourcesForEachType) {
  int pairs = 0;
  for (const TypeCase& type : type_cases()) {
    for (int first = kFlag; first < kDefault; ++first) {
      for (int second = first + 1; second <= kDefault; ++second) {
        const std::string value =
            load(type, static_cast<Place>(first), static_cast<Place>(second), losing_values(type));

        EXPECT_EQ(value, type.expected[static_cast<std::size_t>(first)])
            << type.type << ": " << kPlaceNames[first] << " against " << kPlaceNames[second];
        ++pairs;
      }
    }
  }
  EXPECT_EQ(pairs, 90);
}

TEST(Precedence, LeavesTheDefaultWhenNoSourceHasIt) {
  for (const TypeCase& type : type_cases())
    EXPECT_EQ(load(type, kDefault, kDefault, type.given), type.expected[kDefault]) << type.type;
}

}  // namespace
}  // namespace hubkeep
