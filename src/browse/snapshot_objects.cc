#include "browse/snapshot_objects.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <set>

#include "base/error.h"
#include "base/text.h"
#include "pack/block_source.h"
#include "pack/pack_indexer.h"
#include "vault/bundle_source.h"
#include "vault/select_snapshot.h"
#include "vault/wiki_part.h"
#include "vault/written_by.h"

namespace hubkeep {
namespace {

// What is looked for in a pack lies scattered, in groups: chains of deltas, the trees of a time. Measured
// with the history of redis (390 MB): half the requests of 64 KiB, and not twice its bytes.
constexpr BlockOptions kBlocks{.block = ByteCount{256} << 10, .kept = 64};

/// Passes on what comes after the first bytes.
class AfterSink final : public ByteSink {
 public:
  AfterSink(ByteCount skipped, ByteSink& next) : skipped_(skipped), next_(next) {}
  void write(std::string_view bytes) override {
    const ByteCount here = std::min<ByteCount>(skipped_, bytes.size());
    skipped_ -= here;
    if (here < bytes.size()) next_.write(bytes.substr(here));
  }

 private:
  ByteCount skipped_;
  ByteSink& next_;
};

// Base first, each once.
std::vector<Bundle> bundles_of(const std::vector<const OpenedSnapshot*>& snapshots) {
  std::vector<Bundle> bundles;
  std::set<std::string> added;
  for (const OpenedSnapshot* snapshot : snapshots)
    for (const Bundle& bundle : snapshot->git.bundles)
      if (added.insert(bundle.record.key).second) bundles.push_back(bundle);
  return bundles;
}

BrowsedPart find_part(const Catalog& catalog, const std::string& name, const std::string& list_command) {
  try {
    return {find_repository(catalog, name, list_command), PartName(kGitPart)};
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::not_found || !name.ends_with(kWikiSuffix)) throw;
    const std::string repository = name.substr(0, name.size() - kWikiSuffix.size());
    return {find_repository(catalog, repository, list_command), PartName(kWikiPart)};
  }
}

bool is_part_settled(const Parts& parts, const PartName& name) {
  const auto found = parts.find(name);
  return found != parts.end() && is_git_part(found->second) && is_settled(found->second);
}

// A snapshot that is asked for by its id need not have it.
GitPart part_of(const Manifest& manifest, const PartName& name) {
  if (name == kGitPart) return git_part(manifest.parts);
  const auto found = manifest.parts.find(name);
  if (found != manifest.parts.end() && is_git_part(found->second)) return git_part(found->second);
  throw Error(ErrorKind::not_found, fmt::format("snapshot {} of {} has no {}", manifest.snapshot.str(),
                                                printable(manifest.listing.full_name), name));
}

std::string made_index_name(const Bundle& bundle) {
  return bundle.record.sha256 + ".idx";
}

}  // namespace

/// Blocks of one bundle in the cache, which nobody has compared with what was written.
class BrowsedRepository::CachedBlocks final : public BlockStore {
 public:
  /// `used` is told their names.
  CachedBlocks(CacheFolder& cache, std::string sha256, std::set<std::string>& used)
      : cache_(cache), used_(used), sha256_(std::move(sha256)) {}
  std::optional<std::string> find(std::uint64_t number) override { return cache_.find(name_of(number)); }
  void keep(std::uint64_t number, std::string_view bytes) override { cache_.keep(name_of(number), bytes); }

 private:
  std::string name_of(std::uint64_t number) {
    return *used_.insert(fmt::format("{}.{}.{}", sha256_, kBlocks.block, number)).first;
  }

  CacheFolder& cache_;
  std::set<std::string>& used_;
  const std::string sha256_;
};

BrowsedRepository::BrowsedRepository(Vault& vault, const std::string& name, const BrowseOptions& options,
                                     const std::stop_token& stop)
    : vault_(vault),
      options_(options),
      stop_(stop),
      browsed_(find_part(vault.load_catalog(options.notice, stop), name, vault.command("list"))),
      cache_(options.cache) {}

BrowsedRepository::~BrowsedRepository() = default;

OpenedSnapshot BrowsedRepository::open(const std::string& at) {
  if (at.empty()) require_part();
  const auto is_complete = [this](const Parts& parts) { return is_part_settled(parts, browsed_.part); };
  Manifest manifest = find_snapshot(vault_, entry_, at, is_complete, options_.notice, stop_).manifest;
  return advised([&] {
    GitPart git = part_of(manifest, browsed_.part);
    RefState refs =
        as_written_by(manifest.program, [&] { return vault_.read_ref_state(entry_.folder, git, stop_); });
    return OpenedSnapshot{std::move(manifest), std::move(git), std::move(refs)};
  });
}

// Before each snapshot is looked at for a wiki that there never was.
void BrowsedRepository::require_part() const {
  if (browsed_.part == kGitPart || entry_.newest.empty()) return;
  if (entry_.newest.front().parts.contains(browsed_.part)) return;
  throw Error(ErrorKind::not_found,
              fmt::format("the newest snapshot of {0} has no {1}: GitHub had none, or the backup left it "
                          "out; an older one may have it, with --at",
                          printable(entry_.listing.full_name), browsed_.part));
}

std::unique_ptr<PackChain> BrowsedRepository::objects_of(
    const std::vector<const OpenedSnapshot*>& snapshots) {
  return advised([&] {
    auto chain =
        std::make_unique<PackChain>(snapshots.front()->git.format, ByteCount{32} << 20, options_.memory);
    const std::vector<Bundle> bundles = bundles_of(snapshots);
    tell_of_indexing(bundles);
    auto indexes = read_indexes(bundles);
    // Base first: a bundle without an index needs those before it.
    for (const Bundle& bundle : bundles) {
      std::string index = index_of(*chain, bundle, indexes[bundle.record.key]);
      with_context(bundle.record.key, [&] { chain->add_newer(std::move(index), pack_of(bundle)); });
    }
    return chain;
  });
}

// It takes a while.
void BrowsedRepository::tell_of_indexing(const std::vector<Bundle>& bundles) {
  std::size_t count = 0;
  ByteCount size = 0;
  for (const Bundle& bundle : bundles) {
    if (bundle.index || cache_.has(made_index_name(bundle))) continue;
    ++count;
    size += bundle.record.size;
  }
  if (count > 0)
    options_.notice(fmt::format("{} without an index, of {}: read as a whole this once, to make one",
                                count_of(count, "bundle"), human_size(size)));
}

// By the keys of their bundles. What the cache has is not asked for.
std::map<std::string, BundleIndex> BrowsedRepository::read_indexes(const std::vector<Bundle>& bundles) {
  const auto name_of = [](const Bundle& bundle) { return bundle.index->sha256 + ".idx"; };
  std::map<std::string, BundleIndex> indexes;
  std::vector<const Bundle*> asked;
  for (const Bundle& bundle : bundles) {
    if (!bundle.index) continue;
    if (auto kept = cache_.find(name_of(bundle)); kept && sha256_hex(*kept) == bundle.index->sha256)
      indexes.emplace(bundle.record.key, BundleIndex{std::move(*kept)});
    else
      asked.push_back(&bundle);
  }
  auto read = read_bundle_indexes(vault_.objects(), entry_.folder, asked, budget_, stop_);
  for (std::size_t i = 0; i < asked.size(); ++i) {
    if (!read[i].error) cache_.keep(name_of(*asked[i]), read[i].bytes);
    indexes.emplace(asked[i]->record.key, std::move(read[i]));
  }
  return indexes;
}

// Where it is lost or damaged, it is made again as if there had been none.
std::string BrowsedRepository::index_of(PackChain& older, const Bundle& bundle, BundleIndex& read) {
  if (!bundle.index) return made_index(older, bundle);
  if (!read.error) return std::move(read.bytes);
  options_.notice(fmt::format("{}: it is made again, for which its bundle is read as a whole once",
                              read.error->message()));
  return made_index(older, bundle);
}

// Of a bundle that was not proved, or is older than indexes are.
std::string BrowsedRepository::made_index(PackChain& older, const Bundle& bundle) {
  const std::string name = made_index_name(bundle);
  if (auto kept = cache_.find(name)) return std::move(*kept);
  PackIndexer indexer(
      older.format(), nullptr,
      {.memory = options_.memory, .cache = options_.memory / 2, .collects_links = false, .threads = 2});
  AfterSink pack(bundle.pack_offset, indexer);
  vault_.objects().read(entry_.folder, bundle.record, pack, stop_);
  indexer.finish();
  const auto source = pack_of(bundle);
  const auto indexed = indexer.resolve(*source, older, stop_);
  if (!indexed)
    throw Error(ErrorKind::invalid,
                fmt::format("{} cannot be indexed in {}, {}: give it more with --memory", bundle.record.key,
                            human_size(options_.memory), indexer.gave_up()));
  StringSink index(std::numeric_limits<ByteCount>::max());
  write_pack_index(indexed->entries, indexed->checksum, index);
  cache_.keep(name, index.str());
  return index.take();
}

std::unique_ptr<ByteSource> BrowsedRepository::pack_of(const Bundle& bundle) {
  return std::make_unique<BlockSource>(
      std::make_unique<BundleSource>(vault_.objects(), entry_.folder, bundle, budget_), kBlocks,
      std::make_unique<CachedBlocks>(cache_, bundle.record.sha256, used_blocks_));
}

// Any of the blocks may be what is damaged, and the vault may be whole again, or have been all the time.
Error BrowsedRepository::with_advice(const Error& error) {
  if (error.kind() == ErrorKind::corrupt)
    for (const std::string& block : used_blocks_) cache_.forget(block);
  const std::string name = exact_name(entry_);
  if (error.kind() == ErrorKind::cold)
    return {ErrorKind::cold,
            fmt::format("{}: this asks for it, and when it is back, the same command can be run again: {}",
                        error.message(), vault_.command("restore --thaw standard", name))};
  if (error.kind() == ErrorKind::corrupt || error.kind() == ErrorKind::not_found)
    return {error.kind(), fmt::format("{}: whether the vault is damaged is said by {}", error.message(),
                                      vault_.command("verify --deep", name))};
  return error;
}

}  // namespace hubkeep
