// A pack on its way into a repository, which is indexed as its bytes come.
#pragma once

#include <memory>
#include <stop_token>

#include "base/byte_sink.h"
#include "localgit/pack_folder.h"
#include "pack/pack_indexer.h"

namespace hubkeep {

class PackImporter final : public ByteSink {
 public:
  /// The pack becomes `files`, and then one of `packs`, which must outlive the importer.
  PackImporter(PackFolder& packs, PackFiles files, std::stop_token stop);
  ~PackImporter() override;
  void write(std::string_view bytes) override;
  /// After the pack's last byte: makes what is left, writes the index; thin packs are completed from what is
  /// there already. Throws Error(corrupt) for a pack that is not whole or whose bases are missing.
  void finish();
  /// After finish(): whether all that its objects name is in the packs that are there.
  bool is_connected() const { return is_connected_; }

 private:
  class Written;

  PackFolder& packs_;
  const PackFiles files_;
  const std::stop_token stop_;
  const std::unique_ptr<Written> file_;
  std::unique_ptr<PackIndexer> indexer_;
  bool is_connected_ = false;
};

}  // namespace hubkeep
