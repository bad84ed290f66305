#include "restore/fetch_objects.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <iterator>
#include <random>

#include "base/error_of.h"
#include "base/scratch_folder.h"
#include "store/memory_store.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr std::size_t kPiece = std::size_t{8} << 20;

std::string content_of(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

class FetchObjects : public testing::Test {
 protected:
  std::string random_bytes(std::size_t size) {
    std::string bytes(size, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random_());
    return bytes;
  }
  FileOrder store(const std::string& bytes, ByteCount left_out) {
    const std::string number = std::to_string(orders_++);
    auto writer = objects_.create_stored(folder_, "git/20261123T18450" + number + "Z-00000a.bundle");
    writer.write(bytes);
    return {.record = writer.commit(), .left_out = left_out, .file = scratch_.path() / number};
  }
  void fetch(const std::vector<FileOrder>& orders) {
    fetch_objects(
        {.objects = objects_, .folder = folder_}, orders, [&](ByteCount count) { received_ += count; },
        stop_.get_token());
  }
  std::size_t files() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(scratch_.path()), fs::directory_iterator()));
  }

  std::minstd_rand random_{7};
  SystemClock clock_;
  VaultObjects objects_{std::make_unique<MemoryStore>(clock_)};
  const std::string folder_ = "repos/github.com/acme/x.7/";
  ScratchFolder scratch_;
  std::stop_source stop_;
  std::atomic<ByteCount> received_ = 0;
  int orders_ = 0;
};

TEST_F(FetchObjects, MakesFilesOfAnySizeWithoutTheirBeginning) {
  struct Case {
    std::size_t size;
    std::size_t left_out;
  };
  const std::vector<Case> cases = {{0, 0},          {1, 0},           {1, 1},
                                   {kPiece, 0},     {kPiece + 1, 0},  {kPiece + 1, 1},
                                   {3 * kPiece, 7}, {5'000'000, 100}, {3 * kPiece + 5, kPiece + 3}};
  std::vector<FileOrder> orders;
  std::vector<std::string> contents;
  ByteCount size = 0;
  for (const Case& each : cases) {
    contents.push_back(random_bytes(each.size));
    orders.push_back(store(contents.back(), each.left_out));
    size += each.size;
  }

  fetch(orders);

  for (std::size_t i = 0; i < cases.size(); ++i)
    EXPECT_TRUE(content_of(orders[i].file) == contents[i].substr(cases[i].left_out)) << i;
  EXPECT_EQ(received_, size);
  EXPECT_EQ(files(), cases.size());
}

TEST_F(FetchObjects, NamesWhatIsNotWhatWasWritten) {
  for (const std::size_t place : {std::size_t{0}, kPiece, 2 * kPiece + 4}) {
    const std::string bytes = random_bytes(2 * kPiece + 5);
    FileOrder order = store(bytes, 3);
    auto other = bytes;
    other[place] = static_cast<char>(other[place] ^ 1);
    order.record.sha256 = sha256_hex(other);

    const Error error = error_of([&] { fetch({order}); });

    EXPECT_EQ(error.kind(), ErrorKind::corrupt);
    EXPECT_THAT(error.message(), HasSubstr(order.record.key));
    EXPECT_FALSE(fs::exists(order.file));
  }
}

TEST_F(FetchObjects, KeepsTheFilesThatAreWholeWhereAnotherFails) {
  const FileOrder whole = store("whole", 0);
  FileOrder missing = store("x", 0);
  missing.record.key = "git/20261123T184509Z-00000b.bundle";
  FileOrder cut = store("cut", 0);
  cut.record.size = 4;

  EXPECT_EQ(error_of([&] { fetch({whole, missing}); }).kind(), ErrorKind::not_found);
  EXPECT_EQ(error_of([&] { fetch({cut}); }).kind(), ErrorKind::corrupt);
  EXPECT_EQ(content_of(whole.file), "whole");
  EXPECT_FALSE(fs::exists(missing.file));
  EXPECT_FALSE(fs::exists(cut.file));
}

TEST_F(FetchObjects, RefusesABeginningThatIsBehindTheEnd) {
  EXPECT_EQ(error_of([&] { fetch({store("short", 6)}); }).kind(), ErrorKind::corrupt);
}

TEST_F(FetchObjects, EndsWhenItIsStopped) {
  stop_.request_stop();

  EXPECT_EQ(error_of([&] { fetch({store("bytes", 0)}); }).kind(), ErrorKind::cancelled);
}

}  // namespace
}  // namespace hubkeep
