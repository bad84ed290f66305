// A commit, as leniently as git reads one to show it (Documentation/user-manual, "The commit object").
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "git/oid.h"

namespace hubkeep {

/// "Ada <ada@example.com> 1700000000 +0100"
struct Signature {
  std::string name;
  std::string email;
  std::int64_t time = 0;  // seconds since 1970
  int zone = 0;           // +0130 as 130
};

struct Commit {
  Oid oid;
  Oid tree;
  std::vector<Oid> parents;
  Signature author;
  Signature committer;
  std::string message;
};

/// Throws Error(corrupt) for what has no tree.
Commit parse_commit(const Oid& oid, std::string_view content);

/// "Thu Nov 23 18:45:01 2023 +0100", in the signature's own zone, as git shows it.
std::string git_date(const Signature& signature);

/// The first paragraph as one line.
std::string subject_of(std::string_view message);

}  // namespace hubkeep
