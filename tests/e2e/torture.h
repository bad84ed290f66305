// How often the random tests of the whole program try, and from which seed: `make torture N= SEED=`.
#pragma once

#include <cstdlib>
#include <random>

namespace hubkeep {

inline unsigned number_from(const char* name, unsigned otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : static_cast<unsigned>(std::strtoul(text, nullptr, 10));
}

/// N, else what `make test` does.
inline unsigned torture_rounds(unsigned otherwise) {
  return number_from("N", otherwise);
}

/// SEED, else another one each time. A test says which it had when it fails.
inline unsigned torture_seed() {
  return number_from("SEED", std::random_device{}());
}

}  // namespace hubkeep
