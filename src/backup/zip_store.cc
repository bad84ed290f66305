// A zip streams from GitHub into the vault and is committed only when its end is there. Under its key there
// may be one already, of a run that was killed before it could name it, or of another run: that one is read,
// and taken if it is whole and of the same commit, since GitHub zips no commit the same way twice and bytes
// cannot be compared.
#include "backup/zip_store.h"

#include "backup/zip_check.h"
#include "base/counted_sink.h"
#include "base/error.h"

namespace hubkeep {
std::optional<ObjectRecord> ZipStore::stored(const ObjectKey& key, const std::string& commit,
                                             const std::stop_token& stop) const {
  if (!context_.vault.objects().find(key)) return std::nullopt;
  ZipCheck check;
  RecordingSink record;
  TeeSink both(check, record);
  with_context(key + ", which is in the vault already", [&] {
    read_at_once(key, both, stop);
    check.require_whole(commit);
  });
  return record.finish("/" + key, "identity");
}

// What is in an archive class stays there: nobody waits hours for a zip that GitHub makes anew.
void ZipStore::read_at_once(const ObjectKey& key, ByteSink& sink, const std::stop_token& stop) const {
  try {
    context_.vault.objects().read_stored(key, sink, stop);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::cold) throw;
    throw Error(
        ErrorKind::cold,
        "is in an archive class, so it cannot be seen whether it is whole; a run was ended before it could "
        "name it. The run of another day makes a new one");
  }
}

ObjectRecord ZipStore::fetch(const ZipSource& source, const ObjectKey& key, Outcome& outcome,
                             const std::stop_token& stop) const {
  const auto tell = [&](const Error& error, std::chrono::milliseconds wait) {
    context_.observer.retrying({.repository = outcome.repository}, error.with_context("zip"), wait);
  };
  const ObjectRecord object = with_retries(context_.retries, context_.clock, stop, tell, [&] {
    RecordedWriter writer = context_.vault.objects().create("", "/" + key);
    ZipCheck check;
    TeeSink both(check, writer);
    CountedSink sink(both, [&](ByteCount bytes) {
      outcome.bytes_received += bytes;
      context_.observer.moved(bytes);
    });
    context_.github.download_zip(source.id, source.commit, sink, stop);
    check.require_whole(source.commit);
    if (auto record = writer.commit_if_absent()) return *record;
    if (auto first = stored(key, source.commit, stop)) return *first;  // another run's
    throw Error(ErrorKind::transient, key + ": the store says that it is there already, and it is not");
  });
  outcome.bytes_stored += object.size;
  return object;
}

}  // namespace hubkeep
