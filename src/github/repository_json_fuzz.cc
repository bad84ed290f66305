// Repositories and users as GitHub's JSON describes them: what must be there is there, or there is an Error.

#include "github/repository_json.h"

#include <nlohmann/json.hpp>

#include "base/gist_name.h"
#include "fuzz/fuzz_support.h"

using namespace hubkeep;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto json = nlohmann::json::parse(fuzz::as_text(data, size), nullptr, false);
  fuzz::error_of([&] {
    const Repository repository = parse_repository(json, {});
    fuzz::require(repository.id > 0 && !repository.name.empty() && !repository.full_name.empty() &&
                      !repository.owner.empty() && !repository.clone_url.empty(),
                  "what a repository cannot be without is there");
    fuzz::require(!repository.visibility.empty(), "it is public or not");
  });
  fuzz::error_of([&] {
    const Repository gist = parse_gist(json, {});
    fuzz::require(gist.is_gist && is_gist_id(gist.name) && !gist.owner.empty() && !gist.clone_url.empty(),
                  "what a gist cannot be without is there");
  });
  fuzz::error_of([&] {
    const User user = parse_user(json);
    fuzz::require(user.id > 0 && !user.login.empty(), "what a user cannot be without is there");
  });
  return 0;
}
