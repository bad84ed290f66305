#include "store/folder/lock_file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>
#include <vector>

#include "base/scratch_folder.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;
using ::testing::IsEmpty;

constexpr const char* kOfAnotherMachine = "hubkeep other-boot/pid:[1] 7 1234 0123456789abcdef nas\n";

class LockFileTest : public ::testing::Test {
 protected:
  LockFileWaiter waiter() const { return {folder_.get(), "lock.held"}; }
  fs::path file() const { return scratch_.path() / "lock.held"; }
  void put(const std::string& content, std::chrono::seconds age = {}) const {
    std::ofstream(file()) << content;
    fs::last_write_time(file(), fs::file_time_type::clock::now() - age);
  }
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(scratch_.path()))
      names.push_back(entry.path().filename().string());
    return names;
  }
  // How many looks it takes; 0 for more than `most`.
  int looks_until_taken(int most) const {
    LockFileWaiter looking = waiter();
    for (int looks = 1; looks <= most; ++looks)
      if (looking.look()) return looks;
    return 0;
  }

  ScratchFolder scratch_;
  const FileDescriptor folder_{::open(scratch_.path().c_str(), O_RDONLY | O_DIRECTORY)};
};

TEST_F(LockFileTest, IsHeldByOneAndGoneAfterwards) {
  {
    const auto lock = waiter().look();

    ASSERT_TRUE(lock);
    EXPECT_TRUE(lock->is_held());
    EXPECT_EQ(looks_until_taken(300), 0);
  }
  EXPECT_THAT(names(), IsEmpty());
  EXPECT_EQ(looks_until_taken(1), 1);
}

// What the names of processes mean to others: a child that has ended, and has not.
TEST_F(LockFileTest, OfADeadProcessIsTakenAtOnceAndOfALivingOneNever) {
  int told[2];
  int go_on[2];
  ASSERT_EQ(::pipe(told) + ::pipe(go_on), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto lock = waiter().look();
    char byte = lock ? 'y' : 'n';
    if (::write(told[1], &byte, 1) != 1 || ::read(go_on[0], &byte, 1) != 1) ::_exit(2);
    ::_exit(0);  // without its destructor
  }
  char taken = 0;
  ASSERT_EQ(::read(told[0], &taken, 1), 1);
  ASSERT_EQ(taken, 'y');
  EXPECT_EQ(looks_until_taken(2000), 0);
  ASSERT_EQ(::write(go_on[1], "x", 1), 1);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);

  EXPECT_EQ(looks_until_taken(2), 2);

  EXPECT_THAT(names(), IsEmpty());
}

// As hidepid= and ProtectProc= do it: 0 where the lock of a process that is hidden stays, 1 where it is
// taken, and 2 where this cannot be tried.
int look_as_nobody_who_sees_no_others(LockFileWaiter looking, const fs::path& file) {
  constexpr uid_t kNobody = 65534;
  if (::unshare(CLONE_NEWNS) != 0 || ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
      ::mount("proc", "/proc", "proc", 0, "hidepid=2") != 0 || ::setgid(kNobody) != 0 ||
      ::setuid(kNobody) != 0 || ::prctl(PR_SET_DUMPABLE, 1) != 0)
    return 2;
  for (int looks = 1; looks <= 3; ++looks)
    if (looking.look()) return 1;
  return fs::exists(file) ? 0 : 1;
}

TEST_F(LockFileTest, OfAProcessThatIsHiddenIsNotTaken) {
  const auto lock = waiter().look();
  ASSERT_TRUE(lock);
  fs::permissions(scratch_.path(), fs::perms::all);
  fs::permissions(file(), fs::perms::all);
  const pid_t child = ::fork();
  if (child == 0) ::_exit(look_as_nobody_who_sees_no_others(waiter(), file()));
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  if (WEXITSTATUS(status) == 2) GTEST_SKIP() << "only root can hide processes";

  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_TRUE(lock->is_held());
}

TEST_F(LockFileTest, OfAnotherMachineEndsWithItsLease) {
  put(kOfAnotherMachine, kLockLease - std::chrono::seconds(60));
  EXPECT_EQ(looks_until_taken(300), 0);

  put(kOfAnotherMachine, kLockLease + std::chrono::seconds(2));
  EXPECT_EQ(looks_until_taken(2), 2);
}

TEST_F(LockFileTest, NamesWhoHoldsIt) {
  put(kOfAnotherMachine);
  LockFileWaiter looking = waiter();

  EXPECT_FALSE(looking.look());

  EXPECT_EQ(looking.holder(), "process 7 on nas");
  EXPECT_EQ(looking.error(), 0);
}

// Its maker was killed before it had written down who it was.
TEST_F(LockFileTest, ThatStaysEmptyOrTornIsTakenAfterManyLooks) {
  for (const auto* content : {"", "hubkeep oth"}) {
    put(content);

    EXPECT_EQ(looks_until_taken(999), 0);
    EXPECT_EQ(looks_until_taken(1002), 1001);
  }
}

TEST_F(LockFileTest, IsNoLongerHeldWhenAnotherHasTakenIt) {
  const auto lock = waiter().look();
  ASSERT_TRUE(lock);

  put(kOfAnotherMachine);

  EXPECT_FALSE(lock->is_held());
  EXPECT_TRUE(fs::exists(file()));
}

TEST_F(LockFileTest, OfAnotherIsNotRemovedAtTheEnd) {
  {
    const auto lock = waiter().look();
    put(kOfAnotherMachine);
  }

  EXPECT_TRUE(fs::exists(file()));
}

// Many find the same file left over, again and again: no two may hold the lock at once.
TEST_F(LockFileTest, IsTakenByOneOfManyWhoFindItLeftOver) {
  std::atomic<int> holders = 0;
  std::atomic<int> most = 0;
  std::atomic<int> taken = 0;
  for (int round = 0; round < 50; ++round) {
    put(kOfAnotherMachine, kLockLease + std::chrono::seconds(2 + round));
    std::vector<std::jthread> threads;
    for (int i = 0; i < 6; ++i) {
      threads.emplace_back([&] {
        LockFileWaiter looking = waiter();
        for (int done = 0; done < 3;) {
          const auto lock = looking.look();
          if (!lock) {
            std::this_thread::yield();
            continue;
          }
          most = std::max(most.load(), ++holders);
          EXPECT_TRUE(lock->is_held());
          --holders;
          ++done;
          ++taken;
        }
      });
    }
  }

  EXPECT_EQ(most, 1);
  EXPECT_EQ(taken, 50 * 6 * 3);
  EXPECT_THAT(names(), IsEmpty());
}

// As on SMB, where somebody still looks at the lock that is removed.
TEST_F(LockFileTest, WaitsForANameThatIsNeitherFreeNorTaken) {
  fs::create_directory(scratch_.path() / "gone");
  const FileDescriptor gone(::open((scratch_.path() / "gone").c_str(), O_RDONLY | O_DIRECTORY));
  fs::remove(scratch_.path() / "gone");
  LockFileWaiter looking(gone.get(), "lock.held");

  for (int looks = 1; looks < 100; ++looks) EXPECT_FALSE(looking.look());
  EXPECT_EQ(looking.error(), 0);

  EXPECT_FALSE(looking.look());
  EXPECT_EQ(looking.error(), ENOENT);
}

TEST_F(LockFileTest, SaysWhyItCannotBeMade) {
  LockFileWaiter nowhere(-1, "lock.held");

  EXPECT_FALSE(nowhere.look());

  EXPECT_EQ(nowhere.error(), EBADF);
}

}  // namespace
}  // namespace hubkeep
