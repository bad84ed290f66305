// The bundle is checked against its record while it is read: what is wrong beyond that is wrong in the pack
// itself, or a base of it is not to be had. Where that may be because a bundle before has no index, or there
// is no room, what was seen stored whole is the answer, and the rest is counted.
#include "backup/lfs_scan.h"

#include <algorithm>
#include <utility>

#include "backup/after_header.h"
#include "backup/pack_intake.h"
#include "backup/repository_work.h"
#include "base/background_sink.h"
#include "pack/block_source.h"
#include "vault/bundle_source.h"
#include "vault/vault_history.h"

namespace hubkeep {
namespace {

constexpr ByteCount kCache = ByteCount{2} << 20;
constexpr ByteCount kFreeIndexes = ByteCount{1} << 20;  // in the share of the job
constexpr ByteCount kLeastRead = ByteCount{8} << 20;    // a small change of a large file needs the file
constexpr BlockOptions kBlocks{.block = ByteCount{16} << 10, .kept = 16};
constexpr ByteCount kIndexBytesPerObject = 40;

std::string index_of(const IndexedPack& pack) {
  StringSink sink(pack.entries.size() * kIndexBytesPerObject + kFreeIndexes, "the index of a pack");
  write_pack_index(pack.entries, pack.checksum, sink);
  return sink.take();
}

}  // namespace

/// The bundles before one of them; their indexes are read when the first base is asked for.
class LfsScan::Older final : public ObjectSource {
 public:
  Older(LfsScan& scan, std::size_t place) : scan_(scan), place_(place) {}

  bool contains(const Oid& oid) const override {
    scan_.load_before(place_);
    return scan_.chain_->contains(oid);
  }
  std::optional<GitObject> read(const Oid& oid, const std::stop_token& stop) override {
    scan_.load_before(place_);
    try {
      return scan_.chain_->read(oid, stop);
    } catch (const Error& error) {
      has_failed_ = true;
      throw;
    }
  }
  bool has_failed() const { return has_failed_; }

 private:
  LfsScan& scan_;
  const std::size_t place_;
  bool has_failed_ = false;
};

LfsScan::LfsScan(const RepositoryWork& work, const GitPart& git)
    : work_(work), git_(git), bases_({.bytes = 0}) {}
LfsScan::~LfsScan() = default;

LfsPointers LfsScan::read(std::size_t place) {
  const Bundle& bundle = git_.bundles[place];
  const BackupContext& context = work_.context();
  PackIntake intake(git_.format, nullptr, {.is_wanted = true, .memory = context.proof.memory});
  BackgroundSink looking(intake);
  AfterHeader content(bundle.pack_offset, looking);
  context.vault.objects().read(work_.folder(), bundle.record, content, work_.stop());
  looking.finish();
  PackSummary summary = intake.finish();
  // Beyond this point the bundle is as it was written, and each entry of its pack was seen.
  if (auto made = make(place, intake)) {
    summary.lfs_pointers.resolve(std::move(made->lfs_pointers));
    if (!bundle.index) load_new(place, *made);
  }
  return std::move(summary.lfs_pointers);
}

// Nothing where what there is does not suffice.
std::optional<IndexedPack> LfsScan::make(std::size_t place, PackIntake& intake) {
  const Bundle& bundle = git_.bundles[place];
  bases_.allow(std::max(kLeastRead, bundle.record.size));
  ReadBudget again({.bytes = 2 * bundle.record.size + kLeastRead});
  const auto source = source_of(bundle, again);
  Older older(*this, place);
  try {
    return intake.resolve(*source, older, work_.stop());
  } catch (const Error& error) {
    const bool is_without_room = error.kind() == ErrorKind::gave_up || error.kind() == ErrorKind::invalid;
    const bool is_without_base = error.kind() == ErrorKind::corrupt && lacks_some_ && !older.has_failed();
    if (is_without_room || is_without_base || again.was_exceeded() || bases_.was_exceeded())
      return std::nullopt;
    throw error.with_context(bundle.record.key);
  }
}

void LfsScan::load_before(std::size_t place) {
  if (!chain_ || next_ > place) {
    chain_ = std::make_unique<PackChain>(git_.format, kCache, largest_object_read(work_.context().proof));
    next_ = 0;
    lacks_some_ = false;
    held_ = 0;
    leases_.clear();
  }
  std::vector<const Bundle*> with_index;
  for (std::size_t i = next_; i < place; ++i) {
    const auto& index = git_.bundles[i].index;
    if (index && has_room_for(index->size)) with_index.push_back(&git_.bundles[i]);
  }
  auto read = read_bundle_indexes(work_.context().vault.objects(), work_.folder(), with_index, indexes_,
                                  work_.stop());
  auto found = read.begin();
  for (auto wanted = with_index.begin(); next_ < place; ++next_) {
    const bool is_read = wanted != with_index.end() && *wanted == &git_.bundles[next_];
    if (is_read && !found->error)
      chain_->add_newer(std::move(found->bytes), source_of(git_.bundles[next_], bases_));
    else
      lacks_some_ = true;
    if (is_read) {
      ++wanted;
      ++found;
    }
  }
}

// A vault without indexes is scanned base first: then each is known to those that build on it.
void LfsScan::load_new(std::size_t place, const IndexedPack& pack) {
  load_before(place);
  std::string index = index_of(pack);
  if (has_room_for(index.size()))
    chain_->add_newer(std::move(index), source_of(git_.bundles[place], bases_));
  else
    lacks_some_ = true;
  next_ = place + 1;
}

bool LfsScan::has_room_for(ByteCount index) {
  if (held_ + index > kFreeIndexes) {
    MemoryBudget* const memory = work_.context().proof.memory;
    auto lease = memory == nullptr ? std::nullopt : memory->try_acquire(index);
    if (!lease) return false;
    leases_.push_back(std::move(*lease));
  } else {
    held_ += index;
  }
  return true;
}

std::unique_ptr<ByteSource> LfsScan::source_of(const Bundle& bundle, ReadBudget& budget) const {
  return std::make_unique<BlockSource>(
      std::make_unique<BundleSource>(work_.context().vault.objects(), work_.folder(), bundle, budget),
      kBlocks);
}

}  // namespace hubkeep
