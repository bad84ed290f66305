#include "e2e/future_part.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/zstd.h"
#include "vault/newest_snapshots.h"

namespace hubkeep {
namespace {

using Json = nlohmann::ordered_json;

Json with(Json json, const ObjectRecord& record) {
  json.update(to_json(record));
  return json;
}

ObjectRecord write_lines(Vault& vault, const std::string& folder, const std::string& key,
                         const std::vector<Json>& lines) {
  RecordedWriter writer = vault.objects().create_stored(folder, key);
  std::string text;
  for (const Json& line : lines) text += line.dump() + "\n";
  writer.write(zstd_compress(text));
  ObjectRecord list = writer.commit();
  list.encoding = "zstd";
  return list;
}

}  // namespace

FutureVault::FutureVault(std::unique_ptr<ObjectStore> store)
    : vault_(std::move(store), OpenMode::write, clock_), folder_(subject_folders(vault_.objects()).at(0)) {}

std::vector<StoredManifest> FutureVault::all() {
  std::vector<StoredManifest> manifests;
  for (const SnapshotId& id : vault_.list_snapshots(folder_))
    manifests.push_back(vault_.read_manifest(folder_, id, {}, {}));
  return manifests;
}

std::vector<StoredManifest> FutureVault::newest() {
  return heads_of(all(), {});
}

ObjectRecord FutureVault::write(const std::string& key, const std::string& bytes) {
  RecordedWriter writer = vault_.objects().create_stored(folder_, key);
  writer.write(bytes);
  return writer.commit();
}

FuturePart FutureVault::make_part() {
  std::map<std::string, ObjectKey> objects;
  const auto put = [&](const std::string& where, const std::string& key) {
    objects.emplace(where, resolve_key(folder_, key));
    return write(key, where + std::string(500, 'x'));
  };
  const auto put_list = [&](const std::string& where, const std::string& key,
                            const std::vector<Json>& lines) {
    objects.emplace(where, resolve_key(folder_, key));
    return with({{"lists", true}}, write_lines(vault_, folder_, key, lines));
  };
  const ObjectRecord never{
      .key = "x/gone", .size = 1, .sha256 = std::string(64, 'a'), .encoding = "identity"};
  const Json all = put_list("a list of all", "x/all.jsonl.zst",
                            {with({{"path", "ä/b"}}, put("a line", "x/listed")),
                             with({}, put("a line, below the root", "/lfs/ab/listed")), with({}, never)});
  const Json changes =
      put_list("a list of changes", "x/changes.jsonl.zst",
               {{{"key", never.key}, {"gone", true}},
                with({{"what", {{"is", to_json(put("within a line", "x/within"))}}}, {"name", 7}},
                     put("a later line", "x/late"))});
  Json json = {{"zeta", Json::array({1.5, 9007199254740993, -0.25, 18446744073709551615U, true, nullptr})},
               {"index", to_json(put("depth one", "x/index"))},
               {"status", "ok"},
               {"größe\n", "世界 \U0001F600 \u0001"},
               {"nested", Json::parse(R"([[1, [2, {"b": [[]], "a": {}}]], [], {"": ""}])")},
               {"deep",
                {{"er", Json::array({with({{"name", "b"}}, put("depth three", "x/deep"))})},
                 {"root", to_json(put("below the root", "/lfs/cd/direct"))}}},
               {"lists", Json::array({all, changes})},
               {"alpha", Json::object()}};
  return {Part(std::move(json)), std::move(objects)};
}

Part FutureVault::make_odd_part() {
  return Part(Json{{"of", "later"}, {"status", "simmering"}, {"since", nullptr}});
}

StoredManifest FutureVault::plant(const StoredManifest& before, const Differences& differences) {
  Manifest manifest = before.manifest;
  manifest.program = "hubkeep 9.1";
  manifest.snapshot = SnapshotId::make(before.manifest.snapshot.time() + std::chrono::seconds(1));
  manifest.previous = {{before.manifest.snapshot, before.sha256}};
  for (const auto& [name, part] : differences.parts) manifest.parts.insert_or_assign(name, part);
  std::string text = format_manifest(manifest);
  if (!differences.from.empty())
    text.replace(text.find(differences.from), differences.from.size(), differences.to);
  RecordedWriter writer = vault_.objects().create_stored(folder_, manifest_key(manifest.snapshot));
  const std::string bytes = zstd_compress(text);
  writer.write(bytes);
  return {.manifest = std::move(manifest), .sha256 = writer.commit().sha256, .bytes = bytes};
}

void FutureVault::tell_catalog(const StoredManifest& planted) {
  CatalogUpdate update{.entry = entry_of(planted.manifest, planted.sha256, folder_),
                       .supersedes = {},
                       .has_new_snapshot = true};
  for (const PreviousSnapshot& previous : planted.manifest.previous)
    update.supersedes.push_back(previous.snapshot);
  vault_.update_catalog({update}, [](const std::string&) {}, {});
}

std::string text_of_part(const StoredManifest& stored, const std::string& name) {
  const std::string text = zstd_decompress(stored.bytes, kMaxManifestSize);
  const auto begin = text.find("\n    \"" + name + "\": {");
  const auto end = text.find("\n    }", begin);
  return begin == std::string::npos ? "" : text.substr(begin, end - begin);
}

}  // namespace hubkeep
