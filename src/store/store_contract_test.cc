#include "store/store_contract_test.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <tuple>

namespace hubkeep {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

CommitResult put(ObjectStore& store, const ObjectKey& key, std::string_view bytes,
                 const Precondition& precondition) {
  const auto writer = store.create(key);
  writer->write(bytes);
  return writer->commit(precondition);
}

void must_put(ObjectStore& store, const ObjectKey& key, std::string_view bytes,
              const Precondition& precondition) {
  EXPECT_EQ(put(store, key, bytes, precondition), CommitResult::committed) << key;
}

std::string get(ObjectStore& store, const ObjectKey& key) {
  StringSink content;
  store.read(key, content, {});
  return content.take();
}

std::vector<std::string> keys_of(ObjectStore& store, const std::string& prefix,
                                 const std::string& start_after) {
  std::vector<std::string> keys;
  store.list(prefix, start_after, [&](const ObjectInfo& object) {
    keys.push_back(object.key);
    return true;
  });
  return keys;
}

std::vector<std::string> children_of(ObjectStore& store, const std::string& prefix) {
  std::vector<std::string> children;
  store.list_children(prefix, [&](std::string_view child) {
    children.emplace_back(child);
    return true;
  });
  return children;
}

namespace {

/// Bytes that differ from place to place.
std::string patterned(std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>((i * 31 + i / 251) & 0xFFU);
  return bytes;
}

class CountingSink final : public ByteSink {
 public:
  explicit CountingSink(std::stop_source& stop) : stop_(stop) {}
  void write(std::string_view bytes) override {
    count_ += bytes.size();
    stop_.request_stop();
  }
  ByteCount count() const { return count_; }

 private:
  std::stop_source& stop_;
  ByteCount count_ = 0;
};

TEST_P(StoreContract, GivesBackWhatWasWritten) {
  const std::string bytes = patterned(3'000'000);

  const auto result = put(*store_, "a/b/c.bin", bytes);

  EXPECT_EQ(result, CommitResult::committed);
  EXPECT_TRUE(get(*store_, "a/b/c.bin") == bytes);
}

TEST_P(StoreContract, GivesBackWhatIsLarge) {
  const std::string bytes = patterned(40'000'000);

  const auto result = put(*store_, "large", bytes, Precondition::absent());

  EXPECT_EQ(result, CommitResult::committed);
  EXPECT_TRUE(get(*store_, "large") == bytes);
  EXPECT_EQ(put(*store_, "large", bytes, Precondition::absent()), CommitResult::precondition_failed);
  EXPECT_EQ(store_->remove_stale(std::chrono::seconds(0)).removed, 0);
}

TEST_P(StoreContract, GivesBackWhatWasWrittenInPiecesOfAnySize) {
  const std::string bytes = patterned(400'000);
  const auto writer = store_->create("pieces");
  std::string_view rest = bytes;
  for (std::size_t size = 1; !rest.empty(); size = size * 3 + 1) {
    writer->write(rest.substr(0, size));
    rest.remove_prefix(std::min(size, rest.size()));
  }

  EXPECT_EQ(writer->commit(Precondition::absent()), CommitResult::committed);

  EXPECT_TRUE(get(*store_, "pieces") == bytes);
}

TEST_P(StoreContract, KeepsAnEmptyObject) {
  must_put(*store_, "empty", "");

  EXPECT_EQ(get(*store_, "empty"), "");
  EXPECT_EQ(store_->find("empty").value().size, 0U);
}

TEST_P(StoreContract, CanBeOpenedAgain) {
  must_put(*store_, "a", "1");

  const auto again = home_->open(OpenMode::read);

  EXPECT_EQ(get(*again, "a"), "1");
}

TEST_P(StoreContract, ShowsNothingBeforeTheCommit) {
  const auto writer = store_->create("a/b");
  writer->write(patterned(home_->unfinished_size()));

  EXPECT_EQ(store_->find("a/b"), std::nullopt);
  EXPECT_THAT(keys_of(*store_), IsEmpty());
  EXPECT_EQ(kind_of_error([&] { get(*store_, "a/b"); }), ErrorKind::not_found);
}

TEST_P(StoreContract, TakesBackWhatIsNotCommitted) {
  store_->create("a")->write(patterned(home_->unfinished_size()));

  EXPECT_THAT(keys_of(*store_), IsEmpty());
  EXPECT_EQ(store_->remove_stale(std::chrono::seconds(0)).removed, 0);
}

TEST_P(StoreContract, LeavesNothingUnfinishedAfterACommit) {
  must_put(*store_, "a", "1");
  must_put(*store_, "a", "2");

  EXPECT_EQ(store_->remove_stale(std::chrono::seconds(0)).removed, 0);
  EXPECT_EQ(get(*store_, "a"), "2");
}

TEST_P(StoreContract, RemovesWhatIsUnfinishedAndOldEnough) {
  const auto writer = store_->create("a");
  writer->write(patterned(home_->unfinished_size()));
  if (!home_->lists_unfinished()) {
    EXPECT_EQ(store_->remove_stale(std::chrono::seconds(0)).removed, 0);
    EXPECT_EQ(writer->commit(Precondition::none()), CommitResult::committed);
    return;
  }

  const Leftovers young = store_->remove_stale(std::chrono::hours(24));
  const Leftovers old = store_->remove_stale(std::chrono::seconds(0));

  EXPECT_EQ(young.removed, 0);
  EXPECT_EQ(young.left, 1);
  if (home_->knows_living_writers()) {
    EXPECT_EQ(old.left, 1);
    EXPECT_EQ(writer->commit(Precondition::none()), CommitResult::committed);
    return;
  }
  EXPECT_EQ(old.removed, 1);
  EXPECT_EQ(old.left, 0);
  EXPECT_THROW(static_cast<void>(writer->commit(Precondition::none())), Error);
  EXPECT_EQ(store_->find("a"), std::nullopt);
}

TEST_P(StoreContract, ReplacesWithoutAPrecondition) {
  must_put(*store_, "a", "first");

  const auto result = put(*store_, "a", "2nd");

  EXPECT_EQ(result, CommitResult::committed);
  EXPECT_EQ(get(*store_, "a"), "2nd");
}

TEST_P(StoreContract, DoesNotReplaceWhatMustBeAbsent) {
  must_put(*store_, "a", "first", Precondition::absent());

  const auto result = put(*store_, "a", "second", Precondition::absent());

  EXPECT_EQ(result, CommitResult::precondition_failed);
  EXPECT_EQ(get(*store_, "a"), "first");
  EXPECT_EQ(store_->remove_stale(std::chrono::seconds(0)).removed, 0);
}

TEST_P(StoreContract, ReplacesTheVersionThatWasRead) {
  must_put(*store_, "a", "first");
  const auto first = store_->read_versioned("a", {});

  const auto result = put(*store_, "a", "second", Precondition::unchanged(first.version));

  EXPECT_EQ(first.bytes, "first");
  EXPECT_EQ(result, CommitResult::committed);
  EXPECT_EQ(get(*store_, "a"), "second");
  EXPECT_NE(store_->read_versioned("a", {}).version, first.version);
}

TEST_P(StoreContract, DoesNotReplaceAnotherVersion) {
  must_put(*store_, "a", "first");
  const auto first = store_->read_versioned("a", {});
  must_put(*store_, "a", "second");

  const auto result = put(*store_, "a", "third", Precondition::unchanged(first.version));

  EXPECT_EQ(result, CommitResult::precondition_failed);
  EXPECT_EQ(get(*store_, "a"), "second");
}

TEST_P(StoreContract, DoesNotBringBackWhatWasRemoved) {
  must_put(*store_, "a", "first");
  const auto first = store_->read_versioned("a", {});
  store_->remove("a");

  const auto result = put(*store_, "a", "second", Precondition::unchanged(first.version));

  EXPECT_EQ(result, CommitResult::precondition_failed);
  EXPECT_EQ(store_->find("a"), std::nullopt);
}

TEST_P(StoreContract, LetsOneOfManyCreateWhatMustBeAbsent) {
  const int many = home_->keeps_conditions() ? 8 : 1;
  std::atomic<int> committed = 0;

  {
    std::vector<std::jthread> writers;
    for (int i = 0; i < many; ++i) {
      writers.emplace_back([&, i] {
        const auto result = put(*store_, "x/y/z", std::to_string(i), Precondition::absent());
        if (result == CommitResult::committed) ++committed;
      });
    }
  }

  EXPECT_EQ(committed, 1);
}

TEST_P(StoreContract, LosesNoUpdateOfManyAtOnce) {
  const int threads = home_->keeps_conditions() ? 4 : 1;
  constexpr int kUpdates = 5;
  must_put(*store_, "counter", "0");

  {
    std::vector<std::jthread> writers;
    for (int i = 0; i < threads; ++i) {
      writers.emplace_back([&] {
        const auto own = home_->open(OpenMode::create);
        for (int done = 0; done < kUpdates;) {
          const auto [bytes, version] = own->read_versioned("counter", {});
          const auto next = std::to_string(std::stoi(bytes) + 1);
          if (put(*own, "counter", next, Precondition::unchanged(version)) == CommitResult::committed) ++done;
        }
      });
    }
  }

  EXPECT_EQ(get(*store_, "counter"), std::to_string(threads * kUpdates));
}

TEST_P(StoreContract, ReadsRanges) {
  const std::string bytes = patterned(600'000);
  must_put(*store_, "a", bytes);

  struct Case {
    ByteCount offset;
    std::optional<ByteCount> length;
  };
  for (const Case& c : {Case{0, 0}, Case{0, 10}, Case{300'000, 299'999}, Case{599'999, 1}, Case{600'000, 0},
                        Case{10, std::nullopt}, Case{600'000, std::nullopt}}) {
    StringSink content;
    store_->read("a", c.offset, c.length, content, {});
    EXPECT_TRUE(content.str() == bytes.substr(c.offset, c.length.value_or(std::string::npos))) << c.offset;
  }
}

TEST_P(StoreContract, CallsAnObjectThatIsTooShortCorrupt) {
  must_put(*store_, "dir/a", "0123456789");

  struct Case {
    ByteCount offset;
    std::optional<ByteCount> length;
  };
  for (const Case& c : {Case{0, 11}, Case{10, 1}, Case{11, std::nullopt}, Case{1, ~ByteCount{0}}}) {
    StringSink content;
    const auto read = [&] { store_->read("dir/a", c.offset, c.length, content, {}); };
    EXPECT_EQ(kind_of_error(read), ErrorKind::corrupt) << c.offset;
    EXPECT_THAT(message_of_error(read), HasSubstr("dir/a"));
  }
}

TEST_P(StoreContract, StopsReadingWhenTold) {
  must_put(*store_, "a", patterned(8'000'000));
  std::stop_source stop;
  CountingSink sink(stop);

  const auto kind = kind_of_error([&] { store_->read("a", sink, stop.get_token()); });

  EXPECT_EQ(kind, ErrorKind::cancelled);
  EXPECT_LT(sink.count(), 8'000'000U);
}

TEST_P(StoreContract, SaysWhatIsMissing) {
  must_put(*store_, "a/b", "1");

  for (const auto* key : {"missing", "a/missing", "a", "missing/x", "a/b/x"}) {
    EXPECT_EQ(kind_of_error([&] { get(*store_, key); }), ErrorKind::not_found) << key;
    EXPECT_EQ(kind_of_error([&] { store_->read_versioned(key, {}); }), ErrorKind::not_found) << key;
    EXPECT_THAT(message_of_error([&] { get(*store_, key); }), HasSubstr(key));
    EXPECT_EQ(store_->find(key), std::nullopt) << key;
  }
}

TEST_P(StoreContract, FindsAnObject) {
  must_put(*store_, "older", "1");
  must_put(*store_, "a/b", "12345");

  const auto info = store_->find("a/b").value();

  EXPECT_EQ(info.key, "a/b");
  EXPECT_EQ(info.size, 5U);
  EXPECT_GE(info.modified, store_->find("older").value().modified);
}

TEST_P(StoreContract, ListsInTheByteOrderOfKeys) {
  for (const auto* key : {"a.b", "a-b/c", "a0", "a%b", "a/b.c/d", "a/b/c2", "Z", "a/b-c"})
    must_put(*store_, key, "");

  EXPECT_THAT(keys_of(*store_), ElementsAre("Z", "a%b", "a-b/c", "a.b", "a/b-c", "a/b.c/d", "a/b/c2", "a0"));
}

TEST_P(StoreContract, ListsSizesWithTheKeys) {
  must_put(*store_, "x/a", "1");
  must_put(*store_, "x/b", "12");
  std::vector<ByteCount> sizes;

  store_->list("x/", "", [&](const ObjectInfo& object) {
    sizes.push_back(object.size);
    return true;
  });

  EXPECT_THAT(sizes, ElementsAre(1U, 2U));
}

TEST_P(StoreContract, ListsBelowAPrefixAndAfterAKey) {
  for (const auto* key : {"a/1", "a/2/x", "a/2/y", "a/3", "ab/4", "b/5"}) must_put(*store_, key, "");

  EXPECT_THAT(keys_of(*store_, "a/"), ElementsAre("a/1", "a/2/x", "a/2/y", "a/3"));
  EXPECT_THAT(keys_of(*store_, "a/2/"), ElementsAre("a/2/x", "a/2/y"));
  EXPECT_THAT(keys_of(*store_, "a/", "a/1"), ElementsAre("a/2/x", "a/2/y", "a/3"));
  EXPECT_THAT(keys_of(*store_, "a/", "a/2/x"), ElementsAre("a/2/y", "a/3"));
  EXPECT_THAT(keys_of(*store_, "a/", "a/2/z"), ElementsAre("a/3"));
  EXPECT_THAT(keys_of(*store_, "a/", "a/2"), ElementsAre("a/2/x", "a/2/y", "a/3"));
  EXPECT_THAT(keys_of(*store_, "a/", "b"), IsEmpty());
  EXPECT_THAT(keys_of(*store_, "b/", "a"), ElementsAre("b/5"));
  EXPECT_THAT(keys_of(*store_, "missing/"), IsEmpty());
}

TEST_P(StoreContract, StopsListingWhenTheVisitorHasEnough) {
  for (const auto* key : {"a/1", "a/2", "b"}) must_put(*store_, key, "");
  int visits = 0;

  store_->list("", "", [&](const ObjectInfo&) { return ++visits < 2; });
  store_->list_children("", [&](std::string_view) { return ++visits < 3; });

  EXPECT_EQ(visits, 3);
}

TEST_P(StoreContract, ListsChildren) {
  for (const auto* key : {"a/1", "a/2/x", "a.b", "a/2.x"}) must_put(*store_, key, "");

  EXPECT_THAT(children_of(*store_), ElementsAre("a.b", "a/"));
  EXPECT_THAT(children_of(*store_, "a/"), ElementsAre("1", "2.x", "2/"));
  EXPECT_THAT(children_of(*store_, "missing/"), IsEmpty());
}

TEST_P(StoreContract, RemovesAnObject) {
  must_put(*store_, "a/b/c", "1");

  store_->remove("a/b/c");
  store_->remove("a/b/c");
  store_->remove("a/b");
  store_->remove("missing/x");

  EXPECT_EQ(store_->find("a/b/c"), std::nullopt);
  EXPECT_THAT(children_of(*store_), IsEmpty());
}

TEST_P(StoreContract, RemovesManyObjects) {
  for (const auto* key : {"a/1", "a/2", "a/3", "a/20%25", "b"}) must_put(*store_, key, "");
  const std::vector<ObjectKey> keys = {"a/1", "missing/x", "a/20%25", "a", "a/3", "a/3"};

  const auto results = store_->remove(keys, {});

  EXPECT_THAT(results, AllOf(SizeIs(keys.size()), Each(Eq(std::nullopt))));
  EXPECT_THAT(keys_of(*store_), ElementsAre("a/2", "b"));
  EXPECT_THAT(store_->remove(std::vector<ObjectKey>(), {}), IsEmpty());
}

TEST_P(StoreContract, RemovesMoreThanARequestTakes) {
  std::vector<ObjectKey> keys;
  for (int i = 0; i < 2005; ++i) keys.push_back("a/" + std::to_string(i));
  for (const auto* key : {"a/0", "a/1003", "a/2004", "b"}) must_put(*store_, key, "");

  const auto results = store_->remove(keys, {});

  EXPECT_THAT(results, AllOf(SizeIs(keys.size()), Each(Eq(std::nullopt))));
  EXPECT_THAT(keys_of(*store_), ElementsAre("b"));
}

TEST_P(StoreContract, RemovesNothingWhereOneOfManyIsNoKey) {
  must_put(*store_, "a", "");

  EXPECT_EQ(kind_of_error([&] { std::ignore = store_->remove(std::vector<ObjectKey>{"a", "../b"}, {}); }),
            ErrorKind::invalid);

  EXPECT_THAT(keys_of(*store_), ElementsAre("a"));
}

TEST_P(StoreContract, RemovesNothingOnceItIsStopped) {
  for (const auto* key : {"a", "b"}) must_put(*store_, key, "");
  std::stop_source stop;
  stop.request_stop();

  const auto results = store_->remove(std::vector<ObjectKey>{"a", "b"}, stop.get_token());

  ASSERT_THAT(results, SizeIs(2));
  for (const auto& result : results) EXPECT_EQ(result.value().kind(), ErrorKind::cancelled);
  EXPECT_THAT(keys_of(*store_), ElementsAre("a", "b"));
}

TEST_P(StoreContract, RefusesWhatIsNoKey) {
  for (const std::string& key :
       {std::string(), std::string("."), std::string(".."), std::string("../a"), std::string("a/../b"),
        std::string("/a"), std::string("a/"), std::string("a//b"), std::string("a b"), std::string("a\\b"),
        std::string("a\0b", 3), std::string("a\nb"), std::string("\x1b[31m"), std::string("\xc3\xa4"),
        std::string(256, 'a'), std::string(".tmp/a"), std::string(".tmp")}) {
    EXPECT_EQ(kind_of_error([&] { store_->create(key); }), ErrorKind::invalid) << key;
    EXPECT_EQ(kind_of_error([&] { get(*store_, key); }), ErrorKind::invalid) << key;
    EXPECT_EQ(kind_of_error([&] { store_->read_versioned(key, {}); }), ErrorKind::invalid) << key;
    EXPECT_EQ(kind_of_error([&] { store_->find(key); }), ErrorKind::invalid) << key;
    EXPECT_EQ(kind_of_error([&] { store_->remove(key); }), ErrorKind::invalid) << key;
  }
  for (const auto* prefix : {"a", "../", "/", "a//", ".tmp/"}) {
    EXPECT_EQ(kind_of_error([&] { keys_of(*store_, prefix); }), ErrorKind::invalid) << prefix;
    EXPECT_EQ(kind_of_error([&] { children_of(*store_, prefix); }), ErrorKind::invalid) << prefix;
  }
}

TEST_P(StoreContract, TakesTheLongestNames) {
  const std::string key = std::string(255, 'a') + "/" + std::string(255, 'b');

  must_put(*store_, key, "1");

  EXPECT_THAT(keys_of(*store_), ElementsAre(key));
}

}  // namespace
}  // namespace hubkeep
