// Indexes a pack with libgit2 as its bytes come.
#pragma once

#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>

#include "localgit/libgit2_handle.h"
#include "localgit/repository_builder.h"

namespace hubkeep {

class Libgit2Importer final : public PackImporter {
 public:
  /// `odb`, that of the repository whose packs are in `pack_folder`, must outlive the importer, as must
  /// `refusal`, which becomes what libgit2 says of a pack that it does not take.
  Libgit2Importer(const std::filesystem::path& pack_folder, git_odb* odb, std::optional<std::string>& refusal,
                  std::stop_token stop);
  void write(std::string_view bytes) override;
  void finish() override;

 private:
  void append(std::string_view bytes);
  void check(int result);
  static int on_progress(const git_indexer_progress* progress, void* importer);

  git_odb* odb_;
  std::optional<std::string>& refusal_;
  std::stop_token stop_;
  IndexerHandle indexer_;
  git_indexer_progress progress_{};
  std::string pending_;
};

}  // namespace hubkeep
