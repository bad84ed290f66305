// The tree of chains is gone through depth first, and the packs on the way from the root are kept: each with
// the index that was made of it, the types of its objects, and where its bytes can be read again. A new pack
// finds there the bases of its deltas and, at its end, what its objects name.
//
// What a pack names and nothing on the way has stays open. A later bundle may bring it: then the snapshots
// from there on are whole, those before are not. So nothing that comes later hides what a snapshot lacks.
#include "verify/deep_proof.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "base/background_sink.h"
#include "base/caught_error.h"
#include "base/counted_sink.h"
#include "base/error.h"
#include "base/null_sink.h"
#include "base/text.h"
#include "git/bundle.h"
#include "pack/block_source.h"
#include "pack/pack_indexer.h"
#include "restore/workshop.h"
#include "vault/bundle_source.h"
#include "verify/index_difference.h"
#include "verify/indexed_way.h"
#include "verify/proof_notes.h"
#include "verify/scratch_file.h"

namespace hubkeep {
namespace {

using Place = SnapshotChains::Place;
using Link = SnapshotChains::Link;

constexpr ByteCount kMegabyte = ByteCount{1} << 20U;
// While an index is made: the table of entries, the cache's places, links, and the index itself.
constexpr ByteCount kBytesToIndexAnObject = 128;
constexpr ByteCount kLeastCache = 4 * kMegabyte;
constexpr ByteCount kMostCache = 64 * kMegabyte;
constexpr ByteCount kCacheOfBases = 4 * kMegabyte;
constexpr ByteCount kLargestIndex = ByteCount{8} << 30U;  // its objects fit into no memory
constexpr std::size_t kMostOpen = 10'000;                 // as many as a backup asks for again
constexpr std::size_t kMostTold = 3;                      // in one damage
// Of a pack that is read again in pieces, because there is no room for it in scratch.
constexpr std::uint64_t kMostRequests = 20'000;
constexpr BlockOptions kSmallBlocks{.block = ByteCount{64} << 10U, .kept = 16};

ByteCount cache_for(ByteCount pack) {
  return std::clamp(4 * pack, kLeastCache, kMostCache);
}

// What the largest of the chains takes.
ByteCount memory_to_prove(const SnapshotChains& chains) {
  ByteCount most = 0;
  for (const Place end : chains.ends()) {
    ByteCount kept = kCacheOfBases;
    ByteCount largest = 0;
    for (const Place place : chains.way_to(end)) {
      const Bundle& bundle = chains.at(place).bundle;
      kept += bundle.objects * IndexedWay::kBytesAnObject;
      largest =
          std::max(largest, bundle.objects * kBytesToIndexAnObject + cache_for(bundle.record.size) / 3 * 4);
    }
    most = std::max(most, kept + largest);
  }
  return most;
}

/// Lets the rest go by when something is wrong with what comes: whether it came as it was written is another
/// question, and its answer stands at its end.
class UntilWrong final : public ByteSink {
 public:
  explicit UntilWrong(ByteSink& next) : next_(next) {}
  void write(std::string_view bytes) override {
    check([&] { next_.write(bytes); });
  }
  /// Nothing, when something is wrong already.
  void check(const std::function<void()>& action) {
    if (wrong_) return;
    try {
      action();
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::corrupt) throw;
      wrong_ = error.message();
    }
  }
  const std::optional<std::string>& wrong() const { return wrong_; }

 private:
  ByteSink& next_;
  std::optional<std::string> wrong_;
};

/// The pack of a bundle in the vault, where no scratch holds it.
class PiecesOfVault final : public ByteSource {
 public:
  PiecesOfVault(VaultObjects& objects, const std::string& folder, const Bundle& bundle,
                const ReadBudget::Limits& limits)
      : budget_(limits),
        blocks_(std::make_unique<BundleSource>(objects, folder, bundle, budget_), kSmallBlocks) {}
  ByteCount size() const override { return blocks_.size(); }
  std::string read(ByteCount offset, ByteCount length, const std::stop_token& stop) override {
    return blocks_.read(offset, length, stop);
  }

 private:
  ReadBudget budget_;
  BlockSource blocks_;
};

std::string describe(const OpenLink& open) {
  const std::string by = fmt::format("{} {}", to_string(open.named_by_type), open.named_by.hex());
  const std::string_view type = to_string(open.link.type);
  if (open.type)
    return fmt::format("{} is a {}, and {} names it as a {}", open.link.oid.hex(), to_string(*open.type), by,
                       type);
  return fmt::format("{} {} is missing, which {} names", type, open.link.oid.hex(), by);
}

class DeepProver {
 public:
  DeepProver(const VerifyContext& context, const std::string& folder, const SnapshotChains& chains,
             const std::stop_token& stop)
      : context_(context),
        folder_(folder),
        chains_(chains),
        stop_(stop),
        notes_(context, folder, chains, stop) {}

  Proof run() {
    reserve_memory();
    for (Place place = 0; place < chains_.size(); ++place)
      if (chains_.at(place).is_root()) prove_tree(place);
    return notes_.finish();
  }

 private:
  // What a pack names and no pack on the way so far has.
  struct Open {
    std::size_t pack = 0;  // on the way
    std::vector<OpenLink> links;
    std::size_t unnamed = 0;  // there are too many: these stay open
  };
  // What the header of a bundle names, and nobody has.
  struct HeaderLack {
    Place place = 0;
    Oid oid;
    std::string text;
  };
  // A link of the way from the root.
  struct Step {
    Place place = 0;
    std::shared_ptr<const std::vector<Open>> open;  // of all packs up to here
    std::string unwalkable;  // an object up to here whose links git cannot read either; empty: none
    std::optional<HeaderLack> header_lack;  // of a bundle up to here
    RefList brought;                        // what the bundle's header says
  };
  // A bundle that is as it was written, and whose objects were all made.
  struct Indexed {
    BundleHeader header;
    IndexedPack pack;
    std::string index;
    std::unique_ptr<ByteSource> bytes;
  };

  void reserve_memory() {
    memory_ = memory_to_prove(chains_);
    if (context_.memory == nullptr) return;
    memory_ = std::min(memory_, context_.memory->total());
    lease_.emplace(context_.memory->acquire(memory_, stop_));
  }

  void prove_tree(Place root) {
    way_ = std::make_unique<IndexedWay>(chains_.at(root).format, kCacheOfBases);
    steps_.clear();
    std::vector<Place> pending{root};
    while (!pending.empty()) {
      const Place place = pending.back();
      pending.pop_back();
      go_back_to(chains_.at(place).before);
      notes_.begin(place);
      if (!try_to_prove(place)) continue;  // then nothing that comes after it can be
      const auto& after = chains_.at(place).after;
      pending.insert(pending.end(), after.rbegin(), after.rend());
    }
  }

  void go_back_to(Place place) {
    while (!steps_.empty() && steps_.back().place != place) steps_.pop_back();
    way_->cut(steps_.empty() ? 0 : steps_.size() - 1);  // the root has no pack
  }

  bool try_to_prove(Place place) {
    try {
      if (!take(place)) return false;
      notes_.judge(place, [&](const ChainedSnapshot& snapshot, const RefState& refs) {
        return lack_of(snapshot, refs);
      });
      steps_.back().brought = {};
      return true;
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::cancelled) throw;
      notes_.fail(error);  // another chain may need less of this machine
      return false;
    }
  }

  // False where it cannot be had; what is wrong with it is noted.
  bool take(Place place) {
    const Link& link = chains_.at(place);
    if (link.is_root()) {
      steps_.push_back({.place = place,
                        .open = std::make_shared<const std::vector<Open>>(),
                        .unwalkable = {},
                        .header_lack = {},
                        .brought = {}});
      return true;
    }
    auto indexed = read(place);
    if (!indexed) return false;
    compare_indexes(place, indexed->index);
    const auto lack = lack_of_prerequisites(place, indexed->header);
    Step step{.place = place,
              .open = steps_.back().open,
              .unwalkable = steps_.back().unwalkable,
              .header_lack = steps_.back().header_lack,
              .brought = std::move(indexed->header.refs)};
    if (step.unwalkable.empty() && !indexed->pack.unwalkable.empty())
      step.unwalkable = indexed->pack.unwalkable.front();
    way_->push(std::move(indexed->index), std::move(indexed->pack.types), std::move(indexed->bytes));
    steps_.push_back(std::move(step));
    // Beyond this point its objects are among those that are there.
    close_links(std::move(indexed->pack.links));
    const auto& open = *steps_.back().open;
    if (!open.empty()) notes_.suspect(place, steps_[open.front().pack + 1].place);
    auto& header_lack = steps_.back().header_lack;
    if (header_lack && way_->contains(header_lack->oid)) header_lack.reset();
    if (!header_lack) header_lack = lack ? lack : lack_of_header(place, steps_.back().brought);
    if (header_lack) notes_.suspect(place, header_lack->place);
    return true;
  }

  std::optional<Indexed> read(Place place) {
    const Bundle& bundle = chains_.at(place).bundle;
    try {
      return with_context(bundle.record.key, [&] { return index(place); });
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::cold || error.kind() == ErrorKind::not_found) return std::nullopt;
      if (error.kind() != ErrorKind::corrupt) throw;
      if (notes_.is_as_written(bundle.record))
        throw Error(ErrorKind::transient, "the store sent other bytes the first time: " + error.message());
      return std::nullopt;
    }
  }

  // Nothing where its pack is to blame. The indexer works on a thread of its own, while this one receives and
  // hashes.
  std::optional<Indexed> index(Place place) {
    const Bundle& bundle = chains_.at(place).bundle;
    Indexed indexed;
    auto scratch = scratch_for(bundle);
    PackIndexer indexer(chains_.at(place).format, nullptr, indexing_of(bundle));
    BackgroundSink indexing(indexer);
    NullSink nowhere;
    TeeSink both(scratch ? static_cast<ByteSink&>(*scratch) : nowhere, indexing);
    BundleReader reader(both);
    UntilWrong content(reader);
    CountedSink counted(content, [&](ByteCount bytes) { context_.observer.moved(bytes); });
    context_.vault.objects().read(folder_, bundle.record, counted, stop_);
    notes_.note_read(bundle.record);
    // Beyond this point the bytes are those that were written.
    content.check([&] {
      reader.finish();
      indexing.finish();
      check_words(place, reader, finish(indexer));
      indexed.bytes = source_of(bundle, std::move(scratch));
      indexed.pack = resolve(indexer, *indexed.bytes);
    });
    if (const auto& wrong = content.wrong()) {
      notes_.blame_all(place, *wrong);
      return std::nullopt;
    }
    indexed.header = reader.header();
    StringSink text(kLargestIndex, "its index");
    write_pack_index(indexed.pack.entries, indexed.pack.checksum, text);
    indexed.pack.entries = {};
    indexed.index = text.take();
    return indexed;
  }

  // No byte was lost on the way, so a pack that ends early was stored like that.
  static PackSummary finish(PackIndexer& indexer) {
    try {
      return indexer.finish();
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::transient) throw;
      throw Error(ErrorKind::corrupt, error.message());
    }
  }

  IndexedPack resolve(PackIndexer& indexer, ByteSource& pack) {
    auto indexed = indexer.resolve(pack, *way_, stop_);
    if (!indexed) throw Error(ErrorKind::invalid, indexer.gave_up() + ": raise --memory");
    return std::move(*indexed);
  }

  IndexingOptions indexing_of(const Bundle& bundle) const {
    const ByteCount kept = way_->memory();
    const ByteCount left = memory_ > kept ? memory_ - kept : 0;
    const ByteCount tables = bundle.objects * kBytesToIndexAnObject;
    const ByteCount spare = left > tables ? (left - tables) / 4 * 3 : 0;  // deltas may have to wait
    return {.memory = left, .cache = std::clamp(spare, kMegabyte, cache_for(bundle.record.size))};
  }

  // Null where there is no room for it, or none is wanted.
  std::unique_ptr<ScratchFile> scratch_for(const Bundle& bundle) const {
    if (context_.scratch.empty()) return nullptr;
    const auto too_little = caught_error(
        [&] { check_disk("reading a pack again", context_.scratch, bundle.record.size + kMegabyte); });
    return too_little ? nullptr : std::make_unique<ScratchFile>(context_.scratch);
  }

  std::unique_ptr<ByteSource> source_of(const Bundle& bundle, std::unique_ptr<ScratchFile> scratch) const {
    if (scratch) return scratch;
    ReadBudget::Limits limits;
    if (!context_.scratch.empty()) limits.requests = kMostRequests;
    return std::make_unique<PiecesOfVault>(context_.vault.objects(), folder_, bundle, limits);
  }

  // What manifests say of a bundle: each of them, with the snapshots that say so.
  void for_each_words(Place place, const std::function<void(const Bundle&, std::vector<SnapshotId>)>& visit) {
    const Link& link = chains_.at(place);
    std::vector<SnapshotId> others;
    for (const auto& words : link.in_other_words) {
      visit(words.bundle, words.snapshots);
      others.insert(others.end(), words.snapshots.begin(), words.snapshots.end());
    }
    std::vector<SnapshotId> rest = chains_.snapshots_from(place);
    std::erase_if(rest, [&](const SnapshotId& id) {
      return std::find(others.begin(), others.end(), id) != others.end();
    });
    visit(link.bundle, std::move(rest));
  }

  void check_words(Place place, const BundleReader& reader, const PackSummary& pack) {
    for_each_words(place, [&](const Bundle& bundle, const std::vector<SnapshotId>& snapshots) {
      if (bundle.pack_offset != reader.header_size())
        add_to_bundle(place,
                      fmt::format("its pack begins at {}, and the manifest says at {}", reader.header_size(),
                                  bundle.pack_offset),
                      snapshots);
      if (bundle.objects != pack.objects)
        add_to_bundle(place,
                      fmt::format("its pack has {}, and the manifest says {}",
                                  count_of(pack.objects, "object"), bundle.objects),
                      snapshots);
    });
  }

  std::optional<HeaderLack> lack_of_prerequisites(Place place, const BundleHeader& header) const {
    for (const Oid& oid : header.prerequisites)
      if (!way_->contains(oid))
        return HeaderLack{place, oid,
                          fmt::format("its header builds on {}, which no bundle before it has", oid.hex())};
    return std::nullopt;
  }

  std::optional<HeaderLack> lack_of_header(Place place, const RefList& refs) const {
    for (const Ref& ref : refs)
      if (!way_->contains(ref.oid))
        return HeaderLack{place, ref.oid,
                          fmt::format("its header says that {} is {}, which is missing", printable(ref.name),
                                      ref.oid.hex())};
    return std::nullopt;
  }

  void add_to_bundle(Place place, const std::string& what, const std::vector<SnapshotId>& snapshots) {
    notes_.add(resolve_key(folder_, chains_.at(place).bundle.record.key), DamageKind::connectivity,
               "is as it was written, but " + what, snapshots);
  }

  void compare_indexes(Place place, const std::string& made) {
    std::map<ObjectRecord, std::vector<SnapshotId>, RecordOrder> stored;
    for_each_words(place, [&](const Bundle& bundle, const std::vector<SnapshotId>& snapshots) {
      if (!bundle.index) return;
      auto& needers = stored[*bundle.index];
      needers.insert(needers.end(), snapshots.begin(), snapshots.end());
    });
    for (const auto& [record, snapshots] : stored)
      compare_index(record, snapshots, made, chains_.at(place).format);
  }

  void compare_index(const ObjectRecord& record, const std::vector<SnapshotId>& snapshots,
                     const std::string& made, ObjectFormat format) {
    StringSink stored(2 * made.size() + kMegabyte, "it");
    std::string difference;
    try {
      CountedSink counted(stored, [&](ByteCount bytes) { context_.observer.moved(bytes); });
      context_.vault.objects().read(folder_, record, counted, stop_);
      notes_.note_read(record);
      difference = index_difference(made, stored.str(), format);
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::cold || error.kind() == ErrorKind::not_found) return;
      if (error.kind() != ErrorKind::corrupt) throw;
      if (!notes_.is_as_written(record)) return;
      difference = without_key(error, record.key);
    }
    if (!difference.empty())
      notes_.add(resolve_key(folder_, record.key), DamageKind::index,
                 "is as it was written, but is not the index of its bundle's pack: " + difference, snapshots);
  }

  // What stays as it was is kept once, whatever the number of bundles that come after it.
  void close_links(LinkSet links) {
    std::vector<Open> open;
    bool is_as_before = true;
    for (const Open& before : *steps_.back().open) {
      Open now = before;
      std::erase_if(now.links, [&](OpenLink& link) {
        const auto type = way_->type_of(link.link.oid);
        is_as_before = is_as_before && type == link.type && type != link.link.type;
        link.type = type;
        return type == link.link.type;
      });
      if (!now.links.empty() || now.unnamed > 0) open.push_back(std::move(now));
    }
    way_->find_all(links);
    if (links.open() == 0 && is_as_before) return;
    if (links.open() > 0) {
      Open now{.pack = way_->packs() - 1, .links = way_->name(way_->packs() - 1, links, kMostOpen, stop_)};
      now.unnamed = links.open() - now.links.size();
      open.push_back(std::move(now));
    }
    steps_.back().open = std::make_shared<const std::vector<Open>>(std::move(open));
  }

  // Empty where it lacks nothing.
  std::string lack_of(const ChainedSnapshot& snapshot, const RefState& refs) const {
    const Step& step = steps_.back();
    if (!step.open->empty()) return describe_open(step.open->front());
    if (!step.unwalkable.empty()) return step.unwalkable;
    for (const Ref& ref : refs.refs)
      if (!way_->contains(ref.oid)) return leads_nowhere(ref.name, ref.oid);
    if (refs.head.oid && !way_->contains(*refs.head.oid)) return leads_nowhere("HEAD", *refs.head.oid);
    for (const Oid& oid : snapshot.held)
      if (!way_->contains(oid)) return leads_nowhere(held_ref(oid), oid);
    if (auto lack = lack_of_head(refs); !lack.empty()) return lack;
    if (auto lack = contradiction(snapshot, refs); !lack.empty()) return lack;
    return step.header_lack ? step.header_lack->text : std::string();
  }

  static std::string leads_nowhere(std::string_view name, const Oid& oid) {
    return fmt::format("{} leads to {}, which is missing", printable(name), oid.hex());
  }

  // A branch that is born must be there.
  static std::string lack_of_head(const RefState& refs) {
    const std::string& branch = refs.head.symref_target;
    if (!refs.head.oid || branch.empty()) return {};
    const bool is_there =
        std::any_of(refs.refs.begin(), refs.refs.end(), [&](const Ref& ref) { return ref.name == branch; });
    return is_there ? "" : fmt::format("HEAD leads to {}, which is no ref", printable(branch));
  }

  // What a bundle was fetched for is what its snapshot has.
  std::string contradiction(const ChainedSnapshot& snapshot, const RefState& refs) const {
    const Step& step = steps_.back();
    if (chains_.at(step.place).is_root() || chains_.at(step.place).bundle.snapshot != snapshot.id) return {};
    std::map<std::string, Oid> brought;
    for (const Ref& ref : step.brought) brought.emplace(ref.name, ref.oid);
    for (const Ref& ref : refs.refs) {
      const auto found = brought.find(ref.name);
      if (found != brought.end() && found->second != ref.oid)
        return fmt::format("{} is {}, and the bundle's header says {}", printable(ref.name), ref.oid.hex(),
                           found->second.hex());
    }
    return {};
  }

  static std::string describe_open(const Open& open) {
    std::string text;
    const std::size_t told = std::min(open.links.size(), kMostTold);
    for (std::size_t i = 0; i < told; ++i) text += (i == 0 ? "" : "; ") + describe(open.links[i]);
    const std::size_t more = open.links.size() - told + open.unnamed;
    if (more == 0) return text;
    return text + (text.empty() ? "" : "; and ") + count_of(more, "more object") +
           (more == 1 ? " is" : " are") + " missing";
  }

  const VerifyContext& context_;
  const std::string& folder_;
  const SnapshotChains& chains_;
  const std::stop_token& stop_;
  ProofNotes notes_;
  ByteCount memory_ = 0;
  std::optional<MemoryBudget::Lease> lease_;
  std::unique_ptr<IndexedWay> way_;
  std::vector<Step> steps_;  // of the way; the first is the root
};

}  // namespace

Proof prove_deeply(const VerifyContext& context, const std::string& folder, const SnapshotChains& chains,
                   const std::stop_token& stop) {
  return DeepProver(context, folder, chains, stop).run();
}

}  // namespace hubkeep
