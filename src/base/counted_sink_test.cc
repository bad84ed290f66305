#include "base/counted_sink.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/error.h"

namespace hubkeep {
namespace {

TEST(CountedSink, PassesBytesOnAndTellsHowMany) {
  StringSink next;
  std::vector<ByteCount> counts;
  CountedSink sink(next, [&](ByteCount bytes) { counts.push_back(bytes); });

  sink.write("one");
  sink.write("");
  sink.write("seven");

  EXPECT_EQ(next.str(), "oneseven");
  EXPECT_EQ(counts, (std::vector<ByteCount>{3, 0, 5}));
}

TEST(CountedSink, DoesNotCountWhatTheNextSinkRefuses) {
  StringSink next(4);
  ByteCount counted = 0;
  CountedSink sink(next, [&](ByteCount bytes) { counted += bytes; });

  sink.write("four");

  EXPECT_THROW(sink.write("more"), Error);
  EXPECT_EQ(counted, 4U);
}

TEST(CountedSink, NeedNotTellAnybody) {
  StringSink next;
  CountedSink sink(next, {});

  sink.write("one");

  EXPECT_EQ(next.str(), "one");
}

}  // namespace
}  // namespace hubkeep
