// For tests: a home folder, variables, scripted services and a clock that stands still.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "aws/context.h"
#include "base/error_of.h"
#include "base/scratch_folder.h"
#include "http/scripted_http.h"

namespace hubkeep {

struct AwsFixture : ::testing::Test {
  AwsFixture() { context.environment.home = home.path().string(); }

  std::string write(const std::string& name, const std::string& text) const {
    const auto path = home.path() / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
    return path.string();
  }

  void set(const std::string& name, const std::string& value) { context.environment.variables[name] = value; }

  ScratchFolder home;
  ScriptedHttp http;
  ScriptedHttp link_local;
  ManualClock clock;  // 2001-09-09T01:46:40Z
  AwsContext context{.environment = {}, .http = http, .link_local = link_local, .clock = clock};
};

}  // namespace hubkeep
