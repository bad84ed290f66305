#include "git/pack_scanner.h"

#include "git/pack_stream.h"
#include "git/pack_watch.h"

namespace hubkeep {

class PackScanner::Impl final : public PackEntryHandler {
 public:
  Impl(ObjectFormat format, const FetchRequest* asked) : watch_(format, asked), stream_(format, *this) {}

  void begin(const PackEntryHeader& entry) override { watch_.begin(entry); }
  void write(std::string_view inflated) override { watch_.write(inflated); }
  std::string_view end(const PackEntryEnd& /*end*/) override { return watch_.end(); }

  PackStream& stream() { return stream_; }
  PackSummary finish() { return summarize(stream_.finish(), watch_); }

 private:
  PackWatch watch_;
  PackStream stream_;
};

PackSummary summarize(const PackStream::End& end, PackWatch& watch) {
  auto judgement = watch.judge(end.objects);
  return {.bytes = end.bytes,
          .objects = end.objects,
          .deltas = watch.deltas(),
          .largest_delta = watch.largest_delta(),
          .impossible = std::move(judgement.impossible),
          .not_proved = judgement.not_proved,
          .lfs_pointers = watch.take_lfs_pointers()};
}

PackScanner::PackScanner(ObjectFormat format) : impl_(std::make_unique<Impl>(format, nullptr)) {}
PackScanner::PackScanner(const FetchRequest& asked) : impl_(std::make_unique<Impl>(asked.format, &asked)) {}
PackScanner::~PackScanner() = default;
void PackScanner::write(std::string_view bytes) {
  impl_->stream().write(bytes);
}
PackSummary PackScanner::finish() {
  return impl_->finish();
}

}  // namespace hubkeep
