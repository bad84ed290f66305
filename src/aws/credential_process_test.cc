#include "aws/credential_process.h"

#include "aws/aws_fixture.h"

namespace hubkeep {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(SplitCommand, SplitsAsAShellWithoutExpansion) {
  EXPECT_THAT(split_command("a  b\tc"), ElementsAre("a", "b", "c"));
  EXPECT_THAT(split_command(R"("/opt/my tool/x" --user 'a "b"' '' d\ e)"),
              ElementsAre("/opt/my tool/x", "--user", "a \"b\"", "", "d e"));
  EXPECT_THAT(split_command(R"(a"b c"d "\"\\\n" $HOME *)"), ElementsAre("ab cd", "\"\\\\n", "$HOME", "*"));
}

TEST(SplitCommand, RefusesWhatIsNoCommand) {
  EXPECT_THROW(split_command(""), Error);
  EXPECT_THROW(split_command("  "), Error);
  EXPECT_THROW(split_command("a 'b"), Error);
  EXPECT_THROW(split_command("a \"b"), Error);
}

struct CredentialProcessTest : AwsFixture {
  // The command that runs `script` with the shell.
  std::string command(const std::string& script) { return "/bin/sh " + write("script.sh", script); }
};

TEST_F(CredentialProcessTest, ReadsWhatTheProgramPrints) {
  const auto credentials = process_credentials(
      command(
          R"(echo noise >&2; echo '{"Version":1,"AccessKeyId":"ID","SecretAccessKey":"S","SessionToken":"T",)"
          R"("Expiration":"2026-11-23T18:45:01Z"}')"),
      {});

  EXPECT_EQ(credentials.access_key_id, "ID");
  EXPECT_EQ(credentials.secret_access_key.reveal(), "S");
  EXPECT_EQ(credentials.session_token.reveal(), "T");
  EXPECT_EQ(credentials.expires_at, parse_time("20261123T184501Z"));
}

TEST_F(CredentialProcessTest, ShowsWhyTheProgramFailed) {
  const auto error = error_of(
      [&] { process_credentials(command("echo hunter2; echo 'please \033[1mlog in' >&2; exit 3"), {}); });

  EXPECT_EQ(error.kind(), ErrorKind::unauthorized);
  EXPECT_THAT(error.message(), HasSubstr("ended with 3: please \\x1b[1mlog in"));
  EXPECT_THAT(error.message(), Not(HasSubstr("hunter2")));
}

TEST_F(CredentialProcessTest, RefusesOtherVersionsAndOtherOutput) {
  for (const char* output : {R"({"Version":2,"AccessKeyId":"ID","SecretAccessKey":"S"})",
                             R"({"AccessKeyId":"ID","SecretAccessKey":"S"})", "hello", ""}) {
    const auto script = command(std::string("cat <<'END'\n") + output + "\nEND\n");

    EXPECT_EQ(error_of([&] { process_credentials(script, {}); }).kind(), ErrorKind::corrupt) << output;
  }
}

TEST_F(CredentialProcessTest, NamesAProgramThatDoesNotExist) {
  const auto error = error_of([&] { process_credentials("hubkeep-no-such-program --x", {}); });

  EXPECT_EQ(error.kind(), ErrorKind::not_found);
  EXPECT_THAT(error.message(), HasSubstr("hubkeep-no-such-program"));
}

TEST_F(CredentialProcessTest, EndsAProgramThatWritesWithoutEnd) {
  const auto error = error_of([&] { process_credentials("yes", {}); });

  EXPECT_EQ(error.kind(), ErrorKind::internal);
  EXPECT_EQ(error.message(), "credential_process: yes wrote more than 1.0 MiB: it was ended");
}

TEST_F(CredentialProcessTest, RefusesJsonThatIsNestedTooDeep) {
  const auto script = command("printf '%100000s' '' | tr ' ' '['\n");

  const auto error = error_of([&] { process_credentials(script, {}); });

  EXPECT_EQ(error.message(), "credential_process gave no JSON object");
}

TEST_F(CredentialProcessTest, EndsTheProgramWhenStopped) {
  std::stop_source stop;
  stop.request_stop();

  EXPECT_EQ(error_of([&] { process_credentials("sleep 600", stop.get_token()); }).kind(),
            ErrorKind::cancelled);
}

}  // namespace
}  // namespace hubkeep
