// A system whose folder of certificate authorities knows one more than its bundle does.
#pragma once

#include <filesystem>

#include "http/test_certificate.h"
#include "sim/child_process.h"

namespace hubkeep {

/// Variables for a hubkeep that finds `authority`, kept in `folder`, in the system's folder.
sim::Environment ca_folder_environment(const TestCertificate& authority, const std::filesystem::path& folder);

}  // namespace hubkeep
