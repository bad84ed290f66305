#include "store/folder/folder_store.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <grp.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <map>
#include <thread>

#include "base/error_of.h"
#include "base/file_lock.h"
#include "base/scratch_folder.h"
#include "store/folder/folder_writer.h"
#include "store/store_contract_test.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::ExitedWithCode;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const std::map<std::string, std::string> kObstacles = {
    {"folder", "a folder"}, {"link", "a symbolic link"}, {"pipe", "a named pipe"}, {"socket", "a socket"}};

std::vector<ByteCount> numbers_of(const Leftovers& found) {
  EXPECT_TRUE(found.problems.empty());
  return {static_cast<ByteCount>(found.removed), found.removed_bytes, static_cast<ByteCount>(found.left),
          found.bytes};
}

class FolderHome final : public StoreHome {
 public:
  // These tests also run on folders without locks. See LackingDisk.KeepsTheContractOfStores.
  bool knows_living_writers() const override {
    const FileDescriptor folder(::open(scratch_.path().c_str(), O_RDONLY | O_DIRECTORY));
    std::string name = "probe";
    const FileDescriptor writer = make_locked_file(folder.get(), name);
    const FileDescriptor other(::openat(folder.get(), name.c_str(), O_RDONLY));
    ::unlinkat(folder.get(), name.c_str(), 0);
    return find_holder(other) == Holder::alive;
  }
  std::unique_ptr<ObjectStore> open(OpenMode mode) override {
    return std::make_unique<FolderStore>((scratch_.path() / "vault").string(), mode);
  }

 private:
  ScratchFolder scratch_;
};

std::unique_ptr<StoreHome> make_folder_home() {
  return std::make_unique<FolderHome>();
}

INSTANTIATE_TEST_SUITE_P(Folder, StoreContract, ::testing::Values(&make_folder_home));

class FolderStoreTest : public ::testing::Test {
 protected:
  fs::path file(const std::string& key) const { return scratch_.path() / key; }
  mode_t mode_of(const std::string& key) const {
    struct stat status{};
    ::stat(file(key).c_str(), &status);
    return status.st_mode & 07777U;
  }
  // All of kObstacles.
  void put_obstacles() const {
    fs::create_directories(file("folder/below"));
    fs::create_symlink("nowhere", file("link"));
    ::mkfifo(file("pipe").c_str(), 0600);
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    file("socket").string().copy(address.sun_path, sizeof(address.sun_path) - 1);
    const FileDescriptor listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    ASSERT_EQ(::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  }
  std::vector<std::string> temporary_files() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(file(".tmp"))) {
      if (entry.path().filename() != "lock") names.push_back(entry.path().filename());
    }
    return names;
  }

  ScratchFolder scratch_;
  FolderStore store_{scratch_.path().string(), OpenMode::create};
};

TEST_F(FolderStoreTest, KeepsPrivateCodePrivate) {
  must_put(store_, "a/b", "1");

  EXPECT_EQ(mode_of("a/b"), 0600U);
  EXPECT_EQ(mode_of("a"), 0700U);
  EXPECT_EQ(mode_of(".tmp"), 0700U);
}

TEST_F(FolderStoreTest, WritesUnderATemporaryNameThatTellsTheObject) {
  const auto writer = store_.create("a/" + std::string(250, 'x'));

  const auto names = temporary_files();

  ASSERT_EQ(names.size(), 1U);
  EXPECT_THAT(names[0], ::testing::MatchesRegex("[0-9a-f]{8}-x+"));
  EXPECT_EQ(names[0].size(), 255U);
}

TEST_F(FolderStoreTest, TakesTheFileWithItWhenAWriterIsDestroyed) {
  store_.create("a")->write("1");

  EXPECT_THAT(temporary_files(), IsEmpty());
}

TEST_F(FolderStoreTest, RemovesAtOnceWhatNoLivingWriterHolds) {
  std::ofstream(file(".tmp/00000000-dead")) << "12345";
  std::ofstream(file(".tmp/00000000-future")) << "1";
  fs::last_write_time(file(".tmp/00000000-future"),
                      fs::file_time_type::clock::now() + std::chrono::hours(25));
  must_put(store_, "kept", "1");

  const Leftovers found = store_.remove_stale(std::chrono::hours(24));

  EXPECT_THAT(numbers_of(found), ElementsAre(2, 6, 0, 0));
  EXPECT_THAT(temporary_files(), IsEmpty());
}

TEST_F(FolderStoreTest, LeavesWhatAnotherRunWrites) {
  FolderStore other(scratch_.path().string(), OpenMode::create);
  const auto writer = other.create("a");
  writer->write(std::string(100'000, 'x'));

  for (const auto age : {std::chrono::seconds(24 * 3600), std::chrono::seconds(0)})
    EXPECT_THAT(numbers_of(store_.remove_stale(age)), ElementsAre(0, 0, 1, 100'000));

  EXPECT_EQ(writer->commit(Precondition::absent()), CommitResult::committed);
  EXPECT_EQ(get(store_, "a").size(), 100'000U);
}

// However they meet: between the making of a file and its lock lies a moment.
TEST_F(FolderStoreTest, LosesNothingWhereOneRunCleansUpWhileAnotherWrites) {
  FolderStore other(scratch_.path().string(), OpenMode::create);
  std::atomic<bool> is_done = false;
  std::jthread cleaner([&] {
    while (!is_done) {
      store_.remove_stale(std::chrono::seconds(0));
      store_.leftovers();
    }
  });

  for (int i = 0; i < 300; ++i) must_put(other, "object-" + std::to_string(i), "1");
  is_done = true;
  cleaner.join();

  EXPECT_EQ(keys_of(store_).size(), 300U);
  EXPECT_THAT(temporary_files(), IsEmpty());
}

TEST_F(FolderStoreTest, CountsWhatIsLeftOverWithoutTouchingIt) {
  const auto writer = store_.create("a");
  std::ofstream(file(".tmp/00000000-dead")) << "12345";

  EXPECT_THAT(numbers_of(store_.leftovers().value()), ElementsAre(0, 0, 1, 5));
  EXPECT_THAT(temporary_files(), SizeIs(2));
}

TEST_F(FolderStoreTest, ListsNothingThatIsNoObject) {
  must_put(store_, "a/b", "1");
  std::ofstream(file("a/ä b")) << "no key";
  fs::create_symlink(file("a/b"), file("a/link"));
  fs::create_directory_symlink(file("a"), file("link"));
  ::mkfifo(file("pipe").c_str(), 0600);
  fs::create_directory(file("empty"));

  EXPECT_THAT(keys_of(store_), ElementsAre("a/b"));
  EXPECT_THAT(children_of(store_), ElementsAre("a/"));
}

TEST_F(FolderStoreTest, SaysOfWhichKeyItCouldNotRemoveTheObject) {
  const ScratchFolder outside;
  fs::create_directory_symlink(outside.path(), file("link"));
  for (const auto* key : {"a", "b"}) must_put(store_, key, "1");
  const std::vector<ObjectKey> keys = {"a", "link/x", "b"};

  const auto results = store_.remove(keys, {});

  ASSERT_THAT(results, SizeIs(3));
  EXPECT_EQ(results[0], std::nullopt);
  EXPECT_EQ(results[1].value().kind(), ErrorKind::invalid);
  EXPECT_THAT(results[1].value().message(), HasSubstr(file("link").string()));
  EXPECT_EQ(results[2], std::nullopt);
  EXPECT_THAT(keys_of(store_), IsEmpty());
}

TEST_F(FolderStoreTest, DoesNotFollowSymbolicLinksBelowItsRoot) {
  const ScratchFolder outside;
  std::ofstream(outside.path() / "secret") << "1";
  fs::create_directory_symlink(outside.path(), file("folder"));
  fs::create_symlink(outside.path() / "secret", file("file"));

  EXPECT_EQ(kind_of_error([&] { get(store_, "file"); }), ErrorKind::not_found);
  EXPECT_EQ(kind_of_error([&] { get(store_, "folder/secret"); }), ErrorKind::invalid);
  EXPECT_EQ(kind_of_error([&] { must_put(store_, "folder/new", "1"); }), ErrorKind::invalid);
  EXPECT_EQ(kind_of_error([&] { store_.remove("folder/secret"); }), ErrorKind::invalid);
  EXPECT_THAT(message_of_error([&] { must_put(store_, "folder/a/b", "1"); }),
              HasSubstr(file("folder").string() + ": a symbolic link"));
  EXPECT_TRUE(fs::exists(outside.path() / "secret"));
  EXPECT_FALSE(fs::exists(outside.path() / "new"));
}

TEST_F(FolderStoreTest, ReplacesASymbolicLinkAndNotWhatItPointsAt) {
  const ScratchFolder outside;
  std::ofstream(outside.path() / "file") << "theirs";
  fs::create_symlink(outside.path() / "file", file("a"));

  must_put(store_, "a", "ours");

  EXPECT_EQ(get(store_, "a"), "ours");
  EXPECT_EQ(fs::file_size(outside.path() / "file"), 6U);
}

TEST_F(FolderStoreTest, MayItselfBeReachedThroughASymbolicLink) {
  const ScratchFolder elsewhere;
  fs::create_directory_symlink(scratch_.path(), elsewhere.path() / "vault");
  must_put(store_, "a/b", "1");

  FolderStore through_link((elsewhere.path() / "vault").string(), OpenMode::create);

  EXPECT_EQ(get(through_link, "a/b"), "1");
}

TEST_F(FolderStoreTest, NamesWhatIsInTheWay) {
  must_put(store_, "file", "1");
  fs::create_directories(file("folder/below"));

  EXPECT_EQ(kind_of_error([&] { must_put(store_, "file/x/y", "1"); }), ErrorKind::invalid);
  EXPECT_THAT(message_of_error([&] { must_put(store_, "file/x/y", "1"); }),
              HasSubstr(file("file").string() + ":"));
  EXPECT_EQ(kind_of_error([&] { must_put(store_, "folder", "1"); }), ErrorKind::invalid);
  EXPECT_EQ(kind_of_error([&] { must_put(store_, "folder", "1", Precondition::absent()); }),
            ErrorKind::invalid);
  EXPECT_THAT(message_of_error([&] { must_put(store_, "folder", "1"); }), HasSubstr(file("folder").string()));
  EXPECT_EQ(get(store_, "file"), "1");
  EXPECT_THAT(temporary_files(), IsEmpty());
}

TEST_F(FolderStoreTest, FindsNoObjectInAnythingThatIsNoFile) {
  put_obstacles();

  for (const auto& [name, what] : kObstacles) {
    EXPECT_EQ(kind_of_error([&] { get(store_, name); }), ErrorKind::not_found) << name;
    EXPECT_EQ(message_of_error([&] { store_.read_versioned(name, {}); }),
              file(name).string() + " is " + what + ", not a file");
    EXPECT_FALSE(store_.find(name)) << name;
    EXPECT_EQ(store_.obstacle(name), what);
  }
  must_put(store_, "file", "1");
  EXPECT_EQ(store_.obstacle("file"), "");
  EXPECT_EQ(store_.obstacle("nothing"), "");
  EXPECT_EQ(store_.obstacle("file/below"), "");
}

TEST_F(FolderStoreTest, NamesTheObstaclesBelowAPrefix) {
  put_obstacles();
  fs::create_directory(file("a"));
  fs::create_symlink("nowhere", file("a/link"));
  std::map<std::string, std::string> found;

  store_.list_obstacles("", [&](const ObjectKey& key, std::string_view what) { found.emplace(key, what); });

  std::map<std::string, std::string> expected(kObstacles.begin(), kObstacles.end());
  expected.erase("folder");
  expected.emplace("a/link", "a symbolic link");
  EXPECT_EQ(found, expected);
}

TEST_F(FolderStoreTest, PutsANewObjectInTheirPlaceButNotInAFolders) {
  const ScratchFolder outside;
  std::ofstream(outside.path() / "file") << "theirs";
  put_obstacles();
  fs::remove(file("link"));
  fs::create_symlink(outside.path() / "file", file("link"));

  for (const auto& [name, what] : kObstacles) {
    if (what == "a folder") continue;
    EXPECT_EQ(put(store_, name, "ours", Precondition::unchanged("x")), CommitResult::precondition_failed);
    EXPECT_EQ(put(store_, name, "ours", Precondition::absent()), CommitResult::committed) << name;
    EXPECT_EQ(put(store_, name, "more", Precondition::absent()), CommitResult::precondition_failed) << name;
    EXPECT_EQ(get(store_, name), "ours");
  }
  EXPECT_THAT(
      message_of_error([&] { static_cast<void>(put(store_, "folder", "1", Precondition::absent())); }),
      HasSubstr(file("folder").string() + ": a folder is in the way: move it elsewhere"));
  EXPECT_EQ(fs::file_size(outside.path() / "file"), 6U);
  EXPECT_THAT(temporary_files(), IsEmpty());
}

TEST_F(FolderStoreTest, SaysWhenAnotherRunHasTakenItsTemporaryFile) {
  const auto writer = store_.create("a");
  for (const auto& name : temporary_files()) fs::remove(file(".tmp/" + name));

  const auto commit = [&] { static_cast<void>(writer->commit(Precondition::absent())); };

  EXPECT_THAT(message_of_error(commit), HasSubstr("temporary file is gone"));
}

TEST_F(FolderStoreTest, CanBeReadWithoutItsTemporaryFolder) {
  must_put(store_, "a", "1");
  fs::remove_all(file(".tmp"));

  FolderStore reader(scratch_.path().string(), OpenMode::read);

  EXPECT_EQ(get(reader, "a"), "1");
  EXPECT_FALSE(fs::exists(file(".tmp")));
}

TEST(FolderStoreToWrite, MakesNothingBeforeItWrites) {
  const ScratchFolder scratch;
  EXPECT_THROW(FolderStore((scratch.path() / "none").string(), OpenMode::write), Error);
  EXPECT_FALSE(fs::exists(scratch.path() / "none"));

  FolderStore store(scratch.path().string(), OpenMode::write);
  EXPECT_TRUE(fs::is_empty(scratch.path()));
  must_put(store, "a", "1");

  EXPECT_EQ(get(store, "a"), "1");
}

TEST(NewName, IsGivenOnceByRenameAndByLink) {
  for (const auto give : {&rename_to_new, &link_to_new}) {
    const ScratchFolder scratch;
    const FileDescriptor folder(::open(scratch.path().c_str(), O_RDONLY | O_DIRECTORY));
    std::ofstream(scratch.path() / "a") << "first";
    std::ofstream(scratch.path() / "b") << "the second";

    EXPECT_EQ(give(folder.get(), "a", folder.get(), "x"), NewName::given);
    EXPECT_EQ(give(folder.get(), "b", folder.get(), "x"), NewName::taken);
    EXPECT_FALSE(fs::exists(scratch.path() / "a"));
    EXPECT_TRUE(fs::exists(scratch.path() / "b"));
    EXPECT_EQ(fs::file_size(scratch.path() / "x"), 5U);
  }
}

// As NFS does it where an answer was lost.
TEST(NewName, IsGivenByALinkThatIsMadeTwice) {
  const ScratchFolder scratch;
  const FileDescriptor folder(::open(scratch.path().c_str(), O_RDONLY | O_DIRECTORY));
  std::ofstream(scratch.path() / "a") << "a";
  ASSERT_EQ(::linkat(folder.get(), "a", folder.get(), "x", 0), 0);

  EXPECT_EQ(link_to_new(folder.get(), "a", folder.get(), "x"), NewName::given);

  EXPECT_FALSE(fs::exists(scratch.path() / "a"));
  EXPECT_TRUE(fs::exists(scratch.path() / "x"));
}

/// In a process of its own: makes `folder` a disk of 64 KiB, or, where mounting is not allowed, files that
/// small.
void make_small_disk(const fs::path& folder) {
  const bool own_mounts = ::unshare(CLONE_NEWNS) == 0 || ::unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0;
  if (own_mounts && ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
      ::mount("tmpfs", folder.c_str(), "tmpfs", 0, "size=64k") == 0) {
    return;
  }
  ::signal(SIGXFSZ, SIG_IGN);
  const rlimit limit{.rlim_cur = 64U << 10U, .rlim_max = 64U << 10U};
  ::setrlimit(RLIMIT_FSIZE, &limit);
}

/// In a process of its own: ends with 0 when `action` fails with an Error, whose message goes to standard
/// error.
template <typename Action>
[[noreturn]] void exit_after_error(ErrorKind kind, Action&& action) {
  try {
    action();
  } catch (const Error& error) {
    std::fputs(error.what(), stderr);
    std::exit(error.kind() == kind ? 0 : 1);
  }
  std::exit(2);
}

[[noreturn]] void fill_small_disk(const fs::path& folder) {
  make_small_disk(folder);
  FolderStore store(folder.string(), OpenMode::create);
  must_put(store, "small", "kept");
  exit_after_error(ErrorKind::internal, [&] {
    try {
      must_put(store, "big", std::string(200'000, 'x'));
    } catch (const Error&) {
      const bool lost_nothing = get(store, "small") == "kept" && keys_of(store).size() == 1;
      const bool took_back = store.remove_stale(std::chrono::seconds(0)).removed == 0;
      if (lost_nothing && took_back) throw;
    }
  });
}

TEST(FolderStore, MakesItsFolderInModeCreate) {
  const ScratchFolder scratch;
  const auto path = (scratch.path() / "new" / "vault").string();

  const FolderStore store(path, OpenMode::create);

  EXPECT_EQ(store.description(), path);
  EXPECT_TRUE(std::filesystem::is_directory(path));
}

TEST(FolderStore, TakesAPathWithASlashAtItsEnd) {
  const ScratchFolder scratch;

  FolderStore store((scratch.path() / "a" / "b").string() + "/", OpenMode::create);

  EXPECT_EQ(put(store, "x", "1"), CommitResult::committed);
  EXPECT_TRUE(std::filesystem::exists(scratch.path() / "a" / "b" / "x"));
}

TEST(FolderStore, SaysWhatIsMissingWhenItShallOnlyRead) {
  const ScratchFolder scratch;
  const auto path = (scratch.path() / "missing").string();
  const auto open = [&] { FolderStore(path, OpenMode::read); };

  EXPECT_EQ(kind_of_error(open), ErrorKind::not_found);
  EXPECT_THAT(message_of_error(open), HasSubstr(path));
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(FolderStore, NamesAFileInTheWay) {
  const ScratchFolder scratch;
  const auto file = (scratch.path() / "file").string();
  std::ofstream(file) << "mine";

  for (const auto& path : {file, file + "/vault"}) {
    const auto open = [&] { FolderStore(path, OpenMode::create); };
    EXPECT_EQ(kind_of_error(open), ErrorKind::invalid) << path;
    EXPECT_THAT(message_of_error(open), HasSubstr(file));
  }
}

TEST(FolderStore, ReadsNoMoreAsAWholeThanItsLimit) {
  const ScratchFolder scratch;
  FolderStore store(scratch.path().string(), OpenMode::create);
  must_put(store, "a", "1");
  fs::resize_file(scratch.path() / "a", kMaxReadWhole + 1);

  const Error error = error_of([&] { store.read_versioned("a", {}); });

  EXPECT_EQ(error.kind(), ErrorKind::corrupt);
  EXPECT_EQ(error.message(), (scratch.path() / "a").string() +
                                 " has more than 256.0 MiB, which is the most that is read of it");
}

TEST(FolderStoreDeathTest, SaysThatTheDiskIsFullAndLosesNothing) {
  const ScratchFolder scratch;

  EXPECT_EXIT(fill_small_disk(scratch.path()), ExitedWithCode(0), "write .*/big: no space left");
}

/// In a process of its own that is nobody: root may write everywhere.
[[noreturn]] void open_as_nobody(const fs::path& folder) {
  constexpr uid_t kNobody = 65534;
  const bool is_root = ::geteuid() == 0;
  if (is_root && (::setgroups(0, nullptr) != 0 || ::setgid(kNobody) != 0 || ::setuid(kNobody) != 0))
    std::exit(3);
  exit_after_error(ErrorKind::forbidden, [&] { FolderStore(folder.string(), OpenMode::create); });
}

TEST(FolderStoreDeathTest, SaysAtOnceThatItMayNotWrite) {
  const ScratchFolder fresh;
  const ScratchFolder used;
  must_put(*std::make_unique<FolderStore>(used.path().string(), OpenMode::create), "a", "1");
  for (const auto* folder : {&fresh, &used}) fs::permissions(folder->path(), fs::perms(0555));

  EXPECT_EXIT(open_as_nobody(fresh.path()), ExitedWithCode(0), "permission denied");
  EXPECT_EXIT(open_as_nobody(used.path()), ExitedWithCode(0), "permission denied");
  EXPECT_EXIT(open_as_nobody(fresh.path() / "new" / "vault"), ExitedWithCode(0), "permission denied");
}

}  // namespace
}  // namespace hubkeep
