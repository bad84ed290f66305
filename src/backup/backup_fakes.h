// For tests: a git server, a GitHub, a clock and a store that do as they are told, and an observer that keeps
// what it hears.
#pragma once

#include <algorithm>
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "backup/git_backup.h"
#include "base/scratch_folder.h"
#include "git/pack_maker.h"
#include "run/backup_account.h"
#include "store/folder/folder_store.h"
#include "store/forwarding_store.h"

namespace hubkeep {

/// What every FakeRemote of a test answers.
struct FakeServer {
  RefState refs;
  std::string content;             // of a blob in each pack, beside the commits that were asked for
  std::vector<MadeObject> beside;  // the same, of whatever type: the tree of the commits is empty
  std::atomic<int> listed = 0;
  std::atomic<int> fetched = 0;
  std::function<void()> on_list = [] {};   // may throw in the server's place
  std::function<void()> on_fetch = [] {};  // the same
  // The server's last words, where it cannot hand this over; empty: it can.
  std::function<std::string(const FetchRequest&)> refuses = [](const FetchRequest&) { return ""; };
  std::vector<LeftOutRef> nameless;
  // Whether the connection breaks in the middle of the pack that answers this.
  std::function<bool(const FetchRequest&)> breaks = [](const FetchRequest&) { return false; };

  // In place of an honest pack.
  std::function<std::string(const FetchRequest&)> answer = {};

  void set_ref(const std::string& name, unsigned number) {
    drop_ref(name);
    std::vector<Ref> all(refs.refs.begin(), refs.refs.end());
    all.push_back({name, oid(number)});
    std::sort(all.begin(), all.end(), [](const Ref& a, const Ref& b) { return a.name < b.name; });
    refs.refs = all;
  }
  void drop_ref(const std::string& name) {
    RefList rest;
    for (const Ref& ref : refs.refs)
      if (ref.name != name) rest.push_back(ref);
    refs.refs = rest;
  }
  /// The name of a commit that every server can send.
  static Oid oid(unsigned number) {
    const MadeObject commit = git_commit(std::to_string(number));
    const std::scoped_lock lock(mutex());
    commits().emplace(commit.oid(), commit);
    return commit.oid();
  }

  std::string pack(const FetchRequest& request) const {
    PackMaker maker;
    const std::scoped_lock lock(mutex());
    for (const Oid& want : request.wants)
      if (const auto found = commits().find(want); found != commits().end()) maker.add(found->second);
    if (!content.empty()) maker.add(git_blob(content));
    for (const MadeObject& object : beside) maker.add(object);
    return maker.pack();
  }

 private:
  static std::map<Oid, MadeObject>& commits() {
    static std::map<Oid, MadeObject> all;
    return all;
  }
  static std::mutex& mutex() {
    static std::mutex guards_commits;
    return guards_commits;
  }
};

class FakeRemote final : public GitRemote {
 public:
  explicit FakeRemote(FakeServer& server) : server_(server) {}
  RefState list_refs(ObjectFormat, const std::stop_token&) override {
    ++server_.listed;
    ++requests_;
    const auto act = server_.on_list;  // which may replace itself
    act();
    return server_.refs;
  }
  void fetch_pack(const FetchRequest& request, ByteSink& pack, const std::stop_token&) override {
    ++server_.fetched;
    ++requests_;
    const auto act = server_.on_fetch;  // which may replace itself
    act();
    if (const std::string words = server_.refuses(request); !words.empty())
      throw Error(ErrorKind::gave_up, "the server says: " + words);
    std::string answer = server_.answer ? server_.answer(request) : server_.pack(request);
    const bool breaks = server_.breaks(request);
    if (breaks) answer.resize(answer.size() / 2);
    received_ += answer.size();
    pack.write(answer);
    if (breaks) throw Error(ErrorKind::transient, "the connection broke");
  }
  std::vector<LeftOutRef> left_out() const override { return server_.nameless; }
  std::uint64_t request_count() const override { return requests_; }
  ByteCount bytes_received() const override { return received_; }

 private:
  FakeServer& server_;
  std::uint64_t requests_ = 0;
  ByteCount received_ = 0;
};

/// A zip of nothing as git writes it: an end record, and the commit as the comment.
inline std::string empty_zip(const std::string& commit) {
  std::string end("PK\x05\x06", 4);
  end += std::string(16, '\0');
  end += static_cast<char>(commit.size());
  end += '\0';
  return end + commit;
}

class FakeGitHub final : public GitHub {
 public:
  RepositoryList list_repositories(const RepositorySelection&, const std::stop_token&) override {
    return list;
  }
  std::optional<std::string> full_name_of(std::int64_t, const std::stop_token&) override {
    ++names_asked;
    return name_now;
  }
  std::vector<RepositoryAnswer> repositories_by_id(std::span<const RepositoryIdentity> known,
                                                   const std::stop_token&) override {
    std::vector<RepositoryAnswer> answers;
    for (const auto& identity : known) {
      asked_by_id.push_back(identity.id);
      const auto found = by_id.find(identity.id);
      answers.push_back(found == by_id.end() ? RepositoryAnswer{} : found->second);
    }
    return answers;
  }
  void download_zip(std::int64_t id, const std::string& commit, ByteSink& sink,
                    const std::stop_token&) override {
    zips_asked.push_back(std::to_string(id) + " " + commit);
    sink.write(zip(commit));
  }
  GitHubApi& api() override {
    if (api_now == nullptr) throw Error(ErrorKind::internal, "this test has no API");
    return *api_now;
  }
  std::string host() const override { return "github.com"; }
  std::uint64_t request_count() const override { return 1; }

  GitHubApi* api_now = nullptr;
  RepositoryList list;
  std::optional<std::string> name_now;
  std::atomic<int> names_asked = 0;
  std::map<std::int64_t, RepositoryAnswer> by_id;  // all others are gone
  std::vector<std::int64_t> asked_by_id;
  std::vector<std::string> zips_asked;
  std::function<std::string(const std::string&)> zip = empty_zip;  // may throw
};

/// Goes on by a second whenever it is looked at; nothing sleeps.
class SteppingClock final : public Clock {
 public:
  UtcTime now() override {
    const std::scoped_lock lock(mutex_);
    return time_ += std::chrono::seconds(1);
  }
  void sleep(std::chrono::milliseconds duration, std::stop_token) override {
    const std::scoped_lock lock(mutex_);
    slept += duration;
  }
  void advance(std::chrono::seconds time) {
    const std::scoped_lock lock(mutex_);
    time_ += time;
  }

  std::chrono::milliseconds slept{};

 private:
  std::mutex mutex_;
  UtcTime time_{std::chrono::seconds(1'800'000'000)};
};

/// Tells of each write before the one below sees it.
class WatchedWriter final : public ObjectWriter {
 public:
  WatchedWriter(std::unique_ptr<ObjectWriter> next, std::function<void(std::string_view)> on_write)
      : next_(std::move(next)), on_write_(std::move(on_write)) {}
  void write(std::string_view bytes) override {
    on_write_(bytes);
    next_->write(bytes);
  }
  CommitResult commit(const Precondition& precondition) override { return next_->commit(precondition); }

 private:
  std::unique_ptr<ObjectWriter> next_;
  std::function<void(std::string_view)> on_write_;
};

/// A store that fails where it is told to, before the one below sees anything.
class FailingStore final : public ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;
  using ForwardingStore::read;

  std::unique_ptr<ObjectWriter> create(const ObjectKey& key, std::optional<ByteCount> expected) override {
    for (const auto& part : fail_on) {
      if (key.find(part) != std::string::npos) throw Error(ErrorKind::internal, "no space left for " + key);
    }
    on_create(key);
    return std::make_unique<WatchedWriter>(ForwardingStore::create(key, expected), on_write);
  }
  void read(const ObjectKey& key, ByteCount offset, std::optional<ByteCount> length, ByteSink& sink,
            const std::stop_token& stop) override {
    on_read(key);
    ForwardingStore::read(key, offset, length, sink, stop);
  }
  std::optional<LockPlan> lock_plan(UtcTime) override { return plan; }
  void extend_lock(const ObjectKey& key, UtcTime until) override {
    on_extend(key);
    const std::scoped_lock lock(mutex_);
    extended[key] = until;
  }

  std::vector<std::string> fail_on;  // parts of keys
  std::function<void(const ObjectKey&)> on_create = [](const ObjectKey&) {};
  std::function<void(std::string_view)> on_write = [](std::string_view) {};  // may throw
  std::function<void(const ObjectKey&)> on_read = [](const ObjectKey&) {};   // may throw
  std::optional<LockPlan> plan;
  std::function<void(const ObjectKey&)> on_extend = [](const ObjectKey&) {};  // may throw
  std::map<ObjectKey, UtcTime> extended;

 private:
  std::mutex mutex_;  // guards extended while workers run
};

/// Thread-safe.
class KeepingObserver final : public BackupObserver {
 public:
  void selected(std::size_t repositories) override { selected_count = repositories; }
  void started(const std::string&) override {}
  void moved(ByteCount) override {}
  void finished(const Outcome&) override {
    const std::scoped_lock lock(mutex_);
    ++finished_count;
  }
  void waiting(const std::string&, std::chrono::seconds) override {}
  void retrying(const RetrySubject&, const Error& error, std::chrono::milliseconds) override {
    const std::scoped_lock lock(mutex_);
    retries.push_back(error.message());
  }
  void notice(const std::string& text) override {
    const std::scoped_lock lock(mutex_);
    notices.push_back(text);
  }

  void made_vault(const std::string&, const std::string&) override {}
  void lost(const OpenLosses& losses) override { told_lost.push_back(losses); }

  std::size_t selected_count = 0;
  std::size_t finished_count = 0;
  std::vector<OpenLosses> told_lost;
  std::vector<std::string> retries;
  std::vector<std::string> notices;

 private:
  std::mutex mutex_;
};

/// All of them wired together, over a vault in a scratch folder.
struct BackupBench {
  BackupBench() { server.set_ref("refs/heads/main", 1); }

  static Repository repository(std::int64_t id = 7, const std::string& name = "site") {
    Repository made;
    made.id = id;
    made.node_id = "R_" + std::to_string(id);
    made.owner = "acme";
    made.name = name;
    made.full_name = "acme/" + name;
    made.visibility = "public";
    made.default_branch = "main";
    made.pushed_at = "2020-01-01T00:00:00Z";
    made.clone_url = "https://github.com/acme/" + name + ".git";
    made.listed_at = UtcTime{std::chrono::seconds(1'800'000'000)};
    return made;
  }

  ScratchFolder folder;
  FakeServer server;
  FakeGitHub github;
  SteppingClock clock;
  KeepingObserver observer;
  FailingStore* store = nullptr;
  Vault vault{make_store(), OpenMode::create, clock};
  BackupContext context{
      .vault = vault,
      .github = github,
      .open_remote = [this](const std::string&) { return std::make_unique<FakeRemote>(server); },
      .parts = {git_backup()},
      .clock = clock,
      .observer = observer,
      .program = "hubkeep test",
      .host = "github.com",
      .retries = {}};

 private:
  std::unique_ptr<FailingStore> make_store() {
    auto made = std::make_unique<FailingStore>(
        std::make_unique<FolderStore>(folder.path().string(), OpenMode::create));
    store = made.get();
    return made;
  }
};

}  // namespace hubkeep
