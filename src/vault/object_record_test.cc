#include "vault/object_record.h"

#include <gmock/gmock.h>

#include "store/memory_store.h"
#include "store/store_contract_test.h"

namespace hubkeep {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class RefusingWriter final : public ObjectWriter {
 public:
  void write(std::string_view) override {}
  CommitResult commit(const Precondition&) override { return CommitResult::precondition_failed; }
};

class CommitOnce : public ::testing::Test {
 protected:
  ObjectRecord write(const std::string& bytes) {
    RecordedWriter writer(*store_, "folder/", "git/a.bundle", "identity");
    writer.write(bytes);
    return writer.commit();
  }

  SystemClock clock_;
  const std::unique_ptr<ObjectStore> store_ = std::make_unique<MemoryStore>(clock_);
};

TEST_F(CommitOnce, TakesTheSameBytesOfAnotherForItsOwn) {
  const ObjectRecord first = write("bytes");

  EXPECT_EQ(write("bytes"), first);
}

TEST_F(CommitOnce, RefusesOtherBytesAndNamesTheirKey) {
  const ObjectRecord first = write("bytes");

  EXPECT_EQ(first.size, 5U);
  EXPECT_EQ(kind_of_error([&] { static_cast<void>(write("other")); }), ErrorKind::corrupt);
  EXPECT_THAT(message_of_error([&] { static_cast<void>(write("other")); }),
              AllOf(HasSubstr("folder/git/a.bundle is there already"), HasSubstr("other bytes")));
  EXPECT_THAT(message_of_error([&] { static_cast<void>(write("more bytes")); }),
              HasSubstr("with 5 bytes where 10 were"));
}

TEST_F(CommitOnce, BelievesNobodyThatWhatIsNotThereIsThere) {
  RefusingWriter writer;
  RecordingSink recorded;
  recorded.write("bytes");
  const ObjectRecord record = recorded.finish("a", "identity");

  EXPECT_EQ(kind_of_error([&] { commit_once(*store_, "a", writer, record, {}); }), ErrorKind::transient);
}

}  // namespace
}  // namespace hubkeep
