// What a git server may answer in place of refs and packs, and what is said of it.

#include <gmock/gmock.h>

#include "e2e/end_to_end.h"

namespace hubkeep {
namespace {

using testing::HasSubstr;

struct Answer {
  std::string name;
  std::vector<sim::Fault> faults;
  std::string said;
  bool with_token = true;
};

void PrintTo(const Answer& answer, std::ostream* out) {
  *out << answer.name;
}

class GitServer : public EndToEnd, public testing::WithParamInterface<Answer> {};

TEST_P(GitServer, IsSaidOfWhatWasWrong) {
  const Answer& answer = GetParam();
  const auto id = add_repository("site");
  sim::make_repository_content(path_of(id), 1, 3, 3);
  pushed(id);
  for (const auto& fault : answer.faults) github_.faults().add(fault);
  if (!answer.with_token) token_.clear();

  const auto result = backup({"--user", "octo", "--retries", "0"});

  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("octo/site: failed: "));
  EXPECT_THAT(result.err, HasSubstr(answer.said));
  EXPECT_FALSE(std::filesystem::exists(vault() / "repos"));
  EXPECT_EQ(temporary_files(), 0U);
}

sim::Fault on(sim::GitCommand command, sim::FaultAction action) {
  return {.match = {.git_command = command}, .action = std::move(action), .times = sim::Fault::kForever};
}

const sim::Fault kNoLsRefs = on(sim::GitCommand::ls_refs, sim::EmptyBody{});

INSTANTIATE_TEST_SUITE_P(
    Answers, GitServer,
    testing::Values(
        Answer{"no answer to ls-refs", {kNoLsRefs}, "the git server's answer to ls-refs is empty"},
        Answer{"protocol version 0",
               {kNoLsRefs, on(sim::GitCommand::info_refs,
                              sim::Respond{.status = 200, .body = "001e# service=git-upload-pack\n0000"})},
               "does not speak protocol version 2, which hubkeep needs"},
        Answer{"no capabilities",
               {kNoLsRefs, on(sim::GitCommand::info_refs, sim::Respond{.status = 200, .body = "0000"})},
               "the server's capability advertisement is empty"},
        Answer{"an object format of the future",
               {kNoLsRefs,
                on(sim::GitCommand::info_refs,
                   sim::Respond{.status = 200, .body = "000eversion 2\n0016object-format=md5\n0000"})},
               "unknown object format: object-format=md5"},
        Answer{
            "no git at all",
            {on(sim::GitCommand::ls_refs, sim::Respond{.status = 200, .body = "<html>maintenance</html>"})},
            "is not git's protocol"},
        Answer{"refs cut short", {on(sim::GitCommand::ls_refs, sim::CutBeforeFlush{})}, "cut short"},
        Answer{"no pack", {on(sim::GitCommand::fetch, sim::EmptyBody{})}, "answer to fetch is empty"},
        Answer{"an end inside of a packet",
               {on(sim::GitCommand::fetch, sim::EndAfter{700})},
               "ends inside a packet"},
        Answer{"not found",
               {on(sim::GitCommand::ls_refs, sim::Respond{.status = 404})},
               "a fine-grained token needs the permission Contents: read"},
        Answer{"the token refused",
               {on(sim::GitCommand::ls_refs, sim::Respond{.status = 401})},
               "refused the token from TOKEN_GITHUB for git"},
        Answer{"a token wanted",
               {on(sim::GitCommand::ls_refs, sim::Respond{.status = 401})},
               "asks for a token and none is set: set TOKEN_GITHUB",
               false},
        Answer{
            "slower", {on(sim::GitCommand::ls_refs, sim::Respond{.status = 429})}, "asks to slow down (429)"},
        Answer{"an odd status",
               {on(sim::GitCommand::ls_refs, sim::Respond{.status = 418, .body = "a teapot"})},
               "answered with HTTP status 418: a teapot"}));

}  // namespace
}  // namespace hubkeep
