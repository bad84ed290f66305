#include "base/file_error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

namespace hubkeep {
namespace {

using ::testing::HasSubstr;

TEST(FileError, HasTheKindThatDecisionsNeed) {
  struct Case {
    int error_number;
    ErrorKind kind;
    const char* words;
  };
  for (const Case& c :
       {Case{ENOENT, ErrorKind::not_found, "does not exist"},
        Case{EACCES, ErrorKind::forbidden, "permission denied"},
        Case{EPERM, ErrorKind::forbidden, "permission denied"},
        Case{EROFS, ErrorKind::forbidden, "read-only"}, Case{ENOSPC, ErrorKind::internal, "no space left"},
        Case{EDQUOT, ErrorKind::internal, "quota"}, Case{EFBIG, ErrorKind::internal, "no space left"},
        Case{ENOTDIR, ErrorKind::invalid, "in the way"}, Case{EEXIST, ErrorKind::invalid, "in the way"},
        Case{EISDIR, ErrorKind::invalid, "in the way"}, Case{ELOOP, ErrorKind::invalid, "symbolic link"},
        Case{ENAMETOOLONG, ErrorKind::invalid, "names this long"}, Case{EIO, ErrorKind::internal, "device"},
        Case{EMFILE, ErrorKind::internal, "open files"}}) {
    const Error error = file_error(c.error_number, "write", "/vault/a");

    EXPECT_EQ(error.kind(), c.kind) << c.error_number;
    EXPECT_THAT(error.message(), HasSubstr(c.words));
    EXPECT_THAT(error.message(), HasSubstr("cannot write /vault/a"));
  }
}

TEST(FileError, NamesTheFileSystemThatMayBeTheReason) {
  for (const int error_number : {EINVAL, ENOSYS, EOPNOTSUPP, ENOTTY, ENOLCK})
    EXPECT_THAT(file_error(error_number, "write", "/proc/vault/a").message(),
                HasSubstr("cannot write /proc/vault/a: proc at /proc cannot do that: "))
        << error_number;
  const Error refused = file_error(EPERM, "write", "/proc/vault/a");
  EXPECT_EQ(refused.kind(), ErrorKind::forbidden);
  EXPECT_EQ(refused.message(),
            "cannot write /proc/vault/a: proc at /proc refuses it: Operation not permitted");
}

TEST(FileError, ShowsThePathSafely) {
  EXPECT_THAT(file_error(EIO, "read", "/a\x1b[31m").message(), HasSubstr("/a\\x1b[31m"));
}

}  // namespace
}  // namespace hubkeep
