// A folder, looked at before a vault depends on it: what its file system can do. The folder need not exist.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "store/examined_place.h"
#include "store/folder/folder_store.h"

namespace hubkeep {

class FolderPlace final : public ExaminedPlace {
 public:
  /// `path` is the vault's; all that is written lies below `name`, a relative path, in it.
  FolderPlace(std::string path, std::string name);

  std::string description() const override;
  FirstLook look(const std::stop_token& stop) override;
  ObjectStore& aside() override { return *store_; }
  ObjectKey key_of_class() const override { return {}; }
  std::vector<PlaceFinding> learnt() override;
  std::vector<std::string> clean_up(std::span<const ObjectKey> written) override;

 private:
  void make_folders();
  PlaceFinding room() const;
  PlaceFinding lock();

  const std::string path_;
  const std::string aside_;
  std::vector<std::string> made_;     // folders that were not there, from the top down
  std::vector<std::string> notices_;  // of the store
  std::optional<FolderStore> store_;
};

}  // namespace hubkeep
