// Reads what `verify --json` prints, as a repair is told what to mend. A verdict without damage is thrown
// away while it is parsed. What was accepted before is left out, so that a repair gives nothing up twice.
#include "vault/findings.h"

#include <functional>

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "store/object_key.h"
#include "vault/key_kind.h"
#include "vault/zip_record.h"

namespace hubkeep {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kDepthOfVerdict = 2;  // as nlohmann::json counts for its callback: one of a list of the root's

// Of 100,000 repositories nearly all are whole: nothing of these is kept.
bool is_told_of(int depth, Json::parse_event_t event, const Json& parsed) {
  if (depth != kDepthOfVerdict || event != Json::parse_event_t::object_end || !parsed.contains("damages"))
    return true;
  return !parsed.at("damages").is_array() || !parsed.at("damages").empty();
}

// Of "repos/<host>/<owner>/<name>.<id>/git/x": "git/x". From the vault's root where it is elsewhere.
std::string relative_key(const std::string& key) {
  const std::string_view folder = subject_folder_of(key);
  return folder.empty() ? "/" + key : key.substr(folder.size());
}

std::vector<ObjectKey> not_accepted(const Json& verdict) {
  std::vector<ObjectKey> keys;
  for (const auto& damage : verdict.at("damages")) {
    if (damage.at("accepted").get<bool>()) continue;
    keys.push_back(damage.at("key"));
    if (!is_valid_key(keys.back()))
      throw Error(ErrorKind::invalid, "not an object's key: " + printable(keys.back()));
  }
  return keys;
}

Finding finding_of(const Json& repository) {
  Finding finding{.repository = repository.at("repository")};
  for (const ObjectKey& key : not_accepted(repository)) {
    finding.lost.push_back(relative_key(key));
    finding.objects.push_back(key);
  }
  if (repository.contains("newest_restorable") && !repository.at("newest_restorable").is_null())
    finding.newest_restorable = SnapshotId::parse(repository.at("newest_restorable").get<std::string>());
  return finding;
}

void append(const Finding& from, Finding& to) {
  to.lost.insert(to.lost.end(), from.lost.begin(), from.lost.end());
  to.objects.insert(to.objects.end(), from.objects.begin(), from.objects.end());
  if (from.newest_restorable > to.newest_restorable) to.newest_restorable = from.newest_restorable;
}

void read_findings(std::string_view text, const std::function<void(const Json&)>& read) {
  try {
    read(parse_ordered_json(text, kMaxFindingsSize, is_told_of));
  } catch (const nlohmann::json::exception& error) {
    throw Error(ErrorKind::invalid, "is not what `hubkeep verify --json` prints: " + printable(error.what()));
  } catch (const Error& error) {
    throw Error(ErrorKind::invalid, "is not what `hubkeep verify --json` prints: " + error.message());
  }
}

}  // namespace

Findings parse_findings(std::string_view text) {
  Findings findings;
  read_findings(text, [&](const Json& json) {
    for (const auto& repository : json.at("repositories")) {
      Finding finding = finding_of(repository);
      if (finding.lost.empty()) continue;
      const SubjectKey key{repository.at("host"), subject_id_from_json(repository)};
      const auto [known, is_new] = findings.try_emplace(key, finding);
      if (!is_new) append(finding, known->second);  // of two folders
    }
  });
  return findings;
}

std::set<ObjectKey> parse_zip_findings(std::string_view text) {
  std::set<ObjectKey> findings;
  read_findings(text, [&](const Json& json) {
    if (!json.contains("zips")) return;  // an older version's
    for (const auto& damage : json.at("zips").at("damages")) {
      const ObjectKey key = damage.at("key");
      if (day_below_zip(key).empty())
        throw Error(ErrorKind::invalid, "not the key of a zip: " + printable(key));
      if (!damage.at("accepted").get<bool>()) findings.insert(key);
    }
  });
  return findings;
}

std::map<std::string, std::vector<ObjectKey>> parse_state_findings(std::string_view text) {
  std::map<std::string, std::vector<ObjectKey>> findings;
  read_findings(text, [&](const Json& json) {
    if (!json.contains("states")) return;  // an older version's
    for (const auto& state : json.at("states"))
      if (auto keys = not_accepted(state); !keys.empty())
        findings.emplace(state.at("host").get<std::string>(), std::move(keys));
  });
  return findings;
}

}  // namespace hubkeep
