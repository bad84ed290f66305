#include "verify/findings.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json_depth.h"
#include "base/text.h"

namespace hubkeep {
namespace {

using Json = nlohmann::ordered_json;

// Of "repos/<host>/<owner>/<name>.<id>/git/x": "git/x". From the vault's root where it is elsewhere.
std::string relative_key(const std::string& key) {
  constexpr int kFolderDepth = 4;
  std::size_t end = 0;
  for (int i = 0; i < kFolderDepth && end != std::string::npos; ++i)
    end = key.find('/', end + (i > 0 ? 1 : 0));
  if (!key.starts_with("repos/") || end == std::string::npos) return "/" + key;
  return key.substr(end + 1);
}

Finding finding_of(const Json& repository) {
  Finding finding{.repository = repository.at("repository"), .lost = {}};
  for (const auto& damage : repository.at("damages")) {
    if (!damage.at("accepted").get<bool>()) finding.lost.push_back(relative_key(damage.at("key")));
  }
  return finding;
}

}  // namespace

std::map<RepositoryKey, Finding> parse_findings(std::string_view text) {
  std::map<RepositoryKey, Finding> findings;
  try {
    check_json_depth(text);
    const Json json = Json::parse(text);
    for (const auto& repository : json.at("repositories")) {
      Finding finding = finding_of(repository);
      if (!finding.lost.empty())
        findings.emplace(RepositoryKey{repository.at("host"), repository.at("id")}, std::move(finding));
    }
  } catch (const nlohmann::json::exception& error) {
    throw Error(ErrorKind::invalid, "is not what `hubkeep verify --json` prints: " + printable(error.what()));
  } catch (const Error& error) {
    throw Error(ErrorKind::invalid, "is not what `hubkeep verify --json` prints: " + error.message());
  }
  return findings;
}

}  // namespace hubkeep
