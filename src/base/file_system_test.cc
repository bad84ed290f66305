#include "base/file_system.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file_descriptor.h"
#include "base/scratch_folder.h"

namespace hubkeep {
namespace {

using ::testing::HasSubstr;

constexpr const char* kMounts =
    "22 27 0:21 / /proc rw,relatime - proc proc rw\n"
    "27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw\n"
    "40 27 0:40 / /mnt/share rw,relatime shared:7 master:2 - vboxsf share rw,nodev\n"
    "41 27 0:41 / /mnt/share\\040two rw - fuse.sshfs nas:/ rw,user_id=0\n"
    "42 27 8:1 / /mnt/disk rw - ext4 /dev/sda1 rw\n"
    "43 42 8:17 / /mnt/disk rw - exfat /dev/sdb1 rw\n"
    "broken line\n";

std::string mount_of(std::string_view path) {
  const auto mount = find_mount(kMounts, path);
  return mount ? mount->type + " at " + mount->place : "nothing";
}

TEST(FileSystem, IsTheMountThatIsNextAboveAPath) {
  EXPECT_EQ(mount_of("/"), "ext4 at /");
  EXPECT_EQ(mount_of("/mnt"), "ext4 at /");
  EXPECT_EQ(mount_of("/mnt/share"), "vboxsf at /mnt/share");
  EXPECT_EQ(mount_of("/mnt/share/vault/a"), "vboxsf at /mnt/share");
  EXPECT_EQ(mount_of("/mnt/shared"), "ext4 at /");
  EXPECT_EQ(mount_of("/mnt/share two/vault"), "fuse.sshfs at /mnt/share two");
  EXPECT_EQ(mount_of("relative"), "nothing");
}

TEST(FileSystem, IsTheUppermostOfTwoInOnePlace) {
  EXPECT_EQ(mount_of("/mnt/disk/vault"), "exfat at /mnt/disk");
}

TEST(FileSystem, HasANameForPathsThatAreNotThere) {
  EXPECT_THAT(describe_file_system("/proc/none/at/all"), HasSubstr("proc at /proc"));
  EXPECT_EQ(describe_file_system("/proc/none"), describe_file_system("/proc"));
}

TEST(FileSystem, OfThisMachineTellsAllOfItsLocks) {
  const ScratchFolder scratch;
  const FileDescriptor here(::open(scratch.path().c_str(), O_RDONLY | O_DIRECTORY));
  const FileDescriptor proc(::open("/proc", O_RDONLY | O_DIRECTORY));

  EXPECT_EQ(lock_reach(here.get()), LockReach::here);
  EXPECT_EQ(lock_reach(proc.get()), LockReach::unknown);
  EXPECT_EQ(lock_reach(-1), LockReach::unknown);
}

}  // namespace
}  // namespace hubkeep
