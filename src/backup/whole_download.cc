#include "backup/whole_download.h"

#include <optional>

#include "backup/repository_work.h"

namespace hubkeep {
namespace {

constexpr ByteCount kWorthGoingOn = ByteCount{1} << 20;  // in as many attempts as anything else has

// What the sink throws is its own: no attempt mends it, whatever kind of Error it is.
class OwnErrorSink final : public ByteSink {
 public:
  explicit OwnErrorSink(ByteSink& next) : next_(next) {}
  void write(std::string_view bytes) override {
    try {
      next_.write(bytes);
    } catch (const Error& error) {
      throw error.as_final();
    }
    received_ += bytes.size();
  }
  ByteCount received() const { return received_; }

 private:
  ByteSink& next_;
  ByteCount received_ = 0;
};

}  // namespace

void download_whole(const RepositoryWork& work, DownloadRequest request, ByteSink& sink,
                    DownloadTally& tally) {
  GitHubApi& api = work.context().github.api();
  OwnErrorSink counted(sink);
  const auto attempt = [&] {
    ++tally.requests;
    request.offset = counted.received();
    const ByteCount before = counted.received();
    const auto count = [&] {
      tally.bytes += counted.received() - before;
      work.context().observer.moved(counted.received() - before);
    };
    try {
      api.download(request, counted, work.stop());
    } catch (...) {
      count();
      throw;
    }
    count();
  };
  for (;;) {
    const ByteCount before = counted.received();
    try {
      return work.retried(attempt);
    } catch (const Error& error) {
      // ReleasesBackup.GoesOnAsLongAsEachFewAttemptsBringSomething.
      const bool is_break = error.kind() == ErrorKind::transient;
      if (!is_break || counted.received() - before < kWorthGoingOn) throw;
    }
  }
}

}  // namespace hubkeep
