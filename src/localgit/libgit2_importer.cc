// Bytes are handed to libgit2's indexer in pieces of a MiB. It asks on_progress() while it resolves deltas,
// which is how a stop is heard within them. The refusal of a pack is kept in words, since the builder decides
// by them whether git should try.
#include "localgit/libgit2_importer.h"

#include "base/error.h"
#include "crypto/hash.h"
#include "git/pack_entry.h"

namespace hubkeep {
namespace {

// Each append makes libgit2 map the file anew.
constexpr std::size_t kAppendSize = std::size_t{1} << 20;
constexpr std::size_t kEmptyPackSize = kPackHeaderSize + 20;  // and SHA-1 of that
constexpr std::string_view kNoObjects("\0\0\0\0", 4);

// See BuilderTest.TakesAPackThatHoldsNothing.
bool is_empty_pack(std::string_view bytes) {
  if (bytes.size() != kEmptyPackSize || !bytes.starts_with("PACK") || bytes.substr(8, 4) != kNoObjects)
    return false;
  Hasher hasher(HashKind::sha1);
  hasher.write(bytes.substr(0, kPackHeaderSize));
  return hasher.finish() == bytes.substr(kPackHeaderSize);
}

}  // namespace

Libgit2Importer::Libgit2Importer(const std::filesystem::path& pack_folder, git_odb* odb,
                                 std::optional<std::string>& refusal, std::stop_token stop)
    : odb_(odb), refusal_(refusal), stop_(std::move(stop)) {
  git_indexer_options options = GIT_INDEXER_OPTIONS_INIT;
  options.progress_cb = &on_progress;
  options.progress_cb_payload = this;
  git_indexer* indexer = nullptr;
  check_libgit2(git_indexer_new(&indexer, pack_folder.c_str(), 0, odb_, &options), "begin a pack");
  indexer_.reset(indexer);
}

void Libgit2Importer::write(std::string_view bytes) {
  pending_ += bytes;
  if (pending_.size() < kAppendSize) return;
  append(pending_);
  pending_.clear();
}

void Libgit2Importer::append(std::string_view bytes) {
  if (stop_.stop_requested()) throw Error(ErrorKind::cancelled, "stopped while indexing");
  check(git_indexer_append(indexer_.get(), bytes.data(), bytes.size(), &progress_));
}

void Libgit2Importer::finish() {
  // A rewind of a branch asks for what is there already and gets a pack of nothing, which libgit2 does not
  // take.
  if (progress_.total_objects == 0 && is_empty_pack(pending_)) return;
  if (!pending_.empty()) append(pending_);
  check(git_indexer_commit(indexer_.get(), &progress_));
  check_libgit2(git_odb_refresh(odb_), "read the new pack");
}

void Libgit2Importer::check(int result) {
  if (result == 0) return;
  if (stop_.stop_requested()) throw Error(ErrorKind::cancelled, "stopped while indexing");
  const Error error = libgit2_error("index the pack", ErrorKind::corrupt);
  if (error.kind() == ErrorKind::corrupt) refusal_ = error.message();
  throw error;
}

int Libgit2Importer::on_progress(const git_indexer_progress*, void* importer) {
  return static_cast<Libgit2Importer*>(importer)->stop_.stop_requested() ? GIT_EUSER : 0;
}

}  // namespace hubkeep
