#include "pack/pack_indexer.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "git/pack_stream.h"
#include "git/pack_watch.h"
#include "pack/delta_resolver.h"
#include "pack/delta_thread.h"

namespace hubkeep {
namespace {

constexpr std::size_t kBatch = std::size_t{256} << 10U;
constexpr std::size_t kMostEntries = 1024;

}  // namespace

class PackIndexer::Impl final : public PackEntryHandler {
 public:
  Impl(ObjectFormat format, const FetchRequest* asked, const IndexingOptions& options)
      : format_(format),
        asked_(asked),
        options_(options),
        watch_(format, asked),
        namer_(format),
        stream_(format, *this) {}

  void write_pack(std::string_view bytes) { stream_.write(bytes); }

  PackSummary finish_pack() {
    end_ = stream_.finish();
    hand_over();
    while_memory_lasts([&] {
      if (thread_) thread_->finish();
    });
    thread_.reset();
    PackSummary summary = summarize(end_, watch_);
    if (resolver_ && resolver_->all_made()) judge_by_names(summary);
    return summary;
  }

  std::optional<IndexedPack> resolve(ByteSource& pack, ObjectSource& elsewhere, const std::stop_token& stop) {
    std::optional<IndexedPack> indexed;
    while_memory_lasts([&] {
      indexed = resolver_->resolve(pack, end_.bytes - raw_size(format_), elsewhere, stop);
      indexed->checksum = end_.trailer;
      counts_ = resolver_->counts();
    });
    resolver_.reset();
    return indexed;
  }

  const std::string& gave_up() const { return gave_up_; }
  IndexingCounts counts() const { return resolver_ ? resolver_->counts() : counts_; }

  void count(std::uint32_t objects) override {
    try {
      resolver_ = std::make_unique<DeltaResolver>(format_, options_, objects);
      if (options_.threads > 1) thread_ = std::make_unique<DeltaThread>(*resolver_);
    } catch (const DeltaResolver::NotEnoughMemory& error) {
      gave_up_ = error.why;
    }
  }

  void begin(const PackEntryHeader& entry) override {
    watch_.begin(entry);
    if (!resolver_) return;
    entry_ = {.header = entry};
    entry_.has_content = entry.size <= resolver_->largest_kept();
    content_begin_ = batch_.bytes.size();
    if (!entry_.has_content && !is_delta(entry.type))
      namer_.begin(static_cast<ObjectType>(entry.type), entry.size);
  }

  void write(std::string_view inflated) override {
    watch_.write(inflated);
    if (!resolver_) return;
    if (entry_.has_content)
      batch_.bytes.append(inflated);
    else if (!is_delta(entry_.header.type))
      namer_.write(inflated);
  }

  std::string_view end(const PackEntryEnd& end) override {
    if (const auto fault = watch_.end(); !fault.empty()) return fault;
    if (!resolver_) return {};
    const auto content = std::string_view(batch_.bytes).substr(content_begin_);
    entry_.content_size = content.size();
    if (!is_delta(entry_.header.type))
      entry_.name = entry_.has_content ? namer_.name(static_cast<ObjectType>(entry_.header.type), content)
                                       : namer_.finish();
    entry_.crc32 = end.crc32;
    entry_.compressed_size = end.compressed.size();
    batch_.bytes.append(end.compressed);
    batch_.entries.push_back(entry_);
    if (batch_.bytes.size() >= kBatch || batch_.entries.size() >= kMostEntries) hand_over();
    return {};
  }

 private:
  void hand_over() {
    while_memory_lasts([&] {
      if (thread_) {
        thread_->take(std::exchange(batch_, thread_->empty_batch()), namer_);
      } else {
        resolver_->take(batch_, batch_.memory());
        batch_.entries.clear();
        batch_.bytes.clear();
      }
    });
  }

  template <typename Action>
  void while_memory_lasts(Action&& action) {
    if (!resolver_) return;
    try {
      action();
    } catch (const DeltaResolver::NotEnoughMemory& error) {
      gave_up_ = error.why;
      thread_.reset();
      counts_ = resolver_->counts();
      resolver_.reset();
      batch_ = {};
    }
  }

  // Where all have names, what was asked for is there or not: PackWatch had to guess.
  void judge_by_names(PackSummary& summary) {
    if (asked_ == nullptr) return;
    summary.not_proved = resolver_->count_unnamed(asked_->wants);
    if (!asked_->haves.empty()) return;
    summary.impossible = summary.not_proved == 0 ? ""
                                                 : fmt::format("it lacks {} of {} tips", summary.not_proved,
                                                               asked_->wants.size());
  }

  const ObjectFormat format_;
  const FetchRequest* const asked_;
  const IndexingOptions options_;
  PackWatch watch_;
  ObjectNamer namer_;
  PackStream stream_;
  std::unique_ptr<DeltaResolver> resolver_;  // until it gives up
  std::string gave_up_;
  IndexingCounts counts_;
  PackStream::End end_;

  PassedEntry entry_;  // the one that passes
  EntryBatch batch_;
  std::size_t content_begin_ = 0;  // in the batch
  std::unique_ptr<DeltaThread> thread_;
};

PackIndexer::PackIndexer(ObjectFormat format, const FetchRequest* asked, const IndexingOptions& options)
    : impl_(std::make_unique<Impl>(format, asked, options)) {}
PackIndexer::~PackIndexer() = default;
void PackIndexer::write(std::string_view bytes) {
  impl_->write_pack(bytes);
}
PackSummary PackIndexer::finish() {
  return impl_->finish_pack();
}
const std::string& PackIndexer::gave_up() const {
  return impl_->gave_up();
}
IndexingCounts PackIndexer::counts() const {
  return impl_->counts();
}
std::optional<IndexedPack> PackIndexer::resolve(ByteSource& pack, ObjectSource& elsewhere,
                                                const std::stop_token& stop) {
  return impl_->resolve(pack, elsewhere, stop);
}

}  // namespace hubkeep
