// The chains of bundles of a repository's snapshots as the tree that they are: snapshots share what they have
// in common, so that a bundle stands there once, whatever the number of those that need it.
#pragma once

#include <cstddef>
#include <map>
#include <tuple>
#include <vector>

#include "vault/git_part.h"
#include "vault/manifest.h"

namespace hubkeep {

/// By key, size and hash: where two manifests disagree about an object, each is held against it.
struct RecordOrder {
  bool operator()(const ObjectRecord& a, const ObjectRecord& b) const {
    return std::tie(a.key, a.size, a.sha256) < std::tie(b.key, b.size, b.sha256);
  }
};

/// What a snapshot says beside its bundles.
struct ChainedSnapshot {
  SnapshotId id;
  Head head;
  std::vector<ObjectRecord> refs;
  std::vector<Oid> held;            // see GitPart: as whole as what refs name
  bool says_what_it_lacks = false;  // objects: nobody claims that it is whole
};

/// As the header of the bundle that brought it has it.
std::string held_ref(const Oid& oid);

class SnapshotChains {
 public:
  using Place = std::size_t;
  static constexpr Place kNowhere = static_cast<Place>(-1);

  /// What other snapshots say of a bundle where they do not say the same: its index, or what is not true.
  struct OtherWords {
    Bundle bundle;
    std::vector<SnapshotId> snapshots;
  };

  /// A bundle after all those that lead to it. The root of an object format has none, nor any before it.
  struct Link {
    ObjectFormat format = ObjectFormat::sha1;
    Place before = kNowhere;
    Bundle bundle;  // as the snapshot that was added first says
    std::vector<OtherWords> in_other_words = {};
    std::vector<ChainedSnapshot> snapshots;  // of which this is the last bundle
    std::vector<Place> after;

    bool is_root() const { return before == kNowhere; }
  };

  void add(const SnapshotId& id, const GitPart& git);

  const Link& at(Place place) const { return links_[place]; }
  std::size_t size() const { return links_.size(); }
  /// The links that nothing comes after: of each the way from the root is a chain.
  std::vector<Place> ends() const;
  /// From the root to `end`, both of them included.
  std::vector<Place> way_to(Place end) const;
  /// The snapshots at a link and after it, newest first.
  std::vector<SnapshotId> snapshots_from(Place place) const;

 private:
  Place root_of(ObjectFormat format);
  Place follow(Place from, const Bundle& bundle, const SnapshotId& by);
  static void note_words(Link& link, const Bundle& bundle, const SnapshotId& by);
  Place append(Link link);

  std::vector<Link> links_;
  std::map<ObjectFormat, Place> roots_;
};

}  // namespace hubkeep
