// What is said of stores that break one promise each. Bad stands in front of a good store and errs where it
// is told to.
#include "doctor/examine_place.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "base/clock.h"
#include "base/error.h"
#include "store/forwarding_store.h"
#include "store/memory_store.h"

namespace hubkeep {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

/// What goes wrong.
enum class Fault {
  none,
  write_refused,
  write_taken,  // what is new is said to be there
  content_changed,
  not_found,
  wrong_size,
  range_ignored,
  absent_ignored,
  unchanged_ignored,
  unchanged_refused,
  removal_forbidden,
  removal_fails,
  removal_forgotten,
  leftovers_stay,
  leftovers_forbidden,
  leftovers_unknown,
  list_forbidden,
  list_unsorted,
  start_ignored,
};

Error refused() {
  return {ErrorKind::forbidden, "AccessDenied (HTTP 403): no"};
}

class BadWriter final : public ObjectWriter {
 public:
  BadWriter(std::unique_ptr<ObjectWriter> writer, Fault fault) : writer_(std::move(writer)), fault_(fault) {}
  void write(std::string_view bytes) override { writer_->write(bytes); }
  CommitResult commit(const Precondition& precondition) override {
    using enum Precondition::Kind;
    if (fault_ == Fault::write_refused) throw refused();
    if (fault_ == Fault::write_taken) return CommitResult::precondition_failed;
    if (fault_ == Fault::unchanged_refused && precondition.kind == unchanged)
      return CommitResult::precondition_failed;
    const bool is_ignored = (fault_ == Fault::absent_ignored && precondition.kind == absent) ||
                            (fault_ == Fault::unchanged_ignored && precondition.kind == unchanged);
    return writer_->commit(is_ignored ? Precondition::none() : precondition);
  }

 private:
  std::unique_ptr<ObjectWriter> writer_;
  const Fault fault_;
};

class BadStore final : public ForwardingStore {
 public:
  BadStore(std::unique_ptr<ObjectStore> store, Fault fault)
      : ForwardingStore(std::move(store)), fault_(fault) {}

  std::unique_ptr<ObjectWriter> create(const ObjectKey& key, std::optional<ByteCount> expected) override {
    return std::make_unique<BadWriter>(ForwardingStore::create(key, expected), fault_);
  }
  void read(const ObjectKey& key, ByteCount offset, std::optional<ByteCount> length, ByteSink& sink,
            const std::stop_token& stop) override {
    if (fault_ == Fault::content_changed) return sink.write("changed");
    const bool whole = fault_ == Fault::range_ignored;
    ForwardingStore::read(key, whole ? 0 : offset, whole ? std::nullopt : length, sink, stop);
  }
  VersionedBytes read_versioned(const ObjectKey& key, const std::stop_token& stop) override {
    auto read = ForwardingStore::read_versioned(key, stop);
    if (fault_ == Fault::content_changed) read.bytes += "x";
    return read;
  }
  std::optional<ObjectInfo> find(const ObjectKey& key) override {
    auto found = ForwardingStore::find(key);
    if (fault_ == Fault::not_found) return std::nullopt;
    if (found && fault_ == Fault::wrong_size) ++found->size;
    return found;
  }
  void list(const std::string& prefix, const std::string& start_after,
            const std::function<bool(const ObjectInfo&)>& visit) override {
    if (fault_ == Fault::list_forbidden) throw refused();
    if (fault_ == Fault::list_unsorted) {
      std::vector<ObjectInfo> all;
      ForwardingStore::list(prefix, start_after, [&](const ObjectInfo& object) {
        all.insert(all.begin(), object);
        return true;
      });
      for (const auto& object : all)
        if (!visit(object)) return;
      return;
    }
    ForwardingStore::list(prefix, fault_ == Fault::start_ignored ? "" : start_after, visit);
  }
  std::vector<std::optional<Error>> remove(std::span<const ObjectKey> keys,
                                           const std::stop_token& stop) override {
    removals.push_back(keys.size());
    if (fault_ == Fault::removal_forbidden) return {keys.size(), refused()};
    if (fault_ == Fault::removal_fails) return {keys.size(), Error(ErrorKind::internal, "InternalError")};
    if (fault_ == Fault::removal_forgotten) return {keys.size(), std::nullopt};
    return ForwardingStore::remove(keys, stop);
  }
  Leftovers remove_stale(std::chrono::seconds age) override {
    if (fault_ == Fault::leftovers_forbidden) throw refused();
    if (fault_ == Fault::leftovers_unknown) throw Error(ErrorKind::invalid, "NotImplemented (HTTP 501)");
    if (fault_ == Fault::leftovers_stay) return {.left = 1};
    return ForwardingStore::remove_stale(age);
  }

  std::vector<std::size_t> removals;

 private:
  const Fault fault_;
};

class TestPlace final : public ExaminedPlace {
 public:
  explicit TestPlace(Fault fault = Fault::none) : store_(std::make_unique<MemoryStore>(clock_), fault) {}

  std::string description() const override { return "here"; }
  FirstLook look(const std::stop_token&) override { return first_look; }
  ObjectStore& aside() override { return store_; }
  ObjectKey key_of_class() const override { return class_key; }
  std::vector<PlaceFinding> learnt() override { return {{"a feature", PlaceVerdict::without, "so what"}}; }
  std::vector<std::string> clean_up(std::span<const ObjectKey> keys) override {
    written.assign(keys.begin(), keys.end());
    return stays;
  }

  FirstLook first_look{.findings = {{"a look", PlaceVerdict::ok, ""}}};
  ObjectKey class_key;
  std::vector<std::string> stays;
  std::vector<ObjectKey> written;

 private:
  SystemClock clock_;
  BadStore store_;
};

class Told final : public DoctorObserver {
 public:
  void selected(std::size_t) override {}
  void moved(ByteCount) override {}
  void waiting(const std::string&, std::chrono::seconds) override {}
  void retrying(const RetrySubject&, const Error&, std::chrono::milliseconds) override {}
  void notice(const std::string&) override {}
  void made_vault(const std::string&, const std::string&) override {}
  void found(const PlaceFinding& finding) override {
    all.push_back(finding);
    if (finding.thing == stop_after) stop.request_stop();
  }

  std::vector<PlaceFinding> all;
  std::string stop_after = "nothing";
  std::stop_source stop;
};

DoctorReport examine(TestPlace& place) {
  Told told;
  return examine_place(place, told, {});
}

DoctorReport examine(Fault fault) {
  TestPlace place(fault);
  return examine(place);
}

auto missing(const std::string& thing, const std::string& text) {
  return AllOf(Field("thing", &PlaceFinding::thing, thing),
               Field("verdict", &PlaceFinding::verdict, PlaceVerdict::missing),
               Field("text", &PlaceFinding::text, HasSubstr(text)));
}

auto is(const std::string& thing, PlaceVerdict verdict) {
  return AllOf(Field("thing", &PlaceFinding::thing, thing),
               Field("verdict", &PlaceFinding::verdict, verdict));
}

TEST(Doctor, FindsNothingMissingInAGoodStore) {
  TestPlace place;
  place.class_key = "class";
  Told told;

  const DoctorReport report = examine_place(place, told, {});

  EXPECT_TRUE(report.is_good());
  EXPECT_FALSE(report.stopped);
  EXPECT_EQ(report.store.place, "here");
  EXPECT_EQ(report.store.findings, told.all);
  EXPECT_THAT(report.store.findings, SizeIs(14));
  EXPECT_THAT(report.store.findings, Each(Field("verdict", &PlaceFinding::verdict,
                                                testing::AnyOf(PlaceVerdict::ok, PlaceVerdict::without))));
  EXPECT_THAT(report.store.left_behind, IsEmpty());
}

TEST(Doctor, NamesEachPromiseThatIsBroken) {
  struct Case {
    Fault fault;
    std::string thing;
    std::string text;
  };
  for (const Case& c : {
           Case{Fault::write_refused, "write an object", "AccessDenied (HTTP 403): no"},
           Case{Fault::write_taken, "write an object", "already where none was written"},
           Case{Fault::content_changed, "read an object", "not what was written"},
           Case{Fault::content_changed, "write a large object", "not what was written"},
           Case{Fault::not_found, "read an object", "not found where it was written"},
           Case{Fault::wrong_size, "read an object", "another size"},
           Case{Fault::range_ignored, "read a range of it", "other bytes"},
           Case{Fault::absent_ignored, "see what another run wrote", "as if it were new"},
           Case{Fault::unchanged_ignored, "see what another run wrote", "written meanwhile"},
           Case{Fault::unchanged_refused, "see what another run wrote", "could not be replaced"},
           Case{Fault::removal_fails, "remove an object", "InternalError"},
           Case{Fault::removal_forgotten, "remove an object", "still there"},
           Case{Fault::removal_forgotten, "remove many at once", "still there"},
           Case{Fault::list_forbidden, "list", "AccessDenied (HTTP 403): no"},
           Case{Fault::list_unsorted, "list", "not that of the keys that were written"},
           Case{Fault::start_ignored, "list from a key on", "not that of the keys that follow"},
       }) {
    const DoctorReport report = examine(c.fault);

    EXPECT_FALSE(report.is_good()) << c.thing;
    EXPECT_THAT(report.store.findings, Contains(missing(c.thing, c.text)));
  }
}

TEST(Doctor, WritesOneObjectWhereRemovingIsNotPermitted) {
  TestPlace place(Fault::removal_forbidden);
  place.class_key = "class";
  place.stays = {"first: stays"};

  const DoctorReport report = examine(place);

  EXPECT_TRUE(report.is_good());
  EXPECT_THAT(place.written, ElementsAre("first"));
  EXPECT_THAT(report.store.left_behind, ElementsAre("first: stays"));
  EXPECT_THAT(report.store.findings, Contains(is("remove an object", PlaceVerdict::not_permitted)));
  for (const char* thing : {"write a large object", "write long names", "list from a key on",
                            "remove many at once", "storage class"})
    EXPECT_THAT(report.store.findings, Contains(is(thing, PlaceVerdict::not_tried)));
  EXPECT_THAT(report.store.findings, Contains(is("list", PlaceVerdict::ok)));
}

TEST(Doctor, NeedsNobodyToTakeBackWhatIsUnfinished) {
  for (const auto& [fault, verdict] : {std::pair{Fault::leftovers_forbidden, PlaceVerdict::not_permitted},
                                       std::pair{Fault::leftovers_unknown, PlaceVerdict::without},
                                       std::pair{Fault::leftovers_stay, PlaceVerdict::without}}) {
    const DoctorReport report = examine(fault);

    EXPECT_TRUE(report.is_good());
    EXPECT_THAT(report.store.findings, Contains(is("take back what is unfinished", verdict)));
  }
}

TEST(Doctor, RemovesManyInOneRequest) {
  TestPlace place;

  examine(place);

  EXPECT_THAT(dynamic_cast<BadStore&>(place.aside()).removals, Contains(5U));
}

TEST(Doctor, WritesNothingWhereTheFirstLookForbidsIt) {
  TestPlace place;
  place.first_look = {.findings = {{"bucket", PlaceVerdict::missing, "no such bucket"}}, .may_write = false};

  const DoctorReport report = examine(place);

  EXPECT_FALSE(report.is_good());
  EXPECT_THAT(report.store.findings, ElementsAre(missing("bucket", "no such bucket")));
  EXPECT_THAT(place.written, IsEmpty());
}

TEST(Doctor, GoesNoFurtherWhereNothingCanBeWritten) {
  TestPlace place(Fault::write_refused);

  const DoctorReport report = examine(place);

  EXPECT_THAT(report.store.findings, SizeIs(2));
  EXPECT_THAT(place.written, ElementsAre("first"));
}

TEST(Doctor, CleansUpWhenItIsStopped) {
  TestPlace place;
  place.stays = {"large: the network is gone"};
  Told told;
  told.stop_after = "write a large object";

  const DoctorReport report = examine_place(place, told, told.stop.get_token());

  EXPECT_TRUE(report.stopped);
  EXPECT_THAT(place.written, ElementsAre("first", "large"));
  EXPECT_THAT(report.store.findings.back().thing, "write a large object");
  EXPECT_THAT(report.store.left_behind, ElementsAre("large: the network is gone"));
}

}  // namespace
}  // namespace hubkeep
