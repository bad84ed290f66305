// Workers take objects in the order of their names. The first that comes to a hundred of them asks for the
// addresses of all; what another job of the run is fetching is left to the end. An address is good for a
// while: one that is refused is asked for again. What a server does to one object is that object's matter;
// what it does to several in a row ends the work, and the next run goes on.
//
// The size in a pointer is what anybody wrote who may open a pull request: the server's own is taken, and the
// hash decides. What a server refuses with one size is asked for with the next, all of these together.
#include "backup/lfs_fetch.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <utility>

#include "backup/lfs_incoming.h"
#include "backup/repository_work.h"
#include "base/caught_error.h"
#include "base/parallel.h"
#include "base/text.h"

namespace hubkeep {
namespace {

constexpr std::size_t kMostAtOnce = 8;                     // downloads of one repository
constexpr ByteCount kDownloadMemory = ByteCount{1} << 20;  // of each, beside its writer: libcurl's
constexpr ByteCount kFetchMemory = ByteCount{32} << 20;    // of all, whatever is free beside
constexpr int kMostBuffers = 4;  // of a writer: three parts on their way to S3 while the next one is filled
constexpr ByteCount kGain = ByteCount{1} << 20;     // an attempt that brings so much was none in vain
constexpr int kMostRenewals = 2;                    // of an address, in vain
constexpr int kMostWrong = 2;                       // times that other bytes come
constexpr int kMostFailures = 3;                    // of objects in a row
constexpr std::size_t kMostSizes = 8;               // that an object is asked for with
constexpr ByteCount kLargest = ByteCount{5} << 40;  // that an object of any vault can be
constexpr int kUnprocessable = 422;

struct Lacking {
  LackingLfs object;
  bool may_be_for_its_size = false;
};

using Result = std::variant<KeptLfs, Lacking>;

/// What comes of asking once for each object.
struct Round {
  LfsFetched fetched;
  std::set<std::string> may_be_for_their_size;  // oids
};

LfsLack lack_of(LfsRefusal::Kind kind) {
  switch (kind) {
    case LfsRefusal::Kind::missing:
      return LfsLack::missing;
    case LfsRefusal::Kind::over_quota:
      return LfsLack::over_quota;
    case LfsRefusal::Kind::busy:
      return LfsLack::pending;
    case LfsRefusal::Kind::other:
      return LfsLack::refused;
  }
  return LfsLack::refused;
}

bool is_over_quota(const LfsAnswer& answer) {
  const auto* const refusal = std::get_if<LfsRefusal>(&answer);
  return refusal != nullptr && refusal->kind == LfsRefusal::Kind::over_quota;
}

/// The addresses of all objects, a hundred at a time, each handed out once. Thread-safe.
class LfsAddresses {
 public:
  LfsAddresses(const std::vector<LfsPointer>& objects, LfsRemote& remote, RepositoryWork& work)
      : objects_(objects),
        remote_(remote),
        work_(work),
        batches_((objects.size() + kMaxLfsBatch - 1) / kMaxLfsBatch) {}

  LfsAnswer take(std::size_t place) {
    Batch& batch = batches_[place / kMaxLfsBatch];
    const std::scoped_lock lock(batch.mutex);
    if (batch.answers.empty()) batch.answers = ask(place / kMaxLfsBatch * kMaxLfsBatch);
    LfsAnswer answer = std::move(batch.answers[place % kMaxLfsBatch]);
    if (++batch.taken == batch.answers.size()) batch.answers = {};  // long addresses
    return answer;
  }

  LfsAnswer ask_again(const LfsPointer& object) { return ask(std::span(&object, 1)).front(); }

 private:
  struct Batch {
    std::mutex mutex;
    std::vector<LfsAnswer> answers;  // guarded by mutex; empty before and after
    std::size_t taken = 0;           // the same
  };

  std::vector<LfsAnswer> ask(std::size_t begin) {
    const auto some = std::span(objects_).subspan(begin, std::min(kMaxLfsBatch, objects_.size() - begin));
    {
      // Whoever has nothing left gives nothing for the rest either.
      const std::scoped_lock lock(mutex_);
      if (over_quota_) return std::vector<LfsAnswer>(some.size(), *over_quota_);
    }
    auto answers = ask(some);
    if (std::all_of(answers.begin(), answers.end(), is_over_quota)) {
      const std::scoped_lock lock(mutex_);
      over_quota_ = answers.front();
    }
    return answers;
  }

  std::vector<LfsAnswer> ask(std::span<const LfsPointer> some) {
    return work_.retried([&] { return remote_.ask(some, work_.stop()); });
  }

  const std::vector<LfsPointer>& objects_;
  LfsRemote& remote_;
  RepositoryWork& work_;
  std::vector<Batch> batches_;
  std::mutex mutex_;
  std::optional<LfsAnswer> over_quota_;  // guarded by mutex_
};

/// How often in a row an object did not come on.
struct Attempts {
  int made = 1;
  ByteCount most = 0;

  void saw(ByteCount arrived) {
    if (arrived >= most + kGain) made = 1;
    most = std::max(most, arrived);
  }
};

class LfsFetch {
 public:
  LfsFetch(const LfsOrder& order, LfsRemote& remote, LfsUnderway& underway, RepositoryWork& work)
      : order_(order),
        remote_(remote),
        underway_(underway),
        work_(work),
        now_(work.context().now_by_github()),
        addresses_(order.objects, remote, work),
        results_(order.objects.size()) {}

  Round run() {
    const std::size_t threads = reserve();
    auto error = caught_error([&] {
      work_in_parallel_or_throw(order_.objects.size(), threads, [&](std::size_t place) {
        fetch(place, underway_.try_claim(order_.objects[place].oid));
      });
      work_in_parallel_or_throw(elsewhere_.size(), threads, [&](std::size_t i) {
        const std::size_t place = elsewhere_[i];
        fetch(place, underway_.claim(order_.objects[place].oid, work_.stop()));
      });
    });
    return result(std::move(error));
  }

 private:
  // A job has memory for one writer. It never waits for more.
  std::size_t reserve() {
    const BackupContext& context = work_.context();
    const std::size_t wished = std::min(kMostAtOnce, order_.objects.size());
    std::size_t threads = 1;
    for (; threads < wished && context.proof.memory != nullptr; ++threads) {
      auto lease =
          context.proof.memory->try_acquire(context.vault.objects().writer_memory() + kDownloadMemory);
      if (!lease) break;
      leases_.push_back(std::move(*lease));
    }
    return threads;
  }

  void fetch(std::size_t place, LfsUnderway::Answer answer) {
    if (const auto* const kept = std::get_if<KeptLfs>(&answer)) {
      results_[place] = *kept;
      const std::scoped_lock lock(mutex_);
      of_others_.push_back(order_.objects[place].oid);
    } else if (auto* const claim = std::get_if<LfsUnderway::Claim>(&answer)) {
      const LfsPointer& object = order_.objects[place];
      const auto error = caught_error([&] {
        const auto share = memory_.acquire(memory_for(object.size), work_.stop());
        take_in(place, *claim, bring(object, addresses_.take(place)));
      });
      if (error) note_failure(*error);
    } else {
      const std::scoped_lock lock(mutex_);
      elsewhere_.push_back(place);
    }
  }

  // What a writer may take where memory is free, of which an object of this size has no more use.
  ByteCount memory_for(ByteCount size) const {
    const ByteCount writer = kMostBuffers * work_.context().vault.objects().writer_memory();
    return std::min(kDownloadMemory + std::min(size, writer), memory_.total());
  }

  void take_in(std::size_t place, LfsUnderway::Claim& claim, const Result& came) {
    results_[place] = came;
    failures_ = 0;
    const auto* const kept = std::get_if<KeptLfs>(&came);
    if (kept == nullptr) return;
    claim.finish(*kept);
    ++fetched_;
    fetched_bytes_ += kept->size;
  }

  // It stays pending. What ends all goes on.
  void note_failure(const Error& error) {
    const bool ends_all = error.kind() == ErrorKind::cancelled || error.kind() == ErrorKind::rate_limited ||
                          work_.stop().stop_requested();
    if (ends_all || ++failures_ >= kMostFailures) throw Error(error);
    const std::scoped_lock lock(mutex_);
    if (!first_failure_) first_failure_ = error;
  }

  Result bring(const LfsPointer& object, LfsAnswer answer) {
    std::optional<LfsIncoming> incoming;
    Attempts attempts;
    Attempts renewals;
    int wrong = 0;
    while (true) {
      const auto* const address = std::get_if<LfsAddress>(&answer);
      if (address == nullptr) {
        const auto& refusal = std::get<LfsRefusal>(answer);
        if (refusal.kind != LfsRefusal::Kind::busy) return refused(object, refusal);
        wait_after(busy(refusal), attempts);
        answer = addresses_.ask_again(object);
        continue;
      }
      if (auto too_large = refused_as_too_large(object, address->size)) return *std::move(too_large);
      if (incoming && incoming->size() != address->size) incoming.reset();
      try {
        if (!incoming) incoming.emplace(LfsPointer{object.oid, address->size}, work_);
        incoming->go_on(remote_, *address);
        return incoming->commit(order_.damaged.contains(object.oid));
      } catch (const Error& error) {
        const bool is_of_store = !incoming || incoming->is_of_store();
        const bool is_wrong = !is_of_store && error.kind() == ErrorKind::corrupt;
        const bool is_not_taken =
            !is_of_store && (error.kind() == ErrorKind::not_found || error.kind() == ErrorKind::forbidden);
        const bool has_other_size = incoming && incoming->has_other_size();
        attempts.saw(incoming ? incoming->arrived() : 0);
        if (is_of_store || is_wrong) incoming.reset();
        if (is_not_taken) {
          renewals.saw(incoming ? incoming->arrived() : 0);
          if (renewals.made++ > kMostRenewals) return not_handed_out(object, error);
          answer = addresses_.ask_again(object);
        } else if (is_wrong) {
          if (++wrong >= kMostWrong)
            return Lacking{lacking(object, LfsLack::refused, 0, error.message()), has_other_size};
        } else {
          wait_after(error, attempts);
        }
      }
    }
  }

  // Throws the Error as final when it was met often enough, or is not worth another attempt.
  void wait_after(const Error& error, Attempts& attempts) const {
    const BackupContext& context = work_.context();
    if (!is_worth_another_try(error)) throw Error(error);
    if (attempts.made >= context.retries.max_attempts) throw error.after_attempts(attempts.made);
    const auto delay = retry_delay(context.retries, attempts.made++, random_unit());
    work_.retrying(error, delay);
    context.clock.sleep(delay, work_.stop());
  }

  LackingLfs lacking(const LfsPointer& object, LfsLack why, int code = 0, std::string message = {}) const {
    return {.oid = object.oid,
            .size = object.size,
            .why = why,
            .code = code,
            .message = std::move(message),
            .since = now_};
  }

  static Error busy(const LfsRefusal& refusal) {
    return {ErrorKind::transient, fmt::format("the LFS server is busy ({}){}{}", refusal.code,
                                              refusal.message.empty() ? "" : ": ", refusal.message)};
  }

  Lacking refused(const LfsPointer& object, const LfsRefusal& refusal) const {
    const LfsLack why = lack_of(refusal.kind);
    const bool may_be_for_its_size =
        why == LfsLack::missing || (why == LfsLack::refused && refusal.code == kUnprocessable);
    return {lacking(object, why, refusal.code, refusal.message), may_be_for_its_size};
  }

  std::optional<Lacking> refused_as_too_large(const LfsPointer& object, ByteCount size) const {
    if (order_.largest > 0 && size > order_.largest) return Lacking{lacking(object, LfsLack::too_large)};
    if (size <= kLargest) return std::nullopt;
    return Lacking{lacking(object, LfsLack::refused, 0, fmt::format("it has {} bytes", size))};
  }

  Lacking not_handed_out(const LfsPointer& object, const Error& error) const {
    const bool is_missing = error.kind() == ErrorKind::not_found;
    return {lacking(object, is_missing ? LfsLack::missing : LfsLack::refused, 0, error.message())};
  }

  Round result(std::optional<Error> error) {
    Round round{.fetched = {.of_others = std::move(of_others_),
                            .objects = fetched_,
                            .bytes = fetched_bytes_,
                            .error = std::move(error)}};
    LfsFetched& fetched = round.fetched;
    if (!fetched.error) fetched.error = first_failure_;
    for (std::size_t place = 0; place < results_.size(); ++place) {
      const LfsPointer& object = order_.objects[place];
      const Result came = results_[place].value_or(Lacking{lacking(object, LfsLack::pending)});
      if (const auto* const kept = std::get_if<KeptLfs>(&came)) {
        fetched.kept.emplace(object.oid, *kept);
        continue;
      }
      const auto& [lacks, may_be_for_its_size] = std::get<Lacking>(came);
      fetched.lacking.push_back(lacks);
      if (may_be_for_its_size) round.may_be_for_their_size.insert(object.oid);
    }
    return round;
  }

  const LfsOrder& order_;
  LfsRemote& remote_;
  LfsUnderway& underway_;
  RepositoryWork& work_;
  const UtcTime now_;
  LfsAddresses addresses_;
  std::vector<MemoryBudget::Lease> leases_;
  MemoryBudget memory_{kFetchMemory};  // who waits for it holds a claim; who holds it waits for no claim
  std::vector<std::optional<Result>> results_;  // each is one worker's own
  std::atomic<int> failures_ = 0;               // since the last that came to an end
  std::atomic<std::uint64_t> fetched_ = 0;
  std::atomic<ByteCount> fetched_bytes_ = 0;
  std::mutex mutex_;
  std::vector<std::size_t> elsewhere_;  // guarded by mutex_: what other jobs are fetching
  std::vector<std::string> of_others_;  // guarded by mutex_: oids of what other jobs have stored
  std::optional<Error> first_failure_;  // guarded by mutex_
};

/// Rounds that ask for what the one before was refused, with the next size of each.
class LfsRounds {
 public:
  LfsRounds(const LfsOrder& order, LfsRemote& remote, LfsUnderway& underway, RepositoryWork& work)
      : order_(order), remote_(remote), underway_(underway), work_(work) {}

  LfsFetched run() {
    LfsOrder now = order_;
    for (std::size_t tried = 1; !now.objects.empty(); ++tried) {
      const Round round = LfsFetch(now, remote_, underway_, work_).run();
      take_in(round.fetched);
      now.objects = tried < kMostSizes ? still_to_ask(round, tried) : std::vector<LfsPointer>();
      if (!all_.error) continue;
      for (const LfsPointer& object : now.objects) lacking_.at(object.oid).why = LfsLack::pending;
      break;
    }
    for (auto& [oid, lacking] : lacking_) all_.lacking.push_back(std::move(lacking));
    return std::move(all_);
  }

 private:
  void take_in(const LfsFetched& some) {
    all_.objects += some.objects;
    all_.bytes += some.bytes;
    if (some.error) all_.error = some.error;
    all_.of_others.insert(all_.of_others.end(), some.of_others.begin(), some.of_others.end());
    for (const auto& [oid, kept] : some.kept) {
      all_.kept.emplace(oid, kept);
      lacking_.erase(oid);
    }
    for (const LackingLfs& lacking : some.lacking) {
      const auto [place, is_first] = lacking_.emplace(lacking.oid, lacking);
      // That one size is not taken says less than that the object is not there.
      if (!is_first && (place->second.why != LfsLack::missing || lacking.why != LfsLack::refused))
        place->second = lacking;
    }
  }

  std::vector<LfsPointer> still_to_ask(const Round& round, std::size_t tried) const {
    std::vector<LfsPointer> objects;
    for (const std::string& oid : round.may_be_for_their_size) {
      const auto sizes = order_.other_sizes.find(oid);
      if (sizes != order_.other_sizes.end() && tried <= sizes->second.size())
        objects.push_back({.oid = oid, .size = sizes->second[tried - 1]});
    }
    return objects;
  }

  const LfsOrder& order_;
  LfsRemote& remote_;
  LfsUnderway& underway_;
  RepositoryWork& work_;
  LfsFetched all_;
  std::map<std::string, LackingLfs> lacking_;
};

}  // namespace

LfsFetched fetch_lfs(const LfsOrder& order, LfsRemote& remote, LfsUnderway& underway, RepositoryWork& work) {
  return LfsRounds(order, remote, underway, work).run();
}

}  // namespace hubkeep
