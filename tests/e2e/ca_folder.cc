#include "e2e/ca_folder.h"

#include <fmt/format.h>

namespace hubkeep {

sim::Environment ca_folder_environment(const TestCertificate& authority,
                                       const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  // As `openssl rehash` names it.
  const auto hash = X509_subject_name_hash(authority.certificate.get());
  write_pem(authority, folder / fmt::format("{:08x}.0", hash));
  return {{"LD_PRELOAD", HUBKEEP_CA_FOLDER}, {"CA_FOLDER", folder.string()}};
}

}  // namespace hubkeep
