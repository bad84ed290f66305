#include "github/app_jwt.h"

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "crypto/base64.h"

namespace hubkeep {
namespace {

using std::chrono::seconds;

// GitHub: "we recommend that you set this 60 seconds in the past", for clocks that drift; `exp` may be ten
// minutes ahead of its clock, of which a minute is left for the same reason.
constexpr seconds kIssuedBefore = std::chrono::minutes(1);
constexpr seconds kExpiresAfter = std::chrono::minutes(9);

class AppJwtSource final : public TokenSource {
 public:
  AppJwtSource(std::string app, Rs256Key key, Clock& clock)
      : app_(std::move(app)), key_(std::move(key)), clock_(clock) {}

  TokenKind kind() const override { return TokenKind::app; }
  bool has_token() const override { return true; }
  std::string origin() const override { return describe_app(app_); }
  Secret token(const std::stop_token&) override { return {app_jwt(app_, key_, clock_.now()), origin()}; }
  bool replaces(const Secret&) override { return false; }
  std::optional<User> installation_account(const std::stop_token&) override { return std::nullopt; }
  std::uint64_t request_count() const override { return 0; }

 private:
  const std::string app_;
  const Rs256Key key_;
  Clock& clock_;
};

}  // namespace

std::string app_jwt(const std::string& app, const Rs256Key& key, UtcTime now) {
  const nlohmann::json header = {{"alg", "RS256"}, {"typ", "JWT"}};
  const nlohmann::json claims = {{"iat", (now - kIssuedBefore).time_since_epoch().count()},
                                 {"exp", (now + kExpiresAfter).time_since_epoch().count()},
                                 {"iss", app}};
  const std::string text = base64url(header.dump()) + "." + base64url(claims.dump());
  return text + "." + base64url(key.sign(text));
}

std::shared_ptr<TokenSource> app_jwt_source(std::string app, Rs256Key key, Clock& clock) {
  return std::make_shared<AppJwtSource>(std::move(app), std::move(key), clock);
}

std::string describe_app(const std::string& app) {
  return "GitHub App " + printable(app);
}

}  // namespace hubkeep
