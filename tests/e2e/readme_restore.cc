#include "e2e/readme_restore.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "sim/git_worker.h"

namespace hubkeep {

void restore_by_readme_text(const std::filesystem::path& vault, const std::filesystem::path& folder,
                            const std::string& snapshot, const std::string& part,
                            const std::filesystem::path& target) {
  std::ostringstream text;
  text << std::ifstream(vault / "README.txt", std::ios::binary).rdbuf();
  const std::string readme = text.str();
  const auto begin = readme.find("#begin");
  std::string script = "set -eu\n" + readme.substr(begin, readme.find("#end") - begin);
  const std::string history = ".parts.git";
  for (auto at = script.find(history); at != std::string::npos; at = script.find(history, at + 1))
    script.replace(at, history.size(), ".parts." + part);
  const auto result =
      sim::run({"sh", "-c", script},
               {.env = {{"FOLDER", folder.string()}, {"SNAPSHOT", snapshot}, {"TARGET", target.string()}}});
  EXPECT_EQ(result.exit_code, 0) << result.err;
}

}  // namespace hubkeep
