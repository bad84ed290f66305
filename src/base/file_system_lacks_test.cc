#include "base/file_system_lacks.h"

#include <gtest/gtest.h>

#include <cerrno>

namespace hubkeep {
namespace {

constexpr FileCall kCalls[] = {FileCall::rename_to_new, FileCall::link,     FileCall::lock,
                               FileCall::make_new,      FileCall::set_mode, FileCall::sync_folder,
                               FileCall::symbolic_link, FileCall::map};

TEST(FileSystemLacks, AreWhatFoldersOfOthersHaveSaid) {
  for (const int number : {EINVAL, ENOSYS, EPERM, ENOTSUP})
    EXPECT_TRUE(is_lacking(FileCall::rename_to_new, number)) << number;
  for (const int number : {EPERM, EOPNOTSUPP, EMLINK, ENOSYS})
    EXPECT_TRUE(is_lacking(FileCall::link, number)) << number;
  for (const int number : {ENOLCK, ENOSYS, EOPNOTSUPP, EINVAL})
    EXPECT_TRUE(is_lacking(FileCall::lock, number)) << number;
  for (const int number : {EINVAL, ENOTTY, EPERM, EBADF, EISDIR, ENOSYS, ENOTSUP})
    EXPECT_TRUE(is_lacking(FileCall::sync_folder, number)) << number;
}

// Durability is not believed, and no lock, where the device said no.
TEST(FileSystemLacks, AreNothingThatTellsOfTheDeviceOrOfRights) {
  for (const FileCall call : kCalls)
    for (const int number : {0, EIO, ENOSPC, EDQUOT, EROFS, EACCES, ENOENT, EEXIST, EINTR, EWOULDBLOCK})
      EXPECT_FALSE(is_lacking(call, number)) << static_cast<int>(call) << " " << number;
}

}  // namespace
}  // namespace hubkeep
