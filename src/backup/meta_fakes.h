// For tests: an intake that keeps what collectors give it, over an API that answers from a script.
#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "backup/backup_fakes.h"
#include "backup/meta_collector.h"
#include "github/rest_client.h"
#include "http/scripted_http.h"

namespace hubkeep {

class FakeIntake final : public MetaIntake {
 public:
  using Key = std::pair<MetaKind, std::string>;

  explicit FakeIntake(RepositoryWork& work) : work_(work) {}

  RepositoryWork& work() const override { return work_; }
  bool wants(ContentKind group) const override { return !unwanted.contains(group); }
  bool is_sweep(MetaKind kind) const override { return sweeps.contains(kind); }
  std::string cursor(MetaKind kind) const override {
    const auto found = cursors.find(kind);
    return found == cursors.end() ? "" : found->second;
  }
  void set_cursor(MetaKind kind, std::string cursor) override { cursors[kind] = std::move(cursor); }
  bool take(const MetaDocument& document) override {
    const Key key{document.kind, document.id};
    seen.insert(key);
    std::string& kept = documents[key];
    parents[key] = document.parent;
    missing.erase(key);
    drop_pending(document.kind, document.id);
    return std::exchange(kept, std::string(document.json)) != kept;
  }
  bool has(MetaKind kind, std::string_view id) const override {
    return documents.contains({kind, std::string(id)}) && !missing.contains({kind, std::string(id)});
  }
  void add_pending(MetaKind kind, PendingDocument document) override {
    const Key key{kind, document.id};
    pending_[key] = std::move(document);
  }
  std::vector<PendingDocument> pending(MetaKind kind) const override {
    std::vector<PendingDocument> all;
    for (const auto& [key, document] : pending_)
      if (key.first == kind) all.push_back(document);
    return all;
  }
  void drop_pending(MetaKind kind, std::string_view id) override { pending_.erase({kind, std::string(id)}); }
  void answered(ApiKind api, ByteCount) override { ++requests[api]; }
  void saw_all(MetaKind kind) override { whole.insert(kind); }
  std::vector<std::string> suspects(MetaKind kind) const override {
    std::vector<std::string> ids;
    for (const auto& [key, document] : documents)
      if (key.first == kind && !seen.contains(key) && !missing.contains(key)) ids.push_back(key.second);
    return ids;
  }
  void gone(MetaKind kind, std::string_view id) override { missing.insert({kind, std::string(id)}); }
  void count(MetaKind kind, std::uint64_t github) override { counts[kind] = github; }
  void absent(MetaKind kind) override { absent_kinds.insert(kind); }
  void not_permitted(MetaKind kind, const std::string& permission) override { refused[kind] = permission; }
  void lacking(MetaKind kind, const std::string& why) override { lacks[kind] = why; }

  std::vector<std::string> pending_ids(MetaKind kind) const {
    std::vector<std::string> ids;
    for (const PendingDocument& each : pending(kind)) ids.push_back(each.id);
    return ids;
  }
  std::vector<std::string> ids(MetaKind kind) const {
    std::vector<std::string> all;
    for (const auto& [key, document] : documents)
      if (key.first == kind) all.push_back(key.second);
    return all;
  }

  std::set<ContentKind> unwanted;
  std::set<MetaKind> sweeps;
  std::map<MetaKind, std::string> cursors;
  std::map<Key, std::string> documents;
  std::map<Key, std::string> parents;
  std::set<Key> seen;
  std::set<Key> missing;
  std::set<MetaKind> whole;
  std::map<MetaKind, std::uint64_t> counts;
  std::set<MetaKind> absent_kinds;
  std::map<MetaKind, std::string> refused;
  std::map<MetaKind, std::string> lacks;
  std::map<ApiKind, int> requests;

 private:
  RepositoryWork& work_;
  std::map<Key, PendingDocument> pending_;
};

/// The work on repository 7, acme/site, or on another subject, and what GitHub says of it.
struct MetaBench {
  static constexpr const char* kRoot = "https://api.github.com/repositories/7";

  explicit MetaBench(
      WorkSubject subject = {.id = 7,
                             .node_id = "R_7",
                             .folder = "repos/github.com/acme/site.7/",
                             .listing = {.full_name = "acme/site", .visibility = "public", .listed_at = {}}})
      : work(bench.context, nullptr, std::move(subject), options, {}) {
    bench.github.api_now = &api;
  }

  void answer(const std::string& path, std::string body, int status = 200, Headers headers = {}) {
    http.answer(kRoot + path, status, std::move(body), std::move(headers));
  }

  BackupBench bench;
  ScriptedHttp http;
  ManualClock clock;
  RestClient api{http,
                 clock,
                 {.api_url = Url::parse("https://api.github.com"),
                  .token = fixed_token(Secret("ghp_hunter2", "TOKEN_GITHUB")),
                  .observer = {},
                  .retries = {}}};
  RepositoryOptions options;
  RepositoryWork work;
  FakeIntake intake{work};
};

}  // namespace hubkeep
