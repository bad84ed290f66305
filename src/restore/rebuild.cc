// First all indexes and then the packs that have one come, in pieces and side by side, into a folder of their
// own. Then each pack takes its place behind those that it builds on: one with an index as it is, one without
// is indexed as it comes. What a killed restore has left in that folder is taken where a pack and its index
// agree. An index can be made again: where it is lost, damaged or another pack's, nothing else is.
//
// A snapshot that was proved when it was saved needs no proof but that its indexes have its tips. Where all
// packs are indexed here, the links of their objects are looked up on the way. Only where one of these leads
// nowhere, or nobody has looked, all is walked: what is missing need not be what the refs lead to.
#include "restore/rebuild.h"

#include <optional>
#include <system_error>
#include <vector>

#include "base/counted_sink.h"
#include "base/error.h"
#include "crypto/hash.h"
#include "git/bundle.h"
#include "restore/choose_ref.h"
#include "restore/fetch_objects.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;

// Of any bundle that a manifest can name: what a manifest says is no name for a file.
PackFiles files_of(const Bundle& bundle, const fs::path& work) {
  const std::string name = sha256_hex(bundle.record.key + " " + bundle.record.sha256).substr(0, 32);
  return {work / (name + ".pack"), work / (name + ".idx")};
}

constexpr ByteCount kIndexerMemory = ByteCount{128} << 20;

void stream_into(const ChainSource& source, const Bundle& bundle, PackImporter& importer,
                 const std::stop_token& stop) {
  std::optional<MemoryBudget::Lease> share;
  if (source.memory != nullptr) share.emplace(source.memory->acquire(kIndexerMemory, stop));
  with_context(bundle.record.key, [&] {
    BundleReader reader(importer);
    CountedSink counted(reader, source.received);
    source.vault.objects().read(source.folder, bundle.record, counted, stop);
    reader.finish();
    // Beyond this point the bytes are those that were written; the importer looks at what they mean.
    importer.finish();
  });
}

/// The packs of one snapshot on their way.
class Rebuilding {
 public:
  Rebuilding(const ChainSource& source, const GitPart& git, const fs::path& work, const std::stop_token& stop)
      : source_(source), git_(git), work_(work), stop_(stop) {}

  // Returns whether all that the packs' objects name is known to be there.
  bool import_all(RepositoryBuilder& builder) {
    fetch_indexed_packs();
    bool is_connected = true;
    for (std::size_t i = 0; i < git_.bundles.size(); ++i) {
      const Bundle& bundle = git_.bundles[i];
      const PackFiles files = files_of(bundle, work_);
      if (is_here_[i] && is_taken(builder.packs(), files)) {
        is_connected = false;  // nobody has looked at what it names
      } else {
        remove(files);
        PackImporter importer(builder.packs(), files, stop_);
        stream_into(source_, bundle, importer, stop_);
        is_connected = is_connected && importer.is_connected();
      }
    }
    return is_connected;
  }

  // Whether all indexes are what the snapshot was proved with.
  bool has_believed_all() const { return has_believed_all_; }

 private:
  // Indexes first: without its own, no pack can be gone on with.
  void fetch_indexed_packs() {
    std::vector<FileOrder> indexes;
    for (const Bundle& bundle : git_.bundles) {
      const PackFiles files = files_of(bundle, work_);
      is_here_.push_back(are_whole(files, git_.format, stop_));
      if (is_here_.back()) continue;
      remove(files);
      if (bundle.index) indexes.push_back({.record = *bundle.index, .left_out = 0, .file = files.index});
    }
    fetch_indexes(indexes);
    std::vector<FileOrder> packs;
    for (std::size_t i = 0; i < git_.bundles.size(); ++i) {
      const Bundle& bundle = git_.bundles[i];
      const PackFiles files = files_of(bundle, work_);
      if (is_here_[i] || !fs::exists(files.index)) continue;
      is_here_[i] = true;
      packs.push_back({.record = bundle.record, .left_out = bundle.pack_offset, .file = files.pack});
    }
    fetch(packs);
  }

  // All at once; each by itself only where one of them is lost or damaged.
  void fetch_indexes(const std::vector<FileOrder>& indexes) {
    if (is_had(indexes)) return;
    for (const FileOrder& index : indexes)
      if (!fs::exists(index.file)) fetch_index(index);
  }

  bool is_had(const std::vector<FileOrder>& orders) {
    try {
      fetch(orders);
      return true;
    } catch (const Error& error) {
      if (!is_damage(error)) throw;
      return false;
    }
  }

  void fetch_index(const FileOrder& index) {
    try {
      fetch({index});
    } catch (const Error& error) {
      if (!is_damage(error)) throw;
      stop_believing(error);
    }
  }

  static bool is_damage(const Error& error) {
    return error.kind() == ErrorKind::corrupt || error.kind() == ErrorKind::not_found;
  }

  void stop_believing(const Error& error) {
    has_believed_all_ = false;
    if (source_.notice) source_.notice(error.message() + ": the index is made again here, of its bundle");
  }

  void fetch(const std::vector<FileOrder>& orders) {
    fetch_objects({.objects = source_.vault.objects(), .folder = source_.folder}, orders, source_.received,
                  stop_);
  }

  // If the pack is to blame and not its index, indexing it says so.
  bool is_taken(PackFolder& packs, const PackFiles& files) {
    try {
      packs.add(files, stop_);
      return true;
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::corrupt) throw;
      stop_believing(error);
      return false;
    }
  }

  // What is read-only cannot be written anew.
  static void remove(const PackFiles& files) {
    std::error_code ignored;
    fs::remove(files.pack, ignored);
    fs::remove(files.index, ignored);
  }

  const ChainSource& source_;
  const GitPart& git_;
  const fs::path& work_;
  const std::stop_token& stop_;
  std::vector<bool> is_here_;  // of each bundle: its pack and index are in work_
  bool has_believed_all_ = true;
};

}  // namespace

ByteCount pack_bytes_needed(const GitPart& git) {
  constexpr ByteCount kIndexEntry =
      40;  // an .idx has 20 + 4 + 4 bytes an object, 44 with SHA-256, fanout aside
  ByteCount packs = 0;
  for (const Bundle& bundle : git.bundles) packs += bundle.record.size + kIndexEntry * bundle.objects;
  return packs;
}

void import_bundle(const ChainSource& source, const Bundle& bundle, RepositoryBuilder& builder,
                   const std::stop_token& stop) {
  stream_into(source, bundle, *builder.import_pack(), stop);
}

RefState rebuild_repository(const ChainSource& source, const GitPart& git, RepositoryBuilder& builder,
                            const fs::path& work, const std::stop_token& stop) {
  Rebuilding rebuilding(source, git, work, stop);
  const bool is_connected = rebuilding.import_all(builder);
  RefState state = source.vault.read_ref_state(source.folder, git, stop);
  if (!source.ref.empty()) state = choose_ref(state, source.ref);
  builder.write_refs(state);
  // Beyond this point the repository has what its refs name; what that leads to is another question.
  const bool is_known_whole = is_proved(git) && rebuilding.has_believed_all();
  if (!is_known_whole && !is_connected) builder.prove_connected(state);
  return state;
}

}  // namespace hubkeep
