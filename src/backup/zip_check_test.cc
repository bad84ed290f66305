#include "backup/zip_check.h"

#include <gtest/gtest.h>

#include "backup/backup_fakes.h"
#include "base/error.h"

namespace hubkeep {
namespace {

const std::string kCommit(40, 'a');

ErrorKind kind_of(const std::string& zip, const std::string& commit = kCommit) {
  ZipCheck check;
  check.write(zip);
  try {
    check.require_whole(commit);
  } catch (const Error& error) {
    return error.kind();
  }
  return ErrorKind::internal;  // none
}

std::string little_endian(std::uint64_t value, std::size_t size) {
  std::string bytes;
  for (std::size_t i = 0; i < size; ++i, value >>= 8U) bytes += static_cast<char>(value & 0xFFU);
  return bytes;
}

/// One that ends as those of more than 65,535 files do, behind `content` and a directory.
std::string large_zip(const std::string& content, const std::string& directory) {
  std::string zip = content + directory;
  const std::size_t end = zip.size();
  zip += std::string("PK\x06\x06", 4) + little_endian(44, 8) + std::string(28, '\0') +
         little_endian(directory.size(), 8) + little_endian(content.size(), 8);
  zip += std::string("PK\x06\x07", 4) + little_endian(0, 4) + little_endian(end, 8) + little_endian(1, 4);
  zip += std::string("PK\x05\x06", 4) + little_endian(0, 4) + little_endian(0xFFFF, 2) +
         little_endian(0xFFFF, 2) + little_endian(directory.size(), 4) + little_endian(content.size(), 4);
  return zip + little_endian(kCommit.size(), 2) + kCommit;
}

TEST(ZipCheck, TakesWhatIsWholeHoweverItIsCut) {
  const std::string zip = large_zip(std::string(200'000, 'x'), std::string(70'000, 'd'));
  ZipCheck check;

  for (const char byte : zip) check.write({&byte, 1});

  EXPECT_NO_THROW(check.require_whole(kCommit));
  EXPECT_EQ(check.size(), zip.size());
  EXPECT_EQ(kind_of(zip), ErrorKind::internal);
  EXPECT_EQ(kind_of(empty_zip(kCommit)), ErrorKind::internal);
  EXPECT_EQ(kind_of(empty_zip("a comment of another kind")), ErrorKind::internal);
}

TEST(ZipCheck, NoticesEveryCut) {
  const std::string zip = large_zip(std::string(300, 'x'), std::string(100, 'd'));

  for (std::size_t size = 0; size < zip.size(); ++size)
    EXPECT_EQ(kind_of(zip.substr(0, size)), ErrorKind::transient) << size;
  for (std::size_t at = 0; at < 400; ++at)
    EXPECT_EQ(kind_of(std::string(zip).erase(at, 1)), ErrorKind::transient) << at;
}

TEST(ZipCheck, NoticesAnotherCommit) {
  EXPECT_EQ(kind_of(empty_zip(kCommit), std::string(40, 'b')), ErrorKind::corrupt);
}

TEST(ZipCheck, IsNotTakenInByAWebPage) {
  EXPECT_EQ(kind_of("<!DOCTYPE html><title>Unicorn!</title>"), ErrorKind::transient);
}

}  // namespace
}  // namespace hubkeep
