#include "app/file_source.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <map>
#include <thread>

#include "base/error_of.h"
#include "base/text.h"

namespace hubkeep {
namespace {

class SettingsFile : public testing::Test {
 protected:
  SettingsFile()
      : folder_(std::filesystem::temp_directory_path() / ("hubkeep-file-source-" + random_hex(12))) {
    std::filesystem::create_directory(folder_);
  }
  ~SettingsFile() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path write(std::string_view text) const {
    std::ofstream(folder_ / "file", std::ios::binary) << text;
    return folder_ / "file";
  }

  std::filesystem::path folder_;
};

TEST_F(SettingsFile, IsReadByteByByte) {
  const auto path = write("a\r\nb\n");

  const FileText file = read_settings_file(path, NamedBy::user);

  EXPECT_EQ(file.state, FileText::State::found);
  EXPECT_EQ(file.text, "a\r\nb\n");
}

TEST_F(SettingsFile, MayBeMissing) {
  EXPECT_EQ(read_settings_file(folder_ / "none", NamedBy::user).state, FileText::State::missing);
  EXPECT_EQ(read_settings_file(write("x") / "below-a-file", NamedBy::user).state, FileText::State::missing);
}

TEST_F(SettingsFile, MayTurnOutToBeAFolder) {
  EXPECT_EQ(read_settings_file(folder_, NamedBy::user).state, FileText::State::folder);
}

TEST_F(SettingsFile, MayBeAPipe) {
  const auto pipe = folder_ / "pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  std::jthread writer([&] { std::ofstream(pipe) << "token\n"; });

  const FileText file = read_settings_file(pipe, NamedBy::user);

  EXPECT_EQ(file.text, "token\n");
}

// Nobody writes to it: whoever opened it to read would wait for ever.
TEST_F(SettingsFile, ThatTheUserDidNotNameIsNeverAPipe) {
  const auto pipe = folder_ / "pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  std::filesystem::create_symlink(pipe, folder_ / "link");

  for (const char* name : {"pipe", "link"}) {
    const FileText file = read_settings_file(folder_ / name, NamedBy::folder);

    EXPECT_EQ(file.state, FileText::State::special) << name;
    EXPECT_EQ(file.what, "a named pipe") << name;
  }
}

TEST_F(SettingsFile, ThatTheUserDidNotNameIsNoDevice) {
  std::filesystem::create_symlink("/dev/zero", folder_ / "zero");

  const FileText file = read_settings_file(folder_ / "zero", NamedBy::folder);

  EXPECT_EQ(file.state, FileText::State::special);
  EXPECT_EQ(file.what, "a device");
}

TEST_F(SettingsFile, WithoutEndIsRefused) {
  const Error error = error_of([&] { read_settings_file("/dev/zero", NamedBy::user); });

  EXPECT_EQ(error.kind(), ErrorKind::invalid);
  EXPECT_EQ(error.message(), "/dev/zero is larger than 1 MiB");
}

TEST_F(SettingsFile, TellsWhetherOthersMayReadIt) {
  const auto path = write("x");
  for (const auto& [mode, others] :
       std::map<mode_t, bool>{{0600, false}, {0400, false}, {0640, true}, {0604, true}}) {
    ASSERT_EQ(::chmod(path.c_str(), mode), 0);

    EXPECT_EQ(read_settings_file(path, NamedBy::folder).others_may_read, others) << mode;
  }
}

TEST_F(SettingsFile, OfMoreThanOneMebibyteIsRefused) {
  const auto path = write(std::string((1U << 20U) + 1, 'x'));

  const Error error = error_of([&] { read_settings_file(path, NamedBy::user); });

  EXPECT_EQ(error.kind(), ErrorKind::invalid);
  EXPECT_TRUE(error.message().ends_with("is larger than 1 MiB")) << error.message();
}

TEST_F(SettingsFile, ThatCannotBeOpenedIsAnError) {
  const auto path = folder_ / "loop";  // permissions would not stop root
  std::filesystem::create_symlink(path, path);

  const Error error = error_of([&] { read_settings_file(path, NamedBy::user); });

  EXPECT_EQ(error.kind(), ErrorKind::forbidden);
  EXPECT_TRUE(error.message().starts_with("cannot read ")) << error.message();
}

}  // namespace
}  // namespace hubkeep
