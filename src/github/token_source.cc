#include "github/token_source.h"

namespace hubkeep {
namespace {

class FixedToken final : public TokenSource {
 public:
  explicit FixedToken(Secret token) : token_(std::move(token)) {}

  TokenKind kind() const override { return TokenKind::personal; }
  bool has_token() const override { return !token_.empty(); }
  std::string origin() const override { return token_.origin(); }
  Secret token(const std::stop_token&) override { return token_; }
  bool replaces(const Secret&) override { return false; }
  std::optional<User> installation_account(const std::stop_token&) override { return std::nullopt; }
  std::uint64_t request_count() const override { return 0; }

 private:
  const Secret token_;
};

}  // namespace

std::shared_ptr<TokenSource> fixed_token(Secret token) {
  return std::make_shared<FixedToken>(std::move(token));
}

}  // namespace hubkeep
