// A vault of small repositories with chains, for tests: what lies in it is not git's, which no verification
// looks at.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <latch>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/scratch_folder.h"
#include "store/folder/folder_store.h"
#include "store/forwarding_store.h"
#include "vault/object_record.h"
#include "vault/removals.h"
#include "vault/stored_objects.h"
#include "vault/vault.h"
#include "vault/zip_record.h"
#include "verify/verdict.h"

namespace hubkeep {

class KeepingVerifyObserver final : public VerifyObserver {
 public:
  void selected(std::size_t repositories) override { selected_count = repositories; }
  void moved(ByteCount bytes) override { read_bytes += bytes; }
  void finished(const Verdict&) override { ++finished_count; }
  void waiting(const std::string&, std::chrono::seconds) override {}
  void retrying(const RetrySubject&, const Error&, std::chrono::milliseconds) override {}
  void notice(const std::string&) override {}
  void made_vault(const std::string&, const std::string&) override {}

  std::size_t selected_count = 0;
  std::atomic<ByteCount> read_bytes = 0;
  std::atomic<std::size_t> finished_count = 0;
};

/// Those who look for objects below lfs/ go on when there are two of them.
class MeetingStore final : public ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;

  void list(const std::string& prefix, const std::string& start_after,
            const std::function<bool(const ObjectInfo&)>& visit) override {
    const bool looks_for_one = prefix == "lfs/" && !start_after.empty();
    if (looks_for_one && here_++ < 2) both_.arrive_and_wait();
    ForwardingStore::list(prefix, start_after, visit);
  }

 private:
  std::atomic<int> here_ = 0;
  std::latch both_{2};
};

class VerifyTest : public testing::Test {
 protected:
  VerifyTest() { complete_a_run(); }

  /// As a run does that has come to its end.
  void complete_a_run() {
    vault_.begin_state("github.com", {}, clock_, {});
    vault_.update_state("github.com",
                        [](HostState& state) { complete_run(state, snapshot(0), snapshot(0).time()); },
                        clock_, {});
  }

  static std::string folder_of(const SubjectId& id) {
    switch (id.kind()) {
      case SubjectKind::gist:
        return "gists/github.com/octocat/" + id.str() + "/";
      case SubjectKind::account:
        return "accounts/github.com/octocat." + id.str() + "/";
      case SubjectKind::repository:
        break;
    }
    return "repos/github.com/acme/site" + id.str() + "." + id.str() + "/";
  }
  static SnapshotId snapshot(int day) {
    return SnapshotId::parse("202611" + std::to_string(10 + day) + "T000000Z-00000a").value();
  }

  /// One more snapshot with one more bundle; the catalog learns of it.
  Manifest add_snapshot(const SubjectId& id, PartStatus status = PartStatus::ok) {
    Manifest manifest = next_manifest(id);
    GitPart git = manifest.parts.empty() ? GitPart() : git_part(manifest.parts);
    git.status = status;
    const std::string name = "git/" + manifest.snapshot.str();
    git.bundles.push_back({.snapshot = manifest.snapshot,
                           .builds_on = {},
                           .pack_offset = 0,
                           .objects = 1,
                           .record = write(id, name + ".bundle", name + std::string(2000, 'b'))});
    git.refs = {write(id, name + ".refs.zst", name + " refs")};
    set_git_part(manifest.parts, git);
    commit(manifest);
    return manifest;
  }
  /// The same with an index of the newest bundle.
  Manifest add_indexed_snapshot(const SubjectId& id) {
    const Manifest before = add_snapshot(id);
    Manifest manifest = next_manifest(id);
    GitPart git = git_part(manifest.parts);
    git.bundles.back().index = write(id, "git/" + before.snapshot.str() + ".idx", "an index");
    set_git_part(manifest.parts, git);
    commit(manifest);
    return manifest;
  }
  std::filesystem::path index_file(const Manifest& manifest) const {
    return file(folder_of(manifest.repository_id) + git_part(manifest.parts).bundles.back().index->key);
  }
  static std::string lfs_key(const std::string& content) {
    const std::string oid = sha256_hex(content);
    return "lfs/" + oid.substr(0, 2) + "/" + oid.substr(2, 2) + "/" + oid;
  }
  /// With an LFS object that other repositories have as well.
  Manifest add_snapshot_with_lfs(const SubjectId& id, const std::string& content) {
    const ObjectRecord object = write(id, "/" + lfs_key(content), content);
    add_snapshot(id);
    Manifest manifest = next_manifest(id);
    manifest.parts.emplace("lfs", Part({{"status", "ok"}, {"objects", {to_json(object)}}}));
    commit(manifest);
    return manifest;
  }
  /// Names what the one before it named.
  Manifest next_manifest(const SubjectId& id) {
    Manifest manifest;
    if (newest_.contains(id)) manifest = newest_.at(id).manifest;
    manifest.snapshot = snapshot(++days_);
    manifest.program = "test";
    manifest.host = "github.com";
    manifest.repository_id = id;
    manifest.listing.full_name = (id.is_repository() ? "acme/site" : "octocat/") + id.str();
    manifest.previous.clear();
    if (newest_.contains(id)) manifest.previous = {{newest_.at(id).manifest.snapshot, newest_.at(id).sha256}};
    return manifest;
  }
  void commit(const Manifest& manifest) {
    const SubjectId id = manifest.repository_id;
    const std::string sha256 = vault_.write_manifest(folder_of(id), manifest);
    CatalogUpdate update{.entry = entry_of(manifest, sha256, folder_of(id)), .has_new_snapshot = true};
    for (const auto& previous : manifest.previous) update.supersedes.push_back(previous.snapshot);
    vault_.update_catalog({update}, [](const std::string&) {}, {});
    newest_[id] = {manifest, sha256};
  }
  /// As a policy does that removes it from `vault`, up to its end, or up to a kill before the manifest goes.
  static void record_removal(Vault& vault, const Manifest& manifest, int run = 15) {
    const std::string folder = folder_of(manifest.repository_id);
    const std::string sha256 = vault.read_manifest(folder, manifest.snapshot, {}, {}).sha256;
    write_removed(vault, folder,
                  {.run = snapshot(run),
                   .program = "test",
                   .snapshots = {{.snapshot = manifest.snapshot,
                                  .sha256 = sha256,
                                  .previous = manifest.previous,
                                  .reason = "older than 30 days",
                                  .removed_at = snapshot(run).time()}}});
  }
  static void remove_snapshot(Vault& vault, const Manifest& manifest, int run = 15) {
    record_removal(vault, manifest, run);
    remove_object(vault.objects(), folder_of(manifest.repository_id) + manifest_key(manifest.snapshot));
  }
  ObjectRecord write(const SubjectId& id, const std::string& key, const std::string& bytes) {
    RecordedWriter writer = vault_.objects().create_stored(folder_of(id), key);
    writer.write(bytes);
    return writer.commit();
  }

  void add_zip(const std::string& day, std::int64_t id, std::size_t more_bytes = 0) {
    const std::string name = "site" + std::to_string(id);
    const std::string key = "/" + zip_key(day, "acme", name, std::string(40, 'a'));
    RecordedWriter writer = vault_.objects().create_stored("", key);
    writer.write(key + std::string(more_bytes, 'z'));
    add_to_zip_metadata(vault_.objects(), day,
                        {{.host = "github.com",
                          .id = id,
                          .owner = "acme",
                          .name = name,
                          .commit = std::string(40, 'a'),
                          .object = writer.commit()}},
                        {});
  }
  std::filesystem::path zip_file(const std::string& day, std::int64_t id) const {
    return file(zip_key(day, "acme", "site" + std::to_string(id), std::string(40, 'a')));
  }

  std::filesystem::path file(const std::string& key) const { return folder_.path() / key; }
  std::filesystem::path manifest_file(const Manifest& manifest) const {
    return file(folder_of(manifest.repository_id) + manifest_key(manifest.snapshot));
  }
  std::filesystem::path removal_file(std::int64_t id, int run = 15) const {
    return file(folder_of(id) + removal_key(snapshot(run)));
  }
  std::filesystem::path bundle_file(const Manifest& manifest) const {
    return file(folder_of(manifest.repository_id) + git_part(manifest.parts).bundles.back().record.key);
  }
  static void flip_a_bit(const std::filesystem::path& path, std::streamoff offset = 10) {
    std::fstream stream(path, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekg(offset);
    const int byte = stream.get();
    stream.seekp(offset);
    stream.put(static_cast<char>(byte ^ 4));
  }

  ScratchFolder folder_;
  SystemClock clock_;
  Vault vault_{std::make_unique<FolderStore>(folder_.path().string(), OpenMode::create), OpenMode::create,
               clock_};
  KeepingVerifyObserver observer_;
  std::map<SubjectId, StoredManifest> newest_;
  int days_ = 0;
};

}  // namespace hubkeep
