// All that a snapshot holds of what GitHub knows of a repository or a gist, as documents: those of the part
// `meta`, the releases, and of a gist its description and its comments.
#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "vault/meta_documents.h"
#include "vault/releases_part.h"
#include "vault/vault_objects.h"

namespace hubkeep {

/// Keeps references to `objects` and `stop`.
class SavedDocuments {
 public:
  /// Of a snapshot with these parts, in that folder. Throws Error(corrupt) for a part that is none.
  SavedDocuments(VaultObjects& objects, std::string folder, const Parts& parts, const std::stop_token& stop);

  /// In no order. A release has the kind "release", a gist's documents "gist" and "gist_comment". Throws as
  /// MetaDocuments does.
  void visit(const MetaFilter& filter, const MetaDocuments::Visitor& visitor) const;

  /// Of the part `meta`, as far as there is one.
  MetaDocuments meta_documents() const { return {objects_, folder_, meta_.value_or(MetaPart()), stop_}; }

  /// Nothing where the snapshot has no such part.
  const std::optional<MetaPart>& meta() const { return meta_; }
  const std::optional<ReleasesPart>& releases() const { return releases_; }
  bool has_gist() const { return !gist_.empty(); }

 private:
  void visit_releases(const MetaFilter& filter, const MetaDocuments::Visitor& visitor) const;
  void visit_gist(const MetaFilter& filter, const MetaDocuments::Visitor& visitor) const;

  VaultObjects& objects_;
  const std::string folder_;
  const std::stop_token& stop_;
  std::optional<MetaPart> meta_;
  std::optional<ReleasesPart> releases_;
  std::vector<ObjectRecord> gist_;  // lines: the gist, then its comments
};

}  // namespace hubkeep
