#include "vault/identity.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "crypto/hash.h"

namespace hubkeep {
namespace {

const Identity kIdentity{.vault = std::string(31, '0') + "f",
                         .created_at = *parse_time("2026-11-23T18:45:01Z")};

std::optional<ErrorKind> failure_of(const std::string& text) {
  try {
    parse_identity(text);
  } catch (const Error& error) {
    return error.kind();
  }
  return std::nullopt;
}

std::string with_hash(const std::string& fields) {
  return "{" + fields + ", \"sha256\": \"" +
         sha256_hex(nlohmann::ordered_json::parse("{" + fields + "}").dump()) + "\"}";
}

TEST(Identity, IsReadBackAsWritten) {
  EXPECT_EQ(parse_identity(format_identity(kIdentity)), kIdentity);
  EXPECT_TRUE(is_vault_id(new_vault_id()));
}

// A newer format would stop everything, and nobody here could mend it: a flipped bit is none.
TEST(Identity, IsDamagedByAnyChangeOfAByte) {
  const std::string good = format_identity(kIdentity);
  for (std::size_t at = 0; at + 1 < good.size(); ++at) {  // the last is a line feed behind the document
    for (int bit = 0; bit < 8; ++bit) {
      std::string text = good;
      text[at] = static_cast<char>(text[at] ^ (1 << bit));
      const auto failure = failure_of(text);
      // White space may be another white space.
      if (failure) {
        EXPECT_EQ(failure, ErrorKind::corrupt) << at << ", " << bit;
      } else {
        EXPECT_EQ(parse_identity(text), kIdentity) << at << ", " << bit;
      }
    }
    EXPECT_EQ(failure_of(good.substr(0, at)), ErrorKind::corrupt) << at;
  }
}

TEST(Identity, IsDamagedWhereItSaysWhatHubkeepNeverWrote) {
  const std::string vault = R"("vault": "0000000000000000000000000000000f")";
  const std::string time = R"("created_at": "2026-11-23T18:45:01Z")";
  const std::string format = R"("format": 1)";
  ASSERT_FALSE(failure_of(with_hash(format + ", " + vault + ", " + time)));
  for (const std::string& text :
       {std::string(), std::string("not JSON"), std::string("null"), std::string("[]"), std::string("{}"),
        std::string(100'000, '['), "{" + format + ", " + vault + ", " + time + "}",
        with_hash(format + ", " + vault), with_hash(format + ", " + time),
        with_hash(format + R"(, "vault": "x", )" + time), with_hash(format + R"(, "vault": 7, )" + time),
        with_hash(format + ", " + vault + R"(, "created_at": "today")"),
        with_hash(R"("format": "1", )" + vault + ", " + time),
        with_hash(R"("format": 0, )" + vault + ", " + time),
        with_hash(R"("format": -1, )" + vault + ", " + time),
        with_hash(R"("format": 1.5, )" + vault + ", " + time),
        with_hash(R"("format": 99999999999999, )" + vault + ", " + time),
        "{" + format + ", " + with_hash(format + ", " + vault + ", " + time).substr(1)}) {
    EXPECT_EQ(failure_of(text), ErrorKind::corrupt) << text.substr(0, 200);
  }
}

TEST(Identity, OfANewerFormatIsNoDamage) {
  EXPECT_EQ(failure_of(with_hash(R"("format": 2, "vault": "x", "more": 1)")), ErrorKind::invalid);
  EXPECT_EQ(failure_of(R"({"format": 2, "vault": "x"})"), ErrorKind::invalid);
}

}  // namespace
}  // namespace hubkeep
