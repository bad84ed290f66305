#include "store/find_objects.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <set>

#include "base/error.h"
#include "store/forwarding_store.h"

namespace hubkeep {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::size_t kPage = 1000;  // of a bucket's list

/// Keys and nothing else, listed as a bucket lists them: a request for each thousand, or part of a thousand,
/// that is looked at.
class ListedStore final : public ForwardingStore {
 public:
  explicit ListedStore(std::set<ObjectKey> keys) : ForwardingStore(nullptr), keys_(std::move(keys)) {}

  void list(const std::string& prefix, const std::string& start_after,
            const std::function<bool(const ObjectInfo&)>& visit) override {
    std::size_t in_page = 0;
    ++requests;
    for (auto key = keys_.upper_bound(std::max(prefix, start_after));
         key != keys_.end() && key->starts_with(prefix); ++key) {
      if (in_page++ == kPage) {
        ++requests;
        in_page = 1;
      }
      ++looked_at;
      if (!visit({.key = *key, .size = key->size()})) return;
    }
  }

  std::size_t requests = 0;
  std::size_t looked_at = 0;

 private:
  std::set<ObjectKey> keys_;
};

std::vector<ObjectKey> found_in(ListedStore& store, const std::vector<ObjectKey>& keys) {
  std::vector<ObjectKey> found;
  find_objects(store, keys, [&](const ObjectInfo& object) {
    EXPECT_EQ(object.size, object.key.size());
    found.push_back(object.key);
  });
  return found;
}

std::vector<ObjectKey> numbered(const std::string& folder, std::size_t count, std::size_t step = 1) {
  std::vector<ObjectKey> keys;
  for (std::size_t i = 0; i < count; i += step) keys.push_back(fmt::format("{}{:06}", folder, i));
  return keys;
}

std::set<ObjectKey> set_of(const std::vector<ObjectKey>& keys) {
  return {keys.begin(), keys.end()};
}

TEST(FindObjects, AsksNothingForNothing) {
  ListedStore store({"a/b"});

  EXPECT_THAT(found_in(store, {}), IsEmpty());
  EXPECT_EQ(store.requests, 0U);
}

TEST(FindObjects, VisitsWhatIsThereOnceAndInOrder) {
  ListedStore store({"a/1", "a/3", "a/4", "root"});

  EXPECT_THAT(found_in(store, {"a/4", "a/2", "a/1", "a/4", "root", "a/9"}),
              ElementsAre("a/1", "a/4", "root"));
}

TEST(FindObjects, SharesARequestAmongKeysThatAreCloseTogether) {
  const auto keys = numbered("lfs/", 10'000);
  ListedStore store(set_of(keys));

  EXPECT_EQ(found_in(store, keys), keys);
  EXPECT_EQ(store.requests, 10U);
}

TEST(FindObjects, ReadsOverOthersThatStandBetween) {
  const auto keys = numbered("lfs/", 10'000);
  const auto wanted = numbered("lfs/", 10'000, 100);
  ListedStore store(set_of(keys));

  EXPECT_EQ(found_in(store, wanted), wanted);
  EXPECT_EQ(store.requests, 10U);
}

TEST(FindObjects, LeapsOverLongStretchesOfOthers) {
  ListedStore store(set_of(numbered("lfs/", 100'000)));

  EXPECT_THAT(found_in(store, {"lfs/000000", "lfs/050000", "lfs/099999"}), SizeIs(3));
  EXPECT_LE(store.requests, 3U);
  EXPECT_LE(store.looked_at, 3 * kPage);
}

TEST(FindObjects, NeedsAtMostARequestForEachKey) {
  ListedStore store(set_of(numbered("lfs/", 100'000)));
  const auto wanted = numbered("lfs/", 100'000, 1500);

  EXPECT_EQ(found_in(store, wanted), wanted);
  EXPECT_LE(store.requests, wanted.size());
}

TEST(FindObjects, BeginsRightBeforeTheKey) {
  // What differs in the last byte, or is longer: all that could stand between.
  ListedStore store({"a/b", "a/b-", "a/b.c", "a/bb", "a/c", "a/c%", "a/c0"});

  EXPECT_THAT(found_in(store, {"a/c"}), ElementsAre("a/c"));
  EXPECT_EQ(store.looked_at, 1U);
  EXPECT_THAT(found_in(store, {"a/b."}), IsEmpty());
}

TEST(FindObjects, GoesOnAfterKeysThatAreMissing) {
  const auto keys = numbered("lfs/", 100);
  ListedStore store(set_of(keys));
  auto wanted = numbered("lfs/", 100, 10);
  for (const char* missing : {"lfs/", "lfs/0000", "lfs/000005x", "lfs/9", "lfs/z", "nowhere/1", "zzz"})
    wanted.emplace_back(missing + std::string("m"));

  EXPECT_EQ(found_in(store, wanted), numbered("lfs/", 100, 10));
}

TEST(FindObjects, AsksInEachFolderOfTheRoot) {
  ListedStore store({"a/1", "a/2", "lfs/1", "repos/x/1", "repos/y/2", "zip/1"});

  EXPECT_THAT(found_in(store, {"zip/1", "repos/y/2", "repos/x/1", "lfs/1", "lfs/0", "b/1"}),
              ElementsAre("lfs/1", "repos/x/1", "repos/y/2", "zip/1"));
  EXPECT_EQ(store.requests, 4U);
}

}  // namespace
}  // namespace hubkeep
