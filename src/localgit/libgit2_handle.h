// Owners for what libgit2 hands out, its one-time setup, and its errors as ours.
#pragma once

#include <git2.h>

#include <memory>
#include <string_view>

#include "base/error.h"

namespace hubkeep {

template <auto Free>
struct FreeWith {
  template <typename T>
  void operator()(T* thing) const {
    Free(thing);
  }
};

using RepositoryHandle = std::unique_ptr<git_repository, FreeWith<git_repository_free>>;
using OdbHandle = std::unique_ptr<git_odb, FreeWith<git_odb_free>>;
using ConfigHandle = std::unique_ptr<git_config, FreeWith<git_config_free>>;

/// Starts libgit2 once in the life of the program, deaf to every configuration outside a repository: what the
/// user's own ~/.gitconfig says must not change what is restored. Thread-safe.
void start_libgit2();

/// The error that libgit2 has just reported. The machine's failures (disk full, memory) are internal, all
/// others `otherwise`.
Error libgit2_error(std::string_view action, ErrorKind otherwise);

/// Throws libgit2_error() when `result` says so.
void check_libgit2(int result, std::string_view action, ErrorKind otherwise = ErrorKind::internal);

}  // namespace hubkeep
