#include "base/background_sink.h"

#include <gtest/gtest.h>

#include <thread>

#include "base/error.h"

namespace hubkeep {
namespace {

// Refuses everything after so many bytes.
class LimitedSink final : public ByteSink {
 public:
  explicit LimitedSink(std::size_t limit) : limit_(limit) {}
  void write(std::string_view bytes) override {
    seen_ += bytes.size();
    if (seen_ > limit_) throw Error(ErrorKind::corrupt, "too much");
  }

 private:
  std::size_t limit_;
  std::size_t seen_ = 0;
};

TEST(BackgroundSink, HandsOnEveryByteInOrderOnAnotherThread) {
  struct Sink final : ByteSink {
    void write(std::string_view bytes) override {
      text += bytes;
      thread = std::this_thread::get_id();
    }
    std::string text;
    std::thread::id thread;
  } sink;
  BackgroundSink background(sink);
  std::string expected;

  for (int i = 0; i < 5000; ++i) {
    const std::string piece = std::to_string(i) + std::string(static_cast<std::size_t>(i) % 700, '.');
    background.write(piece);
    expected += piece;
  }
  background.finish();

  EXPECT_EQ(sink.text, expected);
  EXPECT_NE(sink.thread, std::this_thread::get_id());
}

TEST(BackgroundSink, ThrowsWhatTheNextSinkThrows) {
  LimitedSink small(10);
  BackgroundSink at_end(small);
  at_end.write("more than ten bytes");
  EXPECT_THROW(at_end.finish(), Error);

  LimitedSink large(std::size_t{3} << 20);
  BackgroundSink on_the_way(large);
  const auto write_much = [&] {
    for (int i = 0; i < 1000; ++i) on_the_way.write(std::string(100'000, 'x'));
  };
  EXPECT_THROW(write_much(), Error);
}

TEST(BackgroundSink, MayBeDroppedInTheMiddle) {
  StringSink sink;
  {
    BackgroundSink background(sink);
    background.write(std::string(1 << 20, 'x'));
  }
  EXPECT_LE(sink.str().size(), std::size_t{1} << 20);
}

TEST(BackgroundSink, EndsWithoutAByte) {
  StringSink sink;
  BackgroundSink background(sink);

  background.finish();

  EXPECT_EQ(sink.str(), "");
}

}  // namespace
}  // namespace hubkeep
