#include "localgit/libgit2_handle.h"

#include <fmt/format.h>

#include "base/text.h"

namespace hubkeep {
namespace {

constexpr git_config_level_t kOutsideLevels[] = {GIT_CONFIG_LEVEL_PROGRAMDATA, GIT_CONFIG_LEVEL_SYSTEM,
                                                 GIT_CONFIG_LEVEL_XDG, GIT_CONFIG_LEVEL_GLOBAL};
// Parts of packs that are mapped: by default 1 GiB at a time and 8 GiB together.
constexpr std::size_t kMappedPart = std::size_t{8} << 20;
constexpr std::size_t kMappedLimit = std::size_t{64} << 20;
constexpr ssize_t kObjectCacheSize = ssize_t{32} << 20;  // libgit2's own default is 256 MiB

bool initialise() {
  if (git_libgit2_init() < 0) throw libgit2_error("start libgit2", ErrorKind::internal);
  for (const auto level : kOutsideLevels) git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, level, "");
  // The folder was made for us a moment ago; on some network drives it belongs to another user all the same.
  git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
  git_libgit2_opts(GIT_OPT_SET_CACHE_MAX_SIZE, kObjectCacheSize);
  git_libgit2_opts(GIT_OPT_SET_MWINDOW_SIZE, kMappedPart);
  git_libgit2_opts(GIT_OPT_SET_MWINDOW_MAPPED_LIMIT, kMappedLimit);
  git_libgit2_opts(GIT_OPT_DISABLE_PACK_KEEP_FILE_CHECKS, 1);
  // Each object was hashed when its pack was indexed, a moment before it is read.
  git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 0);
  return true;
}

}  // namespace

void start_libgit2() {
  static const bool started = initialise();
  static_cast<void>(started);
}

Error libgit2_error(std::string_view action, ErrorKind otherwise) {
  const git_error* error = git_error_last();
  const bool machine =
      error != nullptr && (error->klass == GIT_ERROR_OS || error->klass == GIT_ERROR_NOMEMORY);
  const std::string reason = error == nullptr ? "libgit2 does not say why" : printable(error->message);
  return {machine ? ErrorKind::internal : otherwise, fmt::format("cannot {}: {}", action, reason)};
}

void check_libgit2(int result, std::string_view action, ErrorKind otherwise) {
  if (result < 0) throw libgit2_error(action, otherwise);
}

}  // namespace hubkeep
