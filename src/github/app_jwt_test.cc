#include "github/app_jwt.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "crypto/base64.h"
#include "crypto/test_keys.h"
#include "http/scripted_http.h"

namespace hubkeep {
namespace {

std::string decoded(std::string text) {
  std::replace(text.begin(), text.end(), '-', '+');
  std::replace(text.begin(), text.end(), '_', '/');
  text.resize((text.size() + 3) / 4 * 4, '=');
  return base64_decode(text);
}

TEST(AppJwt, SaysWhoSignsItAndHowLongItHolds) {
  const Rs256Key key = Rs256Key::parse(kTestKey);

  const std::string token = app_jwt("Iv23li", key, UtcTime(std::chrono::seconds(1'000'000)));

  const auto first = token.find('.');
  const auto last = token.rfind('.');
  EXPECT_EQ(decoded(token.substr(0, first)), R"({"alg":"RS256","typ":"JWT"})");
  EXPECT_EQ(decoded(token.substr(first + 1, last - first - 1)),
            R"({"exp":1000540,"iat":999940,"iss":"Iv23li"})");
  EXPECT_EQ(token.substr(last + 1), base64url(key.sign(token.substr(0, last))));
}

TEST(AppJwt, IsMadeAnewForEachRequest) {
  ManualClock clock;
  const auto source = app_jwt_source("12", Rs256Key::parse(kTestKey), clock);
  const std::string first = source->token({}).reveal();

  clock.time += std::chrono::minutes(5);

  EXPECT_NE(source->token({}).reveal(), first);
  EXPECT_EQ(source->origin(), "GitHub App 12");
}

}  // namespace
}  // namespace hubkeep
