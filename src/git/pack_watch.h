// What is learned of a pack's objects while they pass, without an index and in bounded memory: which of the
// objects that were asked for it holds, whether its deltas can be applied, which LFS objects it points at.
//
// Commits and tags are hashed until every tip was seen, those that came as deltas of recent ones as well.
// Trees and blobs are hashed only while fewer other deltas have come than tips are missing: that costs
// nothing in the packs that servers send, and leaves no whole tip unseen in a pack that is refused for the
// tips it lacks.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "crypto/hash.h"
#include "git/delta_bases.h"
#include "git/delta_reader.h"
#include "git/fetch.h"
#include "git/lfs_pointers.h"
#include "git/pack_entry.h"
#include "git/recent_commits.h"
#include "git/recent_entries.h"
#include "git/wanted_tips.h"

namespace hubkeep {

class PackWatch {
 public:
  /// Keeps a pointer to `asked`; without one, nothing was asked for.
  PackWatch(ObjectFormat format, const FetchRequest* asked);

  /// An entry, its inflated bytes in pieces, its end. Says what is wrong with it; empty when nothing is.
  void begin(const PackEntryHeader& entry);
  void write(std::string_view bytes);
  std::string_view end();

  std::uint32_t deltas() const { return deltas_; }
  std::uint64_t largest_delta() const { return largest_delta_; }
  LfsPointers take_lfs_pointers() { return std::move(lfs_pointers_); }

  struct Judgement {
    std::string impossible;        // why the pack cannot be what was asked for; empty when it can
    std::uint64_t not_proved = 0;  // tips, and in a base bases of deltas, that were not seen
  };
  /// At the pack's end; it has so many objects.
  Judgement judge(std::uint32_t objects);

 private:
  bool must_hold_all() const { return asked_ != nullptr && asked_->haves.empty(); }
  bool matters_by_name() const;
  std::string_view end_delta();
  void end_whole();
  bool keeps_content() const;
  const RecentCommits::Commit* recent_base() const;
  bool name_what_it_makes();
  void saw(const Oid& oid);
  std::string impossible(std::uint32_t objects, bool bases_are_impossible) const;

  const ObjectFormat format_;
  const FetchRequest* const asked_;
  WantedTips tips_;
  DeltaBases bases_;
  RecentEntries recent_;
  LfsPointers lfs_pointers_;
  std::uint32_t deltas_ = 0;
  std::uint32_t nameless_ = 0;             // deltas of which it is not known what they make
  std::uint32_t nameless_of_commits_ = 0;  // and those that may be
  std::uint64_t largest_delta_ = 0;

  PackEntryHeader entry_;
  DeltaReader delta_;
  Hasher hasher_;
  bool hashes_ = false;
  std::string
      content_;  // of a blob that may be an LFS pointer, of a commit or tag, or of a delta of such a one
  RecentCommits commits_;
  const RecentCommits::Commit* base_ = nullptr;  // of the delta, where it is a recent commit or tag
};

}  // namespace hubkeep
