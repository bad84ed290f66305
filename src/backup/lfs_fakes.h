// For tests: an LFS server that does as it is told, beside the fakes of backup_fakes.h.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "backup/backup_fakes.h"
#include "backup/lfs_backup.h"
#include "crypto/hash.h"
#include "remote/lfs_remote.h"

namespace hubkeep {

/// What every FakeLfsRemote of a test answers. Thread-safe but for its members.
struct FakeLfsServer {
  std::map<std::string, std::string> objects;  // by oid
  std::map<std::string, LfsRefusal> refusals;  // in place of an address
  std::map<std::string, ByteCount> takes;      // an object with this size alone
  bool says_asked_size = false;                // in place of what it has
  std::function<void()> on_ask = [] {};        // may throw
  std::function<void(const std::string& oid)> on_download = [](const std::string&) {};  // may throw
  /// What comes of an object, in place of its bytes.
  std::function<std::string(const std::string& oid, const std::string& bytes)> sends =
      [](const std::string&, const std::string& bytes) { return bytes; };
  /// After how many bytes of it the connection breaks; what is as long as the object or longer does not.
  std::function<std::size_t(const std::string& oid)> breaks = [](const std::string&) {
    return std::string::npos;
  };

  /// Returns what points at it.
  LfsPointer add(const std::string& bytes) {
    const std::string oid = sha256_hex(bytes);
    objects[oid] = bytes;
    return {.oid = oid, .size = bytes.size()};
  }
  int asked(const std::string& oid) const { return count(asked_, oid); }
  int downloads(const std::string& oid) const { return count(downloaded_, oid); }
  std::size_t batches() const {
    const std::scoped_lock lock(mutex_);
    return batches_;
  }
  std::size_t downloads() const {
    const std::scoped_lock lock(mutex_);
    std::size_t sum = 0;
    for (const auto& [oid, number] : downloaded_) sum += static_cast<std::size_t>(number);
    return sum;
  }
  void forget() {
    const std::scoped_lock lock(mutex_);
    asked_.clear();
    downloaded_.clear();
    batches_ = 0;
  }

  void note_batch(std::span<const LfsPointer> batch) {
    const std::scoped_lock lock(mutex_);
    ++batches_;
    for (const LfsPointer& object : batch) ++asked_[object.oid];
  }
  void note_download(const std::string& oid) {
    const std::scoped_lock lock(mutex_);
    ++downloaded_[oid];
  }

 private:
  int count(const std::map<std::string, int>& counts, const std::string& oid) const {
    const std::scoped_lock lock(mutex_);
    const auto found = counts.find(oid);
    return found == counts.end() ? 0 : found->second;
  }

  mutable std::mutex mutex_;
  std::map<std::string, int> asked_;
  std::map<std::string, int> downloaded_;
  std::size_t batches_ = 0;
};

class FakeLfsRemote final : public LfsRemote {
 public:
  explicit FakeLfsRemote(FakeLfsServer& server) : server_(server) {}
  std::vector<LfsAnswer> ask(std::span<const LfsPointer> objects, const std::stop_token& stop) override {
    require_going(stop);
    server_.note_batch(objects);
    ++requests_;
    const auto act = server_.on_ask;  // which may replace itself
    act();
    std::vector<LfsAnswer> answers;
    for (const LfsPointer& object : objects) {
      const auto refusal = server_.refusals.find(object.oid);
      const auto taken = server_.takes.find(object.oid);
      if (refusal != server_.refusals.end())
        answers.emplace_back(refusal->second);
      else if (taken != server_.takes.end() && taken->second != object.size)
        answers.emplace_back(LfsRefusal{LfsRefusal::Kind::other, 422, "has another size"});
      else if (!server_.objects.contains(object.oid))
        answers.emplace_back(LfsRefusal{LfsRefusal::Kind::missing, 404, "Object does not exist"});
      else
        answers.emplace_back(LfsAddress{
            .href = Url::parse("https://media.test/" + object.oid),
            .headers = {},
            .size = server_.says_asked_size ? object.size : server_.objects.at(object.oid).size()});
    }
    return answers;
  }
  void download(const LfsAddress& address, ByteCount offset, ByteSink& rest,
                const std::stop_token& stop) override {
    require_going(stop);
    const std::string oid = address.href.path.substr(1);
    server_.note_download(oid);
    ++requests_;
    server_.on_download(oid);
    const std::string bytes = server_.sends(oid, server_.objects.at(oid));
    const std::size_t end = server_.breaks(oid);
    const bool breaks = end < bytes.size();
    const std::string sent = bytes.substr(0, end);
    received_ += sent.size();
    if (offset < sent.size()) rest.write(std::string_view(sent).substr(offset));
    if (breaks) throw Error(ErrorKind::transient, "the connection broke");
  }
  std::uint64_t request_count() const override { return requests_; }
  ByteCount bytes_received() const override { return received_; }

 private:
  static void require_going(const std::stop_token& stop) {
    if (stop.stop_requested()) throw Error(ErrorKind::cancelled, "stopped");
  }

  FakeLfsServer& server_;
  std::atomic<std::uint64_t> requests_ = 0;
  std::atomic<ByteCount> received_ = 0;
};

/// The blob that points at it.
inline std::string lfs_pointer_text(const LfsPointer& object) {
  return "version https://git-lfs.github.com/spec/v1\noid sha256:" + object.oid + "\nsize " +
         std::to_string(object.size) + "\n";
}

}  // namespace hubkeep
