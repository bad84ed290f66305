// How a history is cut into slices, at commits that no ref names: what to ask, what to fetch, and what is
// held then. Pure.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <variant>
#include <vector>

#include "git/history_question.h"
#include "git/oid_set.h"

namespace hubkeep {

/// So many slices a history is cut into, where nothing else is known of its connection.
constexpr std::uint64_t kSlicesOfAHistory = 16;
/// So often what cannot be cut any further is tried.
constexpr int kAttemptsAtOne = 3;

/// How large the next slice should be: in commits where the server counts them, else in steps of depth.
class SlicePace {
 public:
  explicit SlicePace(std::uint64_t slices) : slices_(slices) {}

  /// A history of this size is begun with.
  void begin(std::uint64_t size);
  std::uint64_t slice() const { return slice_; }
  bool fits(std::uint64_t size) const { return size <= slice_ + slice_ / 2; }
  void arrived();
  void cut(std::uint64_t size);
  /// It was one commit that did not come: what was cut says nothing of others.
  void was_one_commit();

 private:
  std::uint64_t slices_;
  std::uint64_t begun_with_ = 1;
  std::uint64_t largest_ = 1;
  std::uint64_t slice_ = 1;
  std::uint64_t arrivals_ = 0;          // since the largest has last changed
  std::uint64_t arrivals_to_grow_ = 1;  // twice as many after each that was cut
};

using IsHeldCommit = std::function<bool(const Oid&)>;

/// Where the history behind one commit is cut. A depth leaves the more above it the greater it is; the
/// commits at that depth are what a slice asks for.
class HistoryCut {
 public:
  struct Ask {
    std::uint32_t depth;
  };
  struct Take {  // together
    std::vector<Oid> commits;
  };
  struct Apart {  // they are too much together, or cannot be told from one
    std::vector<Oid> commits;
  };
  struct Whole {};  // the commit itself, with all that is lacking
  using Step = std::variant<Ask, Take, Apart, Whole>;

  /// `lacking`: how many of its commits; nothing where the server does not count.
  HistoryCut(Oid tip, std::optional<std::uint64_t> lacking, SlicePace pace);

  /// `room`: for so many commits that are held without a ref. The pace is that of all slices where the server
  /// counts, else of this cut alone.
  Step next(const SlicePace& pace, const IsHeldCommit& is_held, std::size_t room);
  void answered(std::uint32_t depth, const HistoryAnswer& answer);
  void arrived();  // what Take named
  void cut();      // the same, or Whole
  /// As far as is known, of what next() named last: in commits, or steps of depth.
  std::uint64_t size() const { return size_; }
  /// Whether it is one commit that is lacking, and no more.
  bool is_single() const;

 private:
  struct Known {
    std::uint64_t within;
    std::vector<Oid> boundary;
  };
  struct Choice;

  const SlicePace& pace_of(const SlicePace& shared) const { return lacking_ ? shared : own_pace_; }
  std::uint64_t rest() const;
  std::uint64_t below(std::uint64_t within) const { return rest() - std::min(rest(), within); }
  std::optional<Step> find_height();
  Step whole();
  Step take(std::uint32_t depth, std::vector<Oid> lacking);
  std::optional<Step> best_known(const SlicePace& pace, const IsHeldCommit& is_held, std::size_t room);
  void look_for_what_is_held(const IsHeldCommit& is_held);
  std::vector<Oid> lacking_at(std::uint32_t depth, const IsHeldCommit& is_held) const;
  std::uint32_t guess(std::uint32_t low, std::uint32_t high, std::uint64_t slice) const;

  Oid tip_;
  std::optional<std::uint64_t> lacking_;
  SlicePace own_pace_;
  std::map<std::uint32_t, Known> known_;
  std::optional<std::uint32_t> held_from_;  // the least depth from which on all is held
  bool knows_height_ = false;
  int asked_ = 0;                       // since the last slice
  std::optional<std::uint32_t> taken_;  // nothing: Whole
  std::uint64_t size_ = 0;
  std::set<std::uint32_t> to_take_apart_;
};

/// The slices of the histories behind some commits, one after the other.
class HistoryPlan {
 public:
  struct Options {
    bool counts = false;       // the server does
    bool whole_first = false;  // where it does not: a history is cut only when it did not come whole
    OidSet stuck = {};         // commits that are known not to come
    /// Whether a ref names it: such are not held beside. Nothing: none is.
    IsHeldCommit is_tip = {};
  };
  struct Count {
    std::vector<Oid> wants;
  };
  struct Ask {
    Oid want;
    std::uint32_t depth;
  };
  struct Take {
    std::vector<Oid> wants;
  };
  struct Stuck {
    Oid commit;
    bool is_single;  // else its history cannot be cut
  };
  struct Done {};
  using Step = std::variant<Count, Ask, Take, Stuck, Done>;

  /// `held`: what is held without a ref before. `is_held` is asked of any commit. Keeps a reference to
  /// `pace`.
  HistoryPlan(const std::vector<Oid>& wants, std::vector<Oid> held, SlicePace& pace, IsHeldCommit is_held,
              Options options);

  Step next();
  void counted(std::uint64_t commits);
  void answered(std::uint32_t depth, const HistoryAnswer& answer);
  void arrived();
  void cut();

  /// What is held without a ref, at most kMaxHeld; `if_arrives`: with what next() named last.
  std::vector<Oid> held() const;
  std::vector<Oid> held_if_arrives() const;
  /// What is still to be asked for, the next first.
  std::vector<Oid> open() const;

 private:
  struct Entry {
    std::vector<Oid> wants;
    int level;
    std::optional<std::uint64_t> lacking = {};
    std::optional<HistoryCut> cut = {};
    bool tries_whole = true;
    int cuts_of_whole = 0;
  };
  struct Held {
    Oid commit;
    int level;  // of the history that it is a slice of
  };

  std::optional<Step> next_of(Entry& entry);
  std::optional<Step> next_of_one(Entry& entry);
  void split(const Entry& entry);
  void push(std::vector<Oid> commits, int level);
  std::vector<Held> held_with(const std::vector<Oid>& commits, int level) const;
  std::size_t room_at(int level) const;

  std::vector<Entry> stack_;
  std::vector<Held> held_;
  SlicePace& pace_;
  const IsHeldCommit is_held_;
  const Options options_;
  OidSet arrived_;
  std::vector<Oid> taken_;
  bool took_whole_ = false;
  int questions_ = 0;
};

}  // namespace hubkeep
