// hubkeep.json holds its own SHA-256, and any doubt makes it damage, which rebuild-catalog mends. Only a
// newer format is no damage: that is refused and left alone. Identity.IsDamagedByAnyChangeOfAByte,
// OfANewerFormatIsNoDamage.
#include "vault/identity.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "vault/json_integer.h"
#include "vault/manifest.h"

namespace hubkeep {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kVaultIdDigits = 32;

// The parser would take the last of two.
Json parse_without_doubles(std::string_view text) {
  std::set<std::string> keys;
  return parse_ordered_json(
      text, kMaxJsonSize, [&](int depth, Json::parse_event_t event, const Json& parsed) {
        if (event == Json::parse_event_t::key && depth == 1 && !keys.insert(parsed.get<std::string>()).second)
          throw Error(ErrorKind::corrupt, "it says " + printable(parsed.get<std::string>()) + " twice");
        return true;
      });
}

// The SHA-256 is that of the object's other fields, in their order, as compact JSON.
bool has_its_hash(Json json) {
  if (!json.contains("sha256") || !json.at("sha256").is_string()) return false;
  const std::string sha256 = json.at("sha256");
  json.erase("sha256");
  return sha256_hex(json.dump()) == sha256;
}

// A digit that was flipped must not pass for a newer format, which nobody here could mend.
bool was_of_this_format(Json json) {
  json["format"] = kFormatVersion;
  return has_its_hash(std::move(json));
}

void check_format(const Json& json) {
  const int format = integer_from_json<int>(json.at("format"));
  if (format == kFormatVersion) return;
  if (format < kFormatVersion || was_of_this_format(json))
    throw Error(ErrorKind::corrupt, fmt::format("it says format {}, which it is not", format));
  throw Error(ErrorKind::invalid,
              fmt::format("storage format {} is not known to this version of hubkeep: use the version that "
                          "wrote it, or a newer one",
                          format));
}

Identity identity_from_json(const Json& json) {
  check_format(json);
  if (!has_its_hash(json)) throw Error(ErrorKind::corrupt, "its SHA-256 differs");
  const auto time = parse_time(json.at("created_at").get_ref<const std::string&>());
  Identity identity{.vault = json.at("vault"), .created_at = time.value_or(UtcTime())};
  if (!time || !is_vault_id(identity.vault))
    throw Error(ErrorKind::corrupt, "what it says is not what hubkeep writes");
  return identity;
}

}  // namespace

bool is_vault_id(std::string_view text) {
  return text.size() == kVaultIdDigits &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string new_vault_id() {
  return random_hex(kVaultIdDigits);
}

std::string format_identity(const Identity& identity) {
  Json json = {{"format", kFormatVersion},
               {"vault", identity.vault},
               {"created_at", format_time(identity.created_at)}};
  json["sha256"] = sha256_hex(json.dump());
  return format_json(json) + "\n";
}

Identity parse_identity(std::string_view text) {
  try {
    return identity_from_json(parse_without_doubles(text));
  } catch (const nlohmann::json::exception& error) {
    throw Error(ErrorKind::corrupt, printable(error.what()));
  }
}

}  // namespace hubkeep
