#include "restore/at_hand.h"

#include <gmock/gmock.h>

#include <map>
#include <utility>

#include "store/forwarding_store.h"
#include "vault/git_part.h"

namespace hubkeep {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const std::string kFolder = "repos/github.com/acme/site.7/";

/// Nothing but names and what find() and thaw() say of them; the list calls all cold that are not at hand
/// without a request.
class ArchivedStore final : public ForwardingStore {
 public:
  ArchivedStore() : ForwardingStore(nullptr) {}

  void read(const ObjectKey&, ByteCount, std::optional<ByteCount>, ByteSink&,
            const std::stop_token&) override {
    ADD_FAILURE() << "read";
  }
  std::optional<ObjectInfo> find(const ObjectKey& key) override {
    found.push_back(key);
    return access.contains(key) ? std::optional(ObjectInfo{.key = key, .access = access.at(key)})
                                : std::nullopt;
  }
  void list(const std::string& prefix, const std::string&,
            const std::function<bool(const ObjectInfo&)>& visit) override {
    EXPECT_TRUE(kFolder.starts_with(prefix)) << prefix;
    for (const auto& [key, unused] : access)
      visit({.key = key, .access = key.ends_with(".bundle") ? Access::cold : Access::at_once});
  }
  Access thaw(const ObjectKey& key, const ThawRequest&) override {
    if (!access.contains(key)) throw Error(ErrorKind::not_found, "there is no " + key);
    return std::exchange(access.at(key),
                         access.at(key) == Access::at_once ? Access::at_once : Access::thawing);
  }

  std::map<ObjectKey, Access> access;
  std::vector<ObjectKey> found;
};

class Thawing : public testing::Test {
 protected:
  Thawing() {
    for (const char* name : {"git/a.bundle", "git/b.bundle"})
      git_.bundles.push_back({.record = {.key = name, .size = 1 << 20, .encoding = "identity"}});
    git_.refs = {{.key = "git/b.refs.zst", .size = 10, .encoding = "zstd"}};
    store_->access = {{kFolder + "git/0.bundle", Access::cold},  // of another snapshot
                      {kFolder + "git/a.bundle", Access::cold},
                      {kFolder + "git/b.bundle", Access::thawing},
                      {kFolder + "git/b.refs.zst", Access::at_once}};
  }
  AtHand look(const std::optional<ThawRequest>& thaw = {}) {
    return look_at_hand(objects_, kFolder, {{"git", to_part(git_)}}, thaw, {});
  }

  ArchivedStore* const store_ = new ArchivedStore();
  VaultObjects objects_{std::unique_ptr<ObjectStore>(store_)};
  GitPart git_;
};

TEST_F(Thawing, CountsWhatTheSnapshotNeedsAndIsCold) {
  const AtHand found = look();

  EXPECT_EQ(found.cold, 1U);
  EXPECT_EQ(found.thawing, 1U);
  EXPECT_EQ(found.size, ByteCount{2} << 20);
  EXPECT_FALSE(found.all());
  EXPECT_THAT(store_->found, ElementsAre(kFolder + "git/a.bundle", kFolder + "git/b.bundle"));
  EXPECT_EQ(describe(found, {}),
            "2 of its objects (2.0 MiB) lie in an archive class of the store: give --thaw standard (or bulk, "
            "which costs less, or expedited) to ask for it");
}

TEST_F(Thawing, IsNotNeededForWhatIsBackAgain) {
  store_->access[kFolder + "git/a.bundle"] = Access::at_once;
  store_->access[kFolder + "git/b.bundle"] = Access::at_once;

  EXPECT_TRUE(look().all());
}

TEST_F(Thawing, IsWaitedForWhenAllIsAskedFor) {
  store_->access[kFolder + "git/a.bundle"] = Access::thawing;

  EXPECT_THAT(describe(look(), {}),
              AllOf(HasSubstr("all are asked for and on their way"), Not(HasSubstr("--thaw"))));
}

TEST_F(Thawing, AsksForWhatIsColdAndSaysHowLongItTakes) {
  const ThawRequest request{.tier = ThawTier::bulk};

  const AtHand found = look(request);

  EXPECT_EQ(found.cold, 1U);
  EXPECT_EQ(found.thawing, 1U);
  EXPECT_EQ(
      describe(found, request),
      "2 of its objects (2.0 MiB) lie in an archive class of the store: 1 asked for now, 1 before; that "
      "usually takes 5 to 12 hours from GLACIER, 48 hours from DEEP_ARCHIVE: run the same command again "
      "then");
  EXPECT_EQ(store_->access.at(kFolder + "git/a.bundle"), Access::thawing);
  EXPECT_EQ(store_->access.at(kFolder + "git/0.bundle"), Access::cold);
}

TEST_F(Thawing, LeavesWhatIsMissingToTheRestore) {
  store_->access.clear();

  EXPECT_TRUE(look().all());
  EXPECT_TRUE(look(ThawRequest{}).all());
  EXPECT_THAT(store_->found, IsEmpty());
}

TEST(ThawAdvice, IsGivenWithWhatTurnsOutToBeColdOnly) {
  const auto message_of = [](ErrorKind kind) -> std::string {
    try {
      with_thaw_advice([&] { throw Error(kind, "no"); });
    } catch (const Error& error) {
      return error.message();
    }
    return {};
  };

  EXPECT_THAT(message_of(ErrorKind::cold), HasSubstr("no: give --thaw standard"));
  EXPECT_EQ(message_of(ErrorKind::corrupt), "no");
}

}  // namespace
}  // namespace hubkeep
