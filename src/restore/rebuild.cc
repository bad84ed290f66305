// Bundles in their order, then the refs, then the proof that all they lead to is there. A pack streams from
// the vault into the importer, and its hash is known at its end only, so the importer finishes after that.
#include "restore/rebuild.h"

#include <algorithm>

#include "base/counted_sink.h"
#include "base/error.h"
#include "git/bundle.h"
#include "restore/choose_ref.h"

namespace hubkeep {
ByteCount pack_bytes_needed(const GitPart& git) {
  constexpr ByteCount kIndexEntry =
      40;  // an .idx has 20 + 4 + 4 bytes an object, 44 with SHA-256, fanout aside
  ByteCount packs = 0;
  for (const Bundle& bundle : git.bundles) packs += bundle.record.size + kIndexEntry * bundle.objects;
  return packs;
}

ByteCount largest_delta(const GitPart& git) {
  ByteCount largest = 0;
  for (const Bundle& bundle : git.bundles) largest = std::max(largest, bundle.largest_delta);
  return largest;
}

ByteCount largest_pack(const GitPart& git) {
  ByteCount largest = 0;
  for (const Bundle& bundle : git.bundles) largest = std::max(largest, bundle.record.size);
  return largest;
}

void import_bundle(const BundleSource& source, const Bundle& bundle, RepositoryBuilder& builder,
                   const std::stop_token& stop) {
  const auto import_by = [&](PackImporter& importer, const std::function<void(ByteCount)>& received) {
    BundleReader reader(importer);
    CountedSink counted(reader, received);
    source.vault.objects().read(source.folder, bundle.record, counted, stop);
    reader.finish();
    // Beyond this point the bytes are those that were written; the importer looks at what they mean.
    importer.finish();
  };
  with_context(bundle.record.key, [&] {
    try {
      import_by(*builder.import_pack(), source.received);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::corrupt) throw;
      // libgit2 refuses a pack that has an object twice, which git takes; some servers send such packs. It is
      // read once more, into git where there is one. LieTest.AnObjectTwiceIsProvedByGitAndNoDamageWithoutIt,
      // RestoreWhole.OfAPackWithAnObjectTwiceIsDoneByGit.
      const auto importer = builder.import_refused_pack();
      if (!importer) throw;
      import_by(*importer, {});  // its bytes were counted once
    }
  });
}

RefState rebuild_repository(const BundleSource& source, const Manifest& manifest, RepositoryBuilder& builder,
                            const std::stop_token& stop) {
  const GitPart git = git_part(manifest.parts);
  for (const Bundle& bundle : git.bundles) import_bundle(source, bundle, builder, stop);
  RefState state = source.vault.read_ref_state(source.folder, git, stop);
  if (!source.ref.empty()) state = choose_ref(state, source.ref);
  builder.write_refs(state);
  // Beyond this point the repository has what its refs name; what that leads to is another question.
  builder.prove_connected(state);
  return state;
}

}  // namespace hubkeep
