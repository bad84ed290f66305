// statfs() tells a number, and "FUSE" for everything that is made with it; /proc/self/mountinfo tells the
// kind of FUSE, and where it is mounted, which says more to a person. So names come from there, and from the
// table where there is no /proc.
#include "base/file_system.h"

#include <linux/magic.h>
#include <sys/vfs.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/text.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;

struct KnownFileSystem {
  unsigned long magic;
  std::string_view name;
  LockReach reach;
};

// statfs(2); those that <linux/magic.h> does not have stand as their number.
constexpr std::array kKnown = {
    KnownFileSystem{EXT4_SUPER_MAGIC, "ext4", LockReach::here},
    KnownFileSystem{XFS_SUPER_MAGIC, "xfs", LockReach::here},
    KnownFileSystem{BTRFS_SUPER_MAGIC, "btrfs", LockReach::here},
    KnownFileSystem{TMPFS_MAGIC, "tmpfs", LockReach::here},
    KnownFileSystem{RAMFS_MAGIC, "ramfs", LockReach::here},
    KnownFileSystem{F2FS_SUPER_MAGIC, "f2fs", LockReach::here},
    KnownFileSystem{OVERLAYFS_SUPER_MAGIC, "overlay", LockReach::here},
    KnownFileSystem{MSDOS_SUPER_MAGIC, "vfat", LockReach::here},
    KnownFileSystem{NILFS_SUPER_MAGIC, "nilfs2", LockReach::here},
    KnownFileSystem{REISERFS_SUPER_MAGIC, "reiserfs", LockReach::here},
    KnownFileSystem{ECRYPTFS_SUPER_MAGIC, "ecryptfs", LockReach::here},
    KnownFileSystem{0x2FC12FC1, "zfs", LockReach::here},
    KnownFileSystem{0xCA451A4E, "bcachefs", LockReach::here},
    KnownFileSystem{0x2011BAB0, "exfat", LockReach::here},
    KnownFileSystem{0x7366746E, "ntfs3", LockReach::here},
    KnownFileSystem{0x3153464A, "jfs", LockReach::here},
    KnownFileSystem{0x482B, "hfsplus", LockReach::here},
    KnownFileSystem{NFS_SUPER_MAGIC, "nfs", LockReach::unknown},
    KnownFileSystem{CEPH_SUPER_MAGIC, "ceph", LockReach::unknown},
    KnownFileSystem{OCFS2_SUPER_MAGIC, "ocfs2", LockReach::unknown},
    KnownFileSystem{0x01161970, "gfs2", LockReach::unknown},
    KnownFileSystem{FUSE_SUPER_MAGIC, "fuse", LockReach::unknown},
    KnownFileSystem{CIFS_SUPER_MAGIC, "cifs", LockReach::unknown},
    KnownFileSystem{SMB2_SUPER_MAGIC, "smb2", LockReach::unknown},
    KnownFileSystem{SMB_SUPER_MAGIC, "smb", LockReach::unknown},
    KnownFileSystem{V9FS_MAGIC, "9p", LockReach::unknown},
    KnownFileSystem{AFS_SUPER_MAGIC, "afs", LockReach::unknown},
    KnownFileSystem{0x786F4256, "vboxsf", LockReach::unknown},
    KnownFileSystem{0xBACBACBC, "vmhgfs", LockReach::unknown},
};

const KnownFileSystem* find_known(const struct statfs& status) {
  const auto* const found = std::find_if(kKnown.begin(), kKnown.end(), [&](const KnownFileSystem& known) {
    return known.magic == static_cast<unsigned long>(static_cast<unsigned int>(status.f_type));
  });
  return found == kKnown.end() ? nullptr : found;
}

// A space, a tab, a line's end and a backslash stand there as "\040" and so on.
std::string unescape(std::string_view text) {
  const auto is_octal = [](char digit) { return digit >= '0' && digit <= '7'; };
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string_view digits = text.substr(i + 1).substr(0, 3);
    if (text[i] == '\\' && digits.size() == 3 && std::all_of(digits.begin(), digits.end(), is_octal)) {
      plain += static_cast<char>((digits[0] - '0') * 64 + (digits[1] - '0') * 8 + (digits[2] - '0'));
      i += 3;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

bool is_at_or_below(std::string_view path, std::string_view folder) {
  if (folder == "/") return path.starts_with('/');
  return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

std::string read_mountinfo() {
  std::ostringstream text;
  text << std::ifstream("/proc/self/mountinfo").rdbuf();
  return text.str();
}

fs::path nearest_existing(const std::string& path) {
  std::error_code error;
  fs::path nearest = fs::absolute(path, error);
  while (!fs::exists(fs::symlink_status(nearest, error)) && nearest != nearest.parent_path())
    nearest = nearest.parent_path();
  const fs::path canonical = fs::canonical(nearest, error);
  return error ? nearest : canonical;
}

}  // namespace

LockReach lock_reach(int descriptor) {
  struct statfs status{};
  if (::fstatfs(descriptor, &status) != 0) return LockReach::unknown;
  const auto* const known = find_known(status);
  return known == nullptr ? LockReach::unknown : known->reach;
}

// Mount points lie in one another, and on one another: of two that fit equally well, the later one is on top.
std::optional<Mount> find_mount(std::string_view mountinfo, std::string_view path) {
  std::optional<Mount> best;
  for (const std::string_view line : split(mountinfo, '\n')) {
    const auto fields = split(line, ' ');
    const auto dash = std::find(fields.begin(), fields.end(), "-");
    if (fields.size() < 5 || fields.end() - dash < 2) continue;
    std::string place = unescape(fields[4]);
    if (!is_at_or_below(path, place) || (best && best->place.size() > place.size())) continue;
    best = Mount{.type = unescape(dash[1]), .place = std::move(place)};
  }
  return best;
}

std::string describe_file_system(const std::string& path) {
  const fs::path there = nearest_existing(path);
  if (const auto mount = find_mount(read_mountinfo(), there.string()))
    return printable(mount->type) + " at " + printable(mount->place);
  struct statfs status{};
  const auto* const known = ::statfs(there.c_str(), &status) == 0 ? find_known(status) : nullptr;
  return known == nullptr ? "the file system" : std::string(known->name);
}

}  // namespace hubkeep
