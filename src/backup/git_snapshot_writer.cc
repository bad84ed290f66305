#include "backup/git_snapshot_writer.h"

#include "backup/repository_work.h"
#include "base/background_sink.h"
#include "base/error.h"
#include "vault/object_list.h"
#include "vault/refs_object.h"

namespace hubkeep {
namespace {

class ObservedSink final : public ByteSink {
 public:
  ObservedSink(ByteSink& next, BackupObserver& observer, PackArrival& arrival)
      : next_(next), observer_(observer), arrival_(arrival) {}
  void write(std::string_view bytes) override {
    arrival_.bytes += bytes.size();
    arrival_.refused = true;  // unless the next line returns
    next_.write(bytes);
    arrival_.refused = false;
    observer_.moved(bytes.size());
  }

 private:
  ByteSink& next_;
  BackupObserver& observer_;
  PackArrival& arrival_;
};

}  // namespace

void FetchedPack::add_to(GitPart& git) const {
  if (bundle)
    git.bundles.push_back(*bundle);
  else
    git.not_proved += not_proved;
}

// The pack goes to the store and to the indexer at once, and nowhere else: a bundle is its header and the
// pack as it came. What the indexer finds impossible keeps the object from being committed, so that nothing
// is left.
FetchedPack fetch_bundle(const PartPlace& place, const BundleRequest& asked, const RepositoryWork& work,
                         GitRemote& remote, PackArrival& arrival) {
  arrival = {};
  const FetchRequest& request = asked.plan.request;
  RecordedWriter writer =
      work.context().vault.objects().create(place.folder, place.record_key(asked.snapshot, ".bundle"));
  const ByteCount pack_offset = write_bundle_header(asked.plan.header, writer);
  auto intake = std::make_unique<PackIntake>(request.format, &request, work.context().proof);
  BackgroundSink looking(*intake);  // inflating takes longer than all the rest together
  TeeSink pack(looking, writer);
  ObservedSink observed(pack, work.context().observer, arrival);
  remote.fetch_pack(request, observed, work.stop());
  looking.finish();
  PackSummary summary = intake->finish();
  arrival.whole = true;
  // Beyond this point the pack is whole in every respect that can be seen without resolving deltas.
  FetchedPack fetched{.bundle = {},
                      .not_proved = summary.not_proved,
                      .lfs_pointers = std::move(summary.lfs_pointers),
                      .intake = {}};
  if (summary.objects == 0) {
    // Only a server that knows of old objects may have nothing new to say.
    if (request.haves.empty()) throw Error(ErrorKind::transient, "the server sent a pack without any object");
    return fetched;
  }
  if (!summary.impossible.empty())
    throw Error(ErrorKind::transient, "the server's pack is not what was asked for: " + summary.impossible);
  fetched.bundle = Bundle{.snapshot = asked.snapshot,
                          .builds_on = asked.builds_on,
                          .pack_offset = pack_offset,
                          .objects = summary.objects,
                          .largest_delta = summary.largest_delta,
                          .not_proved = summary.not_proved,
                          .record = writer.commit()};
  fetched.intake = std::move(intake);
  return fetched;
}

std::vector<ObjectRecord> store_refs(const PartPlace& place, const SnapshotId& snapshot,
                                     const std::optional<StoredRefs>& before, const RefState& now,
                                     const RepositoryWork& work) {
  VaultObjects& objects = work.context().vault.objects();
  const std::string key = place.record_key(snapshot, ".refs.zst");
  if (before && !before->records.empty() && before->state.format == now.format) {
    if (before->state.refs == now.refs) return before->records;
    const ObjectRecord& whole = before->records.front();
    // Changes are always to the whole list, so that no more than two objects are ever read.
    const auto changes = before->records.size() == 1
                             ? ref_changes(before->state.refs, now.refs, now.format)
                             : ref_changes(read_refs_objects(objects, place.folder, {whole}, work.stop()),
                                           now.refs, now.format);
    if (changes.empty()) return {whole};
    if (are_few(changes.size(), now.refs.size())) {
      return {whole, write_refs_object(objects, place.folder, key, changes)};
    }
  }
  return {write_refs_object(objects, place.folder, key, now.refs)};
}

}  // namespace hubkeep
