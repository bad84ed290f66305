// Which refs a fetch over a breaking connection takes at a time: tags by version, then heads, then the rest,
// in batches that shrink where the connection breaks and grow where it holds. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "git/ref.h"

namespace hubkeep {

/// v1.2 before v1.10: runs of digits compare as numbers, everything else byte by byte.
bool is_earlier_version(std::string_view a, std::string_view b);

using IsHeld = std::function<bool(const Oid&)>;

/// `now` as far as its objects are held: each ref at its listed value when that is held, else at that of
/// `before`, whose objects are all held, else not at all. HEAD the same way; where it names a branch that is
/// not held, it is unborn.
RefState held_refs(const RefState& now, const std::optional<RefState>& before, const IsHeld& is_held);

/// The slices of what is listed in `now` and not in `held`; each object is asked for once, by its first ref.
/// HEAD is one of the refs when no other has its object.
///
/// A slice that breaks is halved; a single ref that breaks is passed over, and tried again after the others
/// when any of them has come: then less of its history is missing. Where ever more single refs break in a
/// row, ever more are passed over untried, so that a history too large for the connection costs few attempts,
/// however many refs lead into it.
///
/// A slice that the server refuses is halved, too, all halves before their halves, until the refs that are
/// the cause stand alone: about 2 log2(n) slices for each of them. None of these is tried again.
class SlicePlan {
 public:
  /// refused: the server refuses all of them together. Then HEAD comes first, alone.
  /// history: HEAD comes first, alone, and then all others of a kind together: a slice that is too large is
  /// cut into slices of history.
  enum class Begin { anew, refused, history };
  SlicePlan(const RefState& now, const OidSet& held, Begin begin = Begin::anew);

  /// What to ask for next; empty at the end. The same until one of the three below is called.
  const std::vector<Ref>& slice() const { return slice_; }
  void arrived();
  void broke();  // the connection
  /// By the server, for good; `culprit` is what it named as the cause, which stands alone then.
  void refused(const std::optional<Oid>& culprit = {});
  /// At the end: the refs that cannot be had over this connection.
  std::vector<Ref> passed_over() const;

 private:
  struct Kind {  // of refs
    std::vector<Ref> waiting;
    std::size_t position = 0;
    std::vector<Ref> passed_over;
    std::size_t batch = 1;
    std::size_t successes = 0;          // since the batch last changed
    std::size_t successes_to_grow = 1;  // twice as many after each slice that broke
    std::size_t lost_in_a_row = 0;
  };

  Kind& kind() { return kinds_[current_]; }
  void lead_with_head(const std::string& head_branch);
  void suspect_all(const std::string& head_branch);
  void halve(const std::vector<Ref>& refs);
  void pass_over(std::size_t count);
  void cut_next();
  void try_again();

  std::array<Kind, 3> kinds_;  // tags, heads, the rest
  std::size_t current_ = 0;
  bool gained_ = false;                    // something has arrived since all passed over were tried
  std::deque<std::vector<Ref>> suspects_;  // slices with something that the server refuses
  bool is_suspect_ = false;                // slice_ is one of them
  std::vector<Ref> slice_;
};

}  // namespace hubkeep
