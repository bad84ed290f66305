#include "vault/vault_history.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/parallel.h"
#include "vault/bundle_source.h"

namespace hubkeep {
namespace {

constexpr std::size_t kAtOnce = 4;  // as a chain has a hundred, and a run works on several repositories

std::string read_bundle_index(VaultObjects& objects, const std::string& folder, const Bundle& bundle,
                              ReadBudget& budget, const std::stop_token& stop) {
  if (!bundle.index) throw Error(ErrorKind::corrupt, fmt::format("{} has no index", bundle.record.key));
  budget.take(bundle.index->size);
  StringSink sink(bundle.index->size, bundle.index->key);
  objects.read(folder, *bundle.index, sink, stop);
  return sink.take();
}

}  // namespace

std::vector<BundleIndex> read_bundle_indexes(VaultObjects& objects, const std::string& folder,
                                             std::span<const Bundle* const> bundles, ReadBudget& budget,
                                             const std::stop_token& stop) {
  std::vector<BundleIndex> indexes(bundles.size());
  work_in_parallel_or_throw(bundles.size(), kAtOnce, [&](std::size_t i) {
    try {
      indexes[i].bytes = read_bundle_index(objects, folder, *bundles[i], budget, stop);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::corrupt && error.kind() != ErrorKind::not_found) throw;
      indexes[i].error = error;
    }
  });
  return indexes;
}

std::unique_ptr<PackChain> open_chain(VaultObjects& objects, const std::string& folder, const GitPart& git,
                                      ReadBudget& budget, const HistoryOptions& options,
                                      const std::stop_token& stop) {
  auto chain = std::make_unique<PackChain>(git.format, options.cache, options.largest_object);
  std::vector<const Bundle*> newest_first;
  for (auto bundle = git.bundles.rbegin(); bundle != git.bundles.rend(); ++bundle)
    newest_first.push_back(&*bundle);
  std::vector<BundleIndex> indexes = read_bundle_indexes(objects, folder, newest_first, budget, stop);
  for (std::size_t i = 0; i < indexes.size(); ++i) {
    if (indexes[i].error) throw Error(*indexes[i].error);
    const Bundle* const bundle = newest_first[i];
    auto pack = std::make_unique<BlockSource>(
        std::make_unique<BundleSource>(objects, folder, *bundle, budget), options.blocks);
    with_context(bundle->index->key, [&] { chain->add(std::move(indexes[i].bytes), std::move(pack)); });
  }
  return chain;
}

}  // namespace hubkeep
