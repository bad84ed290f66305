#include "git/bundle.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace hubkeep {
namespace {

std::string header_text(const BundleHeader& header) {
  StringSink text;
  const ByteCount size = write_bundle_header(header, text);
  EXPECT_EQ(size, text.str().size());
  return text.take();
}

const Oid kA = *Oid::parse(std::string(40, 'a'));
const Oid kB = *Oid::parse(std::string(40, 'b'));

TEST(BundleHeader, IsWrittenAsGitReadsIt) {
  EXPECT_EQ(
      header_text({.prerequisites = {kB}, .refs = {{"HEAD", kA}, {"refs/heads/main", kA}}}),
      "# v2 git bundle\n-" + kB.hex() + " \n" + kA.hex() + " HEAD\n" + kA.hex() + " refs/heads/main\n\n");
}

TEST(BundleHeader, NamesTheFormatForSha256) {
  const Oid oid = *Oid::parse(std::string(64, 'c'));

  EXPECT_EQ(
      header_text({.format = ObjectFormat::sha256, .prerequisites = {}, .refs = {{"refs/heads/main", oid}}}),
      "# v3 git bundle\n@object-format=sha256\n" + oid.hex() + " refs/heads/main\n\n");
}

TEST(BundleReader, ReadsTheLongestNameThatAServerCanSend) {
  const BundleHeader header{.prerequisites = {}, .refs = {{"refs/heads/" + std::string(65'000, 'x'), kA}}};
  StringSink pack;
  BundleReader reader(pack);

  reader.write(header_text(header) + "PACK");
  reader.finish();

  EXPECT_EQ(reader.header(), header);
}

TEST(BundleReader, ReadsBackWhatWasWritten) {
  const BundleHeader header{.prerequisites = {kA, kB},
                            .refs = {{"refs/heads/main", kA}, {"refs/tags/v1", kB}}};
  const std::string bytes = header_text(header) + "PACK\n\n and the rest";
  for (const std::size_t piece : {std::size_t{1}, std::size_t{10}, bytes.size()}) {
    StringSink pack;
    BundleReader reader(pack);

    for (std::size_t i = 0; i < bytes.size(); i += piece)
      reader.write(std::string_view(bytes).substr(i, piece));
    reader.finish();

    EXPECT_EQ(reader.header(), header);
    EXPECT_EQ(pack.str(), "PACK\n\n and the rest");
    EXPECT_EQ(reader.header_size(), bytes.size() - pack.str().size());
  }
}

TEST(BundleReader, RefusesWhatIsNoBundle) {
  for (const std::string& bytes :
       {std::string("# v4 git bundle\n\n"), std::string("# v2 git bundle\nxyz refs/heads/main\n\n"),
        "# v2 git bundle\n" + kA.hex() + "\n\n", "# v2 git bundle\n" + kA.hex() + " refs/heads/../x\n\n",
        "# v2 git bundle\n" + std::string(64, 'a') + " refs/heads/x\n\n",
        std::string("# v3 git bundle\n@object-format=md5\n\n"),
        std::string("# v2 git bundle\n@object-format=sha256\n\n"),
        "# v3 git bundle\n" + kA.hex() + " refs/heads/x\n@object-format=sha256\n\n",
        "# v2 git bundle\n" + std::string(70'000, 'a') + "\n\n", std::string("# v2 git bundle\n"),
        std::string()}) {
    StringSink pack;
    BundleReader reader(pack);

    EXPECT_THROW((reader.write(bytes), reader.finish()), Error) << bytes.substr(0, 100);
  }
}

}  // namespace
}  // namespace hubkeep
