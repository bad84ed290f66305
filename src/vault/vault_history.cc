#include "vault/vault_history.h"

#include <fmt/format.h>

#include "base/error.h"
#include "vault/bundle_source.h"

namespace hubkeep {

std::string read_bundle_index(VaultObjects& objects, const std::string& folder, const Bundle& bundle,
                              ReadBudget& budget, const std::stop_token& stop) {
  if (!bundle.index) throw Error(ErrorKind::corrupt, fmt::format("{} has no index", bundle.record.key));
  budget.take(bundle.index->size);
  StringSink sink(bundle.index->size, bundle.index->key);
  objects.read(folder, *bundle.index, sink, stop);
  return sink.take();
}

std::unique_ptr<PackChain> open_chain(VaultObjects& objects, const std::string& folder, const GitPart& git,
                                      ReadBudget& budget, const HistoryOptions& options,
                                      const std::stop_token& stop) {
  auto chain = std::make_unique<PackChain>(git.format, options.cache, options.largest_object);
  for (auto bundle = git.bundles.rbegin(); bundle != git.bundles.rend(); ++bundle) {
    std::string index = read_bundle_index(objects, folder, *bundle, budget, stop);
    auto pack = std::make_unique<BlockSource>(
        std::make_unique<BundleSource>(objects, folder, *bundle, budget), options.blocks);
    with_context(bundle->index->key, [&] { chain->add(std::move(index), std::move(pack)); });
  }
  return chain;
}

}  // namespace hubkeep
