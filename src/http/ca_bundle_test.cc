#include "http/ca_bundle.h"

#include <gtest/gtest.h>

#include <array>
#include <fstream>

#include "base/error.h"
#include "base/scratch_folder.h"

namespace hubkeep {
namespace {

class CaBundleTest : public ::testing::Test {
 protected:
  std::string put(const char* name, const std::string& text = "authorities\n") {
    const std::string path = folder_.path() / name;
    std::ofstream(path) << text;
    return path;
  }

  std::string missing(const char* name) const { return folder_.path() / name; }

 private:
  const ScratchFolder folder_;
};

TEST_F(CaBundleTest, LeavesALibcurlAloneThatFindsItsOwn) {
  const std::string built_in = put("built-in.crt");
  const std::string other = put("other.crt");
  const std::array<std::string_view, 1> places = {other};

  EXPECT_EQ(find_ca_bundle(built_in, places), "");
}

TEST_F(CaBundleTest, TakesTheFirstThatExists) {
  const std::string built_in = missing("built-in.crt"), gone = missing("gone.crt");
  const std::string second = put("second.crt"), third = put("third.crt");
  const std::array<std::string_view, 3> places = {gone, second, third};

  EXPECT_EQ(find_ca_bundle(built_in, places), second);
}

TEST_F(CaBundleTest, FindsNothingWhereThereIsNone) {
  const std::string gone = missing("gone.crt");
  const std::array<std::string_view, 1> places = {gone};

  EXPECT_EQ(find_ca_bundle("", places), "");
}

TEST_F(CaBundleTest, AddsTheSystemsToAFileThatHoldsCertificates) {
  const std::string begin = "-----BEGIN CERTIFICATE-----\nown";
  const std::string own = put("own.pem", begin);

  const std::string both = with_system_bundle(own, "the file");

  EXPECT_TRUE(both.starts_with(begin + "\n"));
  EXPECT_GE(both.size(), begin.size() + 1);
}

TEST_F(CaBundleTest, NamesAFileThatHoldsNone) {
  const auto refusal = [](const std::string& file) -> std::string {
    try {
      with_system_bundle(file, "the file");
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::invalid);
      return error.message();
    }
    return "not refused";
  };

  EXPECT_EQ(refusal(missing("gone.pem")), "the file cannot be read: No such file or directory");
  EXPECT_EQ(refusal(put("empty.pem", "")), "the file holds no certificate in PEM");
  EXPECT_EQ(refusal(put("key.pem", "-----BEGIN PRIVATE KEY-----\n")), "the file holds no certificate in PEM");
  EXPECT_EQ(refusal(put("order.csr", "-----BEGIN CERTIFICATE REQUEST-----\n")),
            "the file holds no certificate in PEM");
  EXPECT_EQ(refusal(missing(".")), "the file holds no certificate in PEM");
}

}  // namespace
}  // namespace hubkeep
