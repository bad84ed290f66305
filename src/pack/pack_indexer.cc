#include "pack/pack_indexer.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "git/pack_stream.h"
#include "git/pack_watch.h"
#include "pack/delta_resolver.h"

namespace hubkeep {

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
    } catch (const DeltaResolver::NotEnoughMemory& error) {
      gave_up_ = error.why;
    }
  }

  void begin(const PackEntryHeader& entry) override {
    watch_.begin(entry);
    if (!resolver_) return;
    entry_ = entry;
    content_.clear();
    keeps_content_ = entry.size <= resolver_->largest_kept();
    if (!keeps_content_ && !is_delta(entry.type))
      namer_.begin(static_cast<ObjectType>(entry.type), entry.size);
  }

  void write(std::string_view inflated) override {
    watch_.write(inflated);
    if (!resolver_) return;
    if (keeps_content_)
      content_.append(inflated);
    else if (!is_delta(entry_.type))
      namer_.write(inflated);
  }

  std::string_view end(const PackEntryEnd& end) override {
    if (const auto fault = watch_.end(); !fault.empty()) return fault;
    while_memory_lasts([&] {
      PassedEntry passed{
          .header = entry_, .crc32 = end.crc32, .name = {}, .content = {}, .compressed = end.compressed};
      if (keeps_content_) passed.content = content_;
      if (!is_delta(entry_.type))
        passed.name =
            keeps_content_ ? namer_.name(static_cast<ObjectType>(entry_.type), content_) : namer_.finish();
      resolver_->take(passed);
    });
    return {};
  }

 private:
  template <typename Action>
  void while_memory_lasts(Action&& action) {
    if (!resolver_) return;
    try {
      action();
    } catch (const DeltaResolver::NotEnoughMemory& error) {
      gave_up_ = error.why;
      counts_ = resolver_->counts();
      resolver_.reset();
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

  PackEntryHeader entry_;
  std::string content_;
  bool keeps_content_ = false;
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
