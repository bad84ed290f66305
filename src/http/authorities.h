// Whom a client trusts, and how its messages call that.
#pragma once

#include <string>

namespace hubkeep {

/// How a file of authorities stands to the system's: instead of them nobody else is trusted, neither the
/// system's bundle nor its folder of certificates; besides them either will do.
enum class AuthoritiesUse { instead, besides };

struct Authorities {
  std::string file;  // certificates in PEM; empty: the system's alone
  AuthoritiesUse use = AuthoritiesUse::instead;
  std::string name;                       // of the file in messages; empty: "--ca-file FILE"
  std::string remedy = "with --ca-file";  // how a missing authority's certificate is given
};

}  // namespace hubkeep
