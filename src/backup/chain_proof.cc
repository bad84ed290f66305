// The order for each pack: its objects are made, with bases of older packs where it is thin; what its objects
// name and it does not have is looked for in the indexes of the older packs, by set; what is in none is
// named, for which its objects are read once more. Then its index is written, and it counts as one of the
// older packs itself.
//
// What stands in the way of a proof is no failure of the backup: the snapshot says why it is not proved. Only
// a pack that is not what was asked for is refused.
#include "backup/chain_proof.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "backup/after_header.h"
#include "backup/git_lfs_notes.h"
#include "backup/missing_before.h"
#include "backup/pack_intake.h"
#include "backup/repository_work.h"
#include "base/background_sink.h"
#include "base/caught_error.h"
#include "base/text.h"
#include "pack/missing_objects.h"
#include "vault/bundle_source.h"
#include "vault/losses.h"

namespace hubkeep {
namespace {

constexpr ByteCount kIndexBytesPerObject = 30;
constexpr ByteCount kSmallIndexes = ByteCount{1} << 20;  // of a whole chain; in the share of the job
constexpr ByteCount kCache = ByteCount{2} << 20;
// Bases lie scattered, and what is read beside them is wasted.
constexpr BlockOptions kSmallBlocks{.block = ByteCount{16} << 10, .kept = 16};
// Commits lie together in a pack, and so do trees.
constexpr BlockOptions kLargeBlocks{.block = ByteCount{256} << 10, .kept = 8};

bool is_same(const ObjectRecord& a, const ObjectRecord& b) {
  return a.key == b.key && a.size == b.size && a.sha256 == b.sha256;
}

/// Keeps what reading has thrown: then it is the chain that is at fault, and not the pack that needs it.
class WatchedObjects final : public ObjectSource {
 public:
  explicit WatchedObjects(ObjectSource& next) : next_(next) {}
  bool contains(const Oid& oid) const override { return next_.contains(oid); }
  std::optional<GitObject> read(const Oid& oid, const std::stop_token& stop) override {
    try {
      return next_.read(oid, stop);
    } catch (const Error& error) {
      error_ = error;
      throw;
    }
  }
  const std::optional<Error>& error() const { return error_; }

 private:
  ObjectSource& next_;
  std::optional<Error> error_;
};

/// Counts what a budget has given, at its end.
class CountedReads {
 public:
  CountedReads(const ReadBudget& budget, ProofReads& sum) : budget_(budget), sum_(sum) {}
  CountedReads(const CountedReads&) = delete;
  CountedReads& operator=(const CountedReads&) = delete;
  ~CountedReads() {
    sum_.requests += budget_.requests();
    sum_.bytes += budget_.bytes();
  }

 private:
  const ReadBudget& budget_;
  ProofReads& sum_;
};

Error reason(const std::string& text) {
  return {ErrorKind::gave_up, text};
}

Error lacks(const Oid& want) {
  return {ErrorKind::corrupt, "it lacks " + want.hex()};
}

bool is_reason(const Error& error) {
  return error.kind() == ErrorKind::gave_up || error.kind() == ErrorKind::cold;
}

// A store that fails fails the backup; what lies in it and cannot be used does not.
Error of_chain(const Error& error) {
  const bool is_what_lies_there = error.kind() == ErrorKind::corrupt || error.kind() == ErrorKind::invalid ||
                                  error.kind() == ErrorKind::not_found;
  return is_what_lies_there ? reason("what it builds on cannot be read: " + error.message()) : error;
}

void say_not_proved(GitPart& git, const std::string& why) {
  git.proved = false;
  git.not_proved_because = why;
}

void say_proved(GitPart& git) {
  git.proved = true;
  git.not_proved_because.clear();
  git.not_proved = 0;
  for (Bundle& bundle : git.bundles) bundle.not_proved = 0;
}

std::string index_text(const IndexedPack& pack) {
  StringSink sink(kMaxIndexInMemory, "the index of a pack");
  write_pack_index(pack.entries, pack.checksum, sink);
  return sink.take();
}

}  // namespace

struct ChainProof::NewPack {
  std::string index;
  std::vector<ObjectType> types;  // in the order of the index
  LinkSet links;
  LfsPointers lfs_pointers;  // in what its deltas make
  std::string unwalkable;    // why what it names is not known; empty: it is
};

ChainProof::ChainProof(RepositoryWork& work, PartPlace place)
    : work_(work), place_(std::move(place)), bases_({.bytes = 0}) {}

void ChainProof::prove(GitPart& git, const RefState& target, const FetchPlan& plan, FetchedPack& fetched,
                       PackArrival& arrival) {
  const auto named = std::exchange(missing_, {});
  if (!work_.context().proof.is_wanted) {
    if (!plan.request.wants.empty()) git.proved.reset();
    return;
  }
  const auto error = caught_error([&] {
    restore_names(git, named);
    try_to_prove(git, target, plan, fetched);
  });
  if (git.missing.size() > kMaxNamedMissing) git.missing.resize(kMaxNamedMissing);
  fetched.intake.reset();
  if (!error) return;
  chain_.reset();
  if (is_reason(*error)) {
    withdraw_indexes(git);
    return say_not_proved(git, error->message());
  }
  if (fetched.bundle) work_.take_another_name();
  if (error->kind() != ErrorKind::corrupt) throw Error(*error);
  arrival.is_not_what_was_asked = true;
  throw Error(ErrorKind::transient, "the server's pack is not what was asked for: " + error->message());
}

void ChainProof::prove_stored(GitPart& git, const RefState& target) {
  FetchedPack nothing;
  PackArrival arrival;
  prove(git, target, {}, nothing, arrival);
}

void ChainProof::try_to_prove(GitPart& git, const RefState& target, const FetchPlan& plan,
                              FetchedPack& fetched) {
  const ByteCount increment = fetched.bundle ? fetched.bundle->record.size : 0;
  late_.clear();
  late_unnamed_ = 0;
  lacking_.clear();
  load(git, git.bundles.size() - (fetched.bundle ? 1 : 0), increment);
  std::uint64_t unnamed = git.missing_objects - git.missing.size() + late_unnamed_;
  OidSet came;  // of what was missing
  if (fetched.bundle) {
    Bundle& bundle = git.bundles.back();
    bases_.allow(std::max(kLeastReadOfChain, increment));
    NewPack pack = make(bundle, *fetched.intake);
    const PackIndex index(pack.index, git.format);
    for (const Oid& want : plan.request.wants)
      if (!index.contains(want) && !chain_->contains(want)) throw lacks(want);
    // Beyond this point it is an answer to what was asked.
    fetched.lfs_pointers.resolve(std::move(pack.lfs_pointers));
    forget_what_is_there(pack.links);
    const std::uint64_t open = pack.links.open();
    missing_ = name_missing(bundle, pack, git.format);
    unnamed += open - missing_.size();
    bundle.not_proved_because = pack.unwalkable;
    bundle.index = write_index(bundle, pack.index);
    for (const auto* before : {&git.missing, &late_})
      for (const MissingObject& each : *before)
        if (is_in(each, index, pack.types)) came.insert(each.oid);
    chain_->add_newer(std::move(pack.index), source_of(bundle, bases_, kSmallBlocks));
    loaded_.push_back(bundle.record);
  }
  if (!fetched.bundle)
    for (const Oid& want : plan.request.wants)
      if (!chain_->contains(want)) throw lacks(want);
  look_for_what_was_missing(git, came);
  add_tips(missing_, target, *chain_);
  git.missing_objects = missing_.size() + unnamed;
  git.missing.assign(missing_.begin(), missing_.begin() + static_cast<std::ptrdiff_t>(
                                                              std::min(missing_.size(), kMaxNamedMissing)));
  if (git.missing_objects > 0) {
    git.status = PartStatus::partial;
    return say_not_proved(git, count_of(git.missing_objects, "object") + " missing");
  }
  for (const Bundle& bundle : git.bundles)
    if (!bundle.not_proved_because.empty()) return say_not_proved(git, bundle.not_proved_because);
  say_proved(git);
}

void ChainProof::look_for_what_was_missing(GitPart& git, const OidSet& came) {
  bool has_filled = false;
  for (const auto* before : {&git.missing, &late_})
    for (const MissingObject& each : *before) {
      const auto by = Oid::parse(each.named_by);
      if (!by || !chain_->contains(*by)) continue;
      if (came.contains(each.oid) || is_there(each, *chain_, work_.stop()))
        has_filled = true;
      else
        add_once(missing_, each);
    }
  // Wherever in the chain it came: cut before its end, it might be missing again.
  if (has_filled) git.bundles.back().builds_on = {};
}

// What these bundles lack is in no manifest yet: the next proof has to find it again.
void ChainProof::withdraw_indexes(GitPart& git) const {
  for (Bundle& bundle : git.bundles)
    if (lacking_.contains(bundle.record.key)) bundle.index.reset();
}

ProofReads ChainProof::reads() const {
  return {.requests = again_.requests + bases_.requests(), .bytes = again_.bytes + bases_.bytes()};
}

void ChainProof::load(GitPart& git, std::size_t bundles, ByteCount increment) {
  const auto end = git.bundles.begin() + static_cast<std::ptrdiff_t>(bundles);
  const bool is_loaded = chain_ && std::equal(loaded_.begin(), loaded_.end(), git.bundles.begin(), end,
                                              [](const ObjectRecord& record, const Bundle& bundle) {
                                                return bundle.index && is_same(record, bundle.record);
                                              });
  if (is_loaded) return;
  chain_.reset();
  loaded_.clear();
  reserve(git, bundles, increment);
  chain_ = std::make_unique<PackChain>(git.format, kCache, largest_object_read(work_.context().proof));
  auto indexes = read_indexes({git.bundles.begin(), end});
  for (std::size_t i = 0; i < bundles; ++i) add(git.bundles[i], std::move(indexes[i]), git.format);
}

// Of a chain of a hundred one after the other would take long. Nothing where a bundle has none.
std::vector<BundleIndex> ChainProof::read_indexes(std::span<const Bundle> bundles) {
  std::vector<const Bundle*> with_index;
  for (const Bundle& bundle : bundles)
    if (bundle.index) with_index.push_back(&bundle);
  auto read = read_bundle_indexes(work_.context().vault.objects(), work_.folder(), with_index, indexes_,
                                  work_.stop());
  std::vector<BundleIndex> indexes(bundles.size());
  auto next = read.begin();
  for (std::size_t i = 0; i < bundles.size(); ++i)
    if (bundles[i].index) indexes[i] = std::move(*next++);
  return indexes;
}

void ChainProof::reserve(const GitPart& git, std::size_t bundles, ByteCount increment) {
  ByteCount stored = 0;
  ByteCount in_all = 0;
  for (std::size_t i = 0; i < bundles; ++i) {
    const Bundle& bundle = git.bundles[i];
    if (bundle.index) stored += bundle.index->size;
    in_all += bundle.index ? bundle.index->size : bundle.objects * kIndexBytesPerObject;
  }
  if (stored > std::max(kIndexesBesideAnIncrement, increment * kIndexesPerIncrement))
    throw reason(fmt::format("the indexes of what it builds on have {}, too much to read for {} that are new",
                             human_size(stored), human_size(increment)));
  lease_.reset();
  if (in_all <= kSmallIndexes) return;
  MemoryBudget* const memory = work_.context().proof.memory;
  if (memory != nullptr)
    if (auto lease = memory->try_acquire(in_all)) lease_.emplace(std::move(*lease));
  if (!lease_)
    throw reason(fmt::format("the indexes of what it builds on take {} of memory: raise --memory",
                             human_size(in_all)));
}

void ChainProof::add(Bundle& bundle, BundleIndex read, ObjectFormat format) {
  if (read.error) lose_index(bundle, *read.error);
  std::string bytes = bundle.index ? std::move(read.bytes) : index_stored(bundle, format);
  chain_->add_newer(std::move(bytes), source_of(bundle, bases_, kSmallBlocks));
  loaded_.push_back(bundle.record);
}

// It is told, and made again from the bundle.
void ChainProof::lose_index(Bundle& bundle, const Error& error) {
  const ObjectRecord lost = *std::exchange(bundle.index, std::nullopt);
  const ObjectKey key = resolve_key(work_.folder(), lost.key);
  work_.notice("an index is made again from its bundle: " + error.message());
  work_.lose({.key = key,
              .detail = loss_detail(error, key),
              .found_at = work_.context().clock.now(),
              .size = lost.size,
              .sha256 = lost.sha256});
  lost_indexes_.insert(lost.key);
}

// Or it would be read as a whole, in each run, only to be told so.
void ChainProof::require_memory_for(const Bundle& bundle) const {
  MemoryBudget* const memory = work_.context().proof.memory;
  const ByteCount needed = memory_to_index(bundle.objects);
  if (needed > kIndexingShare + (memory == nullptr ? 0 : memory->total()))
    throw reason(fmt::format("a bundle before has {} objects, and to index them takes {}: raise --memory",
                             bundle.objects, human_size(needed)));
}

// Of an older version, or lost. The bundle is read as a whole, so it is checked on the way.
std::string ChainProof::index_stored(Bundle& bundle, ObjectFormat format) {
  require_memory_for(bundle);
  PackIntake intake(format, nullptr, work_.context().proof);
  NewPack pack;
  try {
    BackgroundSink indexing(intake);
    AfterHeader content(bundle.pack_offset, indexing);
    work_.context().vault.objects().read(work_.folder(), bundle.record, content, work_.stop());
    indexing.finish();
    PackSummary summary = intake.finish();
    bases_.allow(std::max(kLeastReadOfChain, bundle.record.size));
    pack = make(bundle, intake);
    summary.lfs_pointers.resolve(std::move(pack.lfs_pointers));
    note_lfs(work_, place_, bundle, summary.lfs_pointers);
  } catch (const Error& error) {
    throw of_chain(error);
  }
  forget_what_is_there(pack.links);
  if (const std::uint64_t open = pack.links.open(); open > 0) {
    const auto missing = name_missing(bundle, pack, format);
    late_unnamed_ += open - missing.size();
    late_.insert(late_.end(), missing.begin(), missing.end());
    lacking_.insert(bundle.record.key);
  }
  bundle.not_proved_because = pack.unwalkable;
  bundle.index = write_index(bundle, pack.index);
  return std::move(pack.index);
}

ChainProof::NewPack ChainProof::make(const Bundle& bundle, PackIntake& intake) {
  ReadBudget budget({.bytes = 2 * bundle.record.size + kLeastReadOfChain});
  const CountedReads counted(budget, again_);
  const auto source = source_of(bundle, budget, kSmallBlocks);
  WatchedObjects elsewhere(*chain_);
  try {
    IndexedPack made = intake.resolve(*source, elsewhere, work_.stop());
    NewPack pack{.index = index_text(made),
                 .types = std::move(made.types),
                 .links = std::move(made.links),
                 .lfs_pointers = std::move(made.lfs_pointers)};
    if (!made.unwalkable.empty())
      pack.unwalkable = "what an object names cannot be told: " + made.unwalkable.front();
    return pack;
  } catch (const Error& error) {
    if (bases_.was_exceeded())
      throw reason(fmt::format("its pack is thin, and more than {} of the packs before would have to be read",
                               human_size(std::max(kLeastReadOfChain, bundle.record.size))));
    if (budget.was_exceeded()) throw reason("its pack would have to be read again and again");
    if (elsewhere.error()) throw of_chain(error);
    throw;
  }
}

// Under the bundle's name. A name whose index was lost may be taken by what is damaged.
ObjectRecord ChainProof::write_index(const Bundle& bundle, const std::string& index) {
  constexpr std::string_view kSuffix = ".idx";
  std::string key = place_.record_key(bundle.snapshot, std::string(kSuffix));
  const auto& given_up = work_.options().lost;
  if (lost_indexes_.contains(key) || std::find(given_up.begin(), given_up.end(), key) != given_up.end())
    key = place_.record_key(SnapshotId::make(work_.snapshot().time()), std::string(kSuffix));
  RecordedWriter writer = work_.context().vault.objects().create(work_.folder(), key);
  writer.write(index);
  return writer.commit();
}

// What cannot be named, because more would have to be read than may be, is counted all the same.
std::vector<MissingObject> ChainProof::name_missing(const Bundle& bundle, NewPack& pack,
                                                    ObjectFormat format) {
  std::vector<MissingObject> missing;
  if (pack.links.open() == 0) return missing;
  ReadBudget budget({.bytes = 2 * bundle.record.size + kLeastReadOfChain});
  const CountedReads counted(budget, again_);
  const auto source = source_of(bundle, budget, kLargeBlocks);
  BaseCache cache(kCache);
  PackReader reader(PackIndex(pack.index, format), *source, cache,
                    largest_object_read(work_.context().proof));
  bases_.allow(std::max(kLeastReadOfChain, bundle.record.size));
  try {
    for (const NamedMissing& each :
         hubkeep::name_missing({reader, pack.types, *chain_}, pack.links, kMaxAskedAgain, work_.stop()))
      missing.push_back({.oid = each.object.oid,
                         .type = std::string(to_string(each.object.type)),
                         .named_by = each.named_by.hex()});
  } catch (const Error& error) {
    if (!is_reason(of_chain(error))) throw;
  }
  return missing;
}

void ChainProof::forget_what_is_there(LinkSet& links) const {
  if (links.open() == 0) return;
  chain_->for_each_name([&](const Oid& oid) { links.found(oid, std::nullopt); });
}

std::unique_ptr<ByteSource> ChainProof::source_of(const Bundle& bundle, ReadBudget& budget,
                                                  const BlockOptions& blocks) const {
  return std::make_unique<BlockSource>(
      std::make_unique<BundleSource>(work_.context().vault.objects(), work_.folder(), bundle, budget),
      blocks);
}

}  // namespace hubkeep
