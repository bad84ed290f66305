// One document has it all, a line each: the gist as GitHub sends it, and each comment in the order of their
// ids. The contents of files are left out: the history has them. The document is written anew where it is
// another than before, which its hash tells without reading it.
//
// The listing says when a gist was updated and how many comments there are, so that a gist costs no request
// until one of these changes. A comment that was edited changes neither: it is found when all is asked for
// again.
#include "backup/gist_meta_backup.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <nlohmann/json.hpp>

#include "backup/gist_document.h"
#include "backup/part_place.h"
#include "backup/repository_work.h"
#include "base/error.h"
#include "crypto/hash.h"
#include "github/api.h"
#include "github/json_slices.h"
#include "github/list_walk.h"
#include "vault/object_record.h"

namespace hubkeep {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kHash = "lines_sha256";

// JSON has line feeds between its tokens alone.
std::string as_line(std::string_view json) {
  std::string line(json);
  std::replace_if(line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return line + "\n";
}

std::int64_t id_of(std::string_view comment) {
  const std::string_view text = object_member(comment, "id").value_or("");
  std::int64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc() || end != text.data() + text.size())
    throw Error(ErrorKind::corrupt, "GitHub describes a comment without a usable \"id\"");
  return id;
}

class CountingSink final : public ByteSink {
 public:
  CountingSink(ByteSink& next, ByteCount& bytes) : next_(next), bytes_(bytes) {}
  void write(std::string_view bytes) override {
    bytes_ += bytes.size();
    next_.write(bytes);
  }

 private:
  ByteSink& next_;
  ByteCount& bytes_;
};

class GistMetaSave {
 public:
  explicit GistMetaSave(RepositoryWork& work)
      : work_(work), api_(work.context().github.api()), gist_("/gists/" + work.id().str()) {}

  PartResult run(const std::optional<PartBefore>& before, const SnapshotId& snapshot) {
    const UtcTime asked_at = work_.context().now_by_github();
    const std::string lines = document();
    const std::string hash = sha256_hex(lines);
    PartResult result{
        .part = {},
        .outcome = {.part = PartName(kGistMetaPart), .requests = requests_, .bytes_received = bytes_},
        .checked_at = asked_at};
    const bool is_as_before =
        before && before->part.status() == PartStatus::ok && before->part.json().value(kHash, "") == hash;
    if (is_as_before && !work_.is_repair()) return result;
    const ObjectRecord record = store(lines, snapshot);
    result.part = Part({{"status", PartStatus::ok.word()},
                        {"comments", comments_},
                        {kHash, hash},
                        {"documents", Json::array({to_json(record)})}});
    result.outcome.kind = PartOutcomeKind::saved;
    result.outcome.bytes_stored = record.size;
    return result;
  }

 private:
  std::string document() {
    const std::string gist = work_.retried([&] {
      GistDocument document;
      CountingSink counted(document, bytes_);
      ++requests_;
      api_.download(api_.url(gist_), counted, work_.stop());
      return document.finish();
    });
    std::string lines = gist + "\n";
    const bool has_none = object_member(gist, "comments") == "0";
    if (!has_none)
      for (const std::string& comment : comments()) lines += comment;
    return lines;
  }

  std::vector<std::string> comments() {
    struct Comment {
      std::string line;
      int walk = 1;
    };
    std::map<std::int64_t, Comment> found;
    const ListWalkReader reader{
        .item = [&](std::string_view item, UtcTime,
                    int walk) { found.insert_or_assign(id_of(item), Comment{as_line(item), walk}); },
        .page =
            [&](const ApiAnswer& answer) {
              ++requests_;
              bytes_ += answer.body().size();
            }};
    const ListEnd end =
        walk_list(api_, {api_.url(gist_ + "/comments?per_page=100"), ""}, reader, work_.stop());
    if (end.problem) throw Error(end.problem->error);
    std::vector<std::string> lines;
    for (auto& [id, comment] : found)
      if (comment.walk == end.walk) lines.push_back(std::move(comment.line));
    comments_ = lines.size();
    return lines;
  }

  ObjectRecord store(const std::string& lines, const SnapshotId& snapshot) {
    const PartPlace place{work_.folder(), PartName(kGistMetaPart)};
    RecordedWriter writer =
        work_.context().vault.objects().create(place.folder, place.record_key(snapshot, ".jsonl.zst"));
    writer.write(lines);
    return writer.commit();
  }

  RepositoryWork& work_;
  GitHubApi& api_;
  const std::string gist_;
  std::size_t comments_ = 0;
  std::uint64_t requests_ = 0;
  ByteCount bytes_ = 0;
};

class GistMetaBackup final : public PartBackup {
 public:
  std::string_view name() const override { return kGistMetaPart; }
  bool is_for(SubjectKind kind) const override { return kind == SubjectKind::gist; }

  Freshness judge(const CatalogEntry& known, const Listing& listed, const Recheck& recheck) const override {
    CatalogEntry as_asked = known;
    const auto asked = known.checked.find(PartName(kGistMetaPart));
    as_asked.refs_checked_at = asked == known.checked.end() ? UtcTime{} : asked->second;
    const Freshness freshness =
        judge_freshness(as_asked, listed, recheck.now, recheck.interval, kGistMetaPart);
    const bool is_other_count =
        known.listing.comments && listed.comments && *known.listing.comments != *listed.comments;
    if (freshness == Freshness::unchanged && is_other_count) return Freshness::listing_differs;
    return freshness;
  }

  PartResult save(const std::optional<PartBefore>& before, const SnapshotId& snapshot,
                  RepositoryWork& work) const override {
    return GistMetaSave(work).run(before, snapshot);
  }
};

}  // namespace

std::shared_ptr<const PartBackup> gist_meta_backup() {
  return std::make_shared<GistMetaBackup>();
}

}  // namespace hubkeep
