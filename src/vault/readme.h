// README.txt, which tells a person how to restore; the commands stand in docs/storage-format.md too. Whoever
// can write to the vault can put commands of his own into it, so it is held against what hubkeep writes. And
// it names the vault: hubkeep.json can be made again from it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "vault/identity.h"

namespace hubkeep {

constexpr std::string_view kReadmeKey = "README.txt";

std::string format_readme(const Identity& identity);

enum class ReadmeState {
  as_written,
  older,  // an earlier version's
  newer,  // it says that it is a later version's, which only that can compare
  changed
};

/// `identity` is the vault's, where it is known.
ReadmeState judge_readme(std::string_view text, const std::optional<Identity>& identity);

/// Of the vault that it was written for; nothing where it was changed or does not say that.
std::optional<Identity> identity_in_readme(std::string_view text);

}  // namespace hubkeep
