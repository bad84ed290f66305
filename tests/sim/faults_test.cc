#include <gmock/gmock.h>

#include <algorithm>
#include <future>
#include <thread>

#include "sim/body_filters.h"
#include "sim/git_request.h"
#include "sim/sim_fixture.h"

namespace hubkeep::sim {

namespace {

using FaultsTest = SimTest;

FaultMatch on(GitCommand command) {
  FaultMatch out;
  out.git_command = command;
  return out;
}

FaultMatch on_path(const std::string& path) {
  FaultMatch out;
  out.path = path;
  return out;
}

}  // namespace

TEST_F(FaultsTest, AnswerInTheServersPlaceForAWhile) {
  github.faults().add(on_path("/user$|/user\\?"), Respond{503, {{"Retry-After", "7"}}, "down"}, 1, 1);

  int before = api_get_as_acme("/user").status;
  ClientResponse hit = api_get_as_acme("/user");
  int after = api_get_as_acme("/user").status;

  EXPECT_EQ(before, 200);
  EXPECT_EQ(hit.status, 503);
  EXPECT_EQ(hit.header("Retry-After"), "7");
  EXPECT_EQ(hit.body, "down");
  EXPECT_EQ(after, 200);
  EXPECT_EQ(github.faults().applied(), 1U);
}

TEST_F(FaultsTest, CloseTheConnectionWithoutAnAnswer) {
  github.faults().add(on_path("/user"), CloseBeforeAnswer{});

  EXPECT_EQ(api_get_as_acme("/user").status, 0);
  EXPECT_EQ(api_get_as_acme("/user").status, 200);
}

TEST_F(FaultsTest, BreakAPackOff) {
  RepositoryId id = add_filled("site");
  github.faults().add(on(GitCommand::fetch), CutAfter{100});

  ClientResponse broken = git_post(id, fetch_body(tip_of(id)));
  RunResult clone =
      run({"git", "clone", "--quiet", "--mirror", github.clone_url(id), (folder / "copy").string()});

  EXPECT_EQ(broken.status, 0);
  EXPECT_EQ(clone.exit_code, 0) << clone.err;
}

TEST_F(FaultsTest, EndAPackEarlyAsIfItWereWhole) {
  RepositoryId id = add_filled("site");
  github.faults().add(on(GitCommand::fetch), EndAfter{100});

  ClientResponse ended = git_post(id, fetch_body(tip_of(id)));

  EXPECT_EQ(ended.status, 200);
  EXPECT_EQ(ended.body.size(), 100U);
  EXPECT_EQ(github.log().back().response_bytes, 100U);
}

TEST_F(FaultsTest, BreakAPackAfterSoManyOfItsBytes) {
  RepositoryId id = add_filled("site");
  github.faults().add(on(GitCommand::fetch), CutPackAfter{100});

  ClientResponse broken = git_post(id, fetch_body(tip_of(id)));
  ClientResponse whole = git_post(id, fetch_body(tip_of(id)));

  EXPECT_EQ(broken.status, 0);
  EXPECT_EQ(github.log()[0].pack_bytes, 100U);
  EXPECT_EQ(github.log()[0].response_bytes, whole.body.find("PACK") + 100);
}

TEST(PackMeter, CountsHoweverTheAnswerIsCut) {
  const std::string answer = pack_answer({packet("shallow-info\n")}, std::string(100'000, 'x'));
  for (const std::size_t size : {1U, 7U, 65'536U}) {
    PackMeter meter;
    for (std::size_t i = 0; i < answer.size(); i += size) meter.pass(answer.substr(i, size));
    EXPECT_EQ(meter.pack_bytes(), 100'000U) << size;
  }
}

TEST_F(FaultsTest, BreakOnePackOfManyWhenAllTogetherHaveBroughtSoMuch) {
  RepositoryId id = add_filled("site");
  const std::string body = fetch_body(tip_of(id));
  git_post(id, body);
  const std::uint64_t size = github.log().back().pack_bytes;
  github.clear_log();
  github.faults().add(on(GitCommand::fetch), CutPacksAt{size + 100}, Fault::kForever);

  const int statuses[] = {git_post(id, body).status, git_post(id, body).status, git_post(id, body).status};

  EXPECT_THAT(statuses, testing::ElementsAre(200, 0, 200));
  EXPECT_EQ(github.log()[1].pack_bytes, 100U);
}

TEST_F(FaultsTest, HoldAllPacksWhenTheyHaveBroughtSoMuch) {
  RepositoryId id = add_filled("site");
  github.faults().add(on(GitCommand::fetch), HoldPacksAt{100}, Fault::kForever);
  const std::string body = fetch_body(tip_of(id));
  const auto fetched = [&] { return git_post(id, body).status; };

  std::future<int> first = std::async(std::launch::async, fetched);
  while (github.log().empty() || github.log().back().pack_bytes < 100) std::this_thread::yield();
  std::future<int> second = std::async(std::launch::async, fetched);
  while (github.log().size() < 2 || github.log().back().response_bytes == 0) std::this_thread::yield();
  github.faults().clear();

  EXPECT_EQ(first.get(), 0);
  EXPECT_EQ(second.get(), 0);
  EXPECT_EQ(github.log()[0].pack_bytes + github.log()[1].pack_bytes, 100U);
  EXPECT_EQ(fetched(), 200);
}

TEST_F(FaultsTest, TellAQuestionFromAFetch) {
  RepositoryId id = add_filled("site");
  FaultMatch packs = on(GitCommand::fetch);
  packs.is_question = false;
  github.faults().add(packs, Respond{503});

  const int question = git_post(id, fetch_body(tip_of(id), {"deepen 1", "filter tree:0"})).status;
  const int fetch = git_post(id, fetch_body(tip_of(id))).status;

  EXPECT_EQ(question, 200);
  EXPECT_EQ(fetch, 503);
}

TEST_F(FaultsTest, LeaveTheFlushOut) {
  RepositoryId id = add_filled("site");
  std::string whole = git_post(id, ls_refs_body()).body;
  github.faults().add(on(GitCommand::ls_refs), CutBeforeFlush{});

  EXPECT_EQ(git_post(id, ls_refs_body()).body + "0000", whole);
}

TEST_F(FaultsTest, PutErrorsIntoGitsOwnProtocol) {
  RepositoryId id = add_filled("site");
  github.faults().add(on(GitCommand::ls_refs), ErrorLine{"upload-pack: no"});
  github.faults().add(on(GitCommand::fetch), FatalBand{"out of memory", 50});
  github.faults().add(on(GitCommand::fetch), EmptyBody{}, 1, 1);

  EXPECT_EQ(git_post(id, ls_refs_body()).body, "0017ERR upload-pack: no");
  std::string fatal = git_post(id, fetch_body(tip_of(id))).body;
  EXPECT_TRUE(fatal.ends_with("0013\x03out of memory\n")) << fatal;
  ClientResponse empty = git_post(id, fetch_body(tip_of(id)));
  EXPECT_EQ(empty.status, 200);
  EXPECT_EQ(empty.body, "");
}

TEST_F(FaultsTest, AnswerAFetchWithAPackOfTheTest) {
  const RepositoryId id = add_filled("site");
  const RepositoryId other = add_filled("other");
  const std::string tip = tip_of(id);
  FetchedObjects asked;
  const auto answer = [&](const std::string& body) {
    asked = fetch_in(body);
    return FetchAnswer{.pack = run_checked({"git", "-C", world.repository(other).path.string(),
                                            "pack-objects", "--all", "--stdout", "-q"})
                                   .out};
  };
  github.faults().add(on(GitCommand::fetch), AnswerFetchWith{answer});

  const RunResult clone =
      run({"git", "clone", "--quiet", "--bare", github.clone_url(id), (folder / "copy").string()});

  EXPECT_EQ(clone.exit_code, 0) << clone.err;  // the same content under another name
  EXPECT_EQ(git(folder / "copy", {"rev-parse", "refs/heads/main"}), tip);
  EXPECT_NE(std::find(asked.wants.begin(), asked.wants.end(), tip), asked.wants.end());
  EXPECT_TRUE(asked.haves.empty());
}

TEST_F(FaultsTest, AnswerAFetchInPacketsOfFullSizeAfterOtherSections) {
  const RepositoryId id = add_filled("site");
  const std::string shallow = packet("shallow-info\n") + packet("shallow " + tip_of(id));
  github.faults().add(on(GitCommand::fetch),
                      AnswerFetchWith::always({.pack = std::string(100'000, 'p'), .sections = {shallow}}));

  const std::string body = git_post(id, fetch_body(tip_of(id))).body;

  EXPECT_EQ(body, shallow + "0001" + packet("packfile\n") + packet("\x01" + std::string(65'515, 'p')) +
                      packet("\x01" + std::string(100'000 - 65'515, 'p')) + "0000");
}

TEST_F(FaultsTest, DamageThePackButNotItsFraming) {
  RepositoryId id = add_filled("site");
  auto clone = [&](const char* name) {
    return run({"git", "clone", "--quiet", "--mirror", github.clone_url(id), (folder / name).string()});
  };
  github.faults().add(on(GitCommand::fetch), WrongTrailer{});
  github.faults().add(on(GitCommand::fetch), FlipPackBit{40, 3}, 1, 1);

  RunResult trailer = clone("trailer");
  RunResult bit = clone("bit");
  RunResult whole = clone("whole");

  EXPECT_NE(trailer.exit_code, 0);
  EXPECT_NE(bit.exit_code, 0);
  EXPECT_EQ(github.faults().applied(), 2U);
  EXPECT_EQ(whole.exit_code, 0) << whole.err;
}

TEST_F(FaultsTest, RedirectElsewhere) {
  github.faults().add(on_path("/user"), RedirectTo{302, "http://127.0.0.1:9/elsewhere"});

  ClientResponse response = api_get_as_acme("/user");

  EXPECT_EQ(response.status, 302);
  EXPECT_EQ(response.header("Location"), "http://127.0.0.1:9/elsewhere");
}

TEST_F(FaultsTest, HoldRequestsUntilAllHaveCome) {
  github.faults().add(on_path("/users/"), Barrier{"three", 3}, Fault::kForever);
  world.add_user("a");
  auto ask = [&] { return api_get("/users/a").status; };
  auto first = std::async(std::launch::async, ask);
  auto second = std::async(std::launch::async, ask);
  EXPECT_EQ(first.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);

  EXPECT_EQ(ask(), 200);
  EXPECT_EQ(first.get(), 200);
  EXPECT_EQ(second.get(), 200);
}

TEST_F(FaultsTest, RunAHookBetweenTwoRequests) {
  RepositoryId id = add_filled("site");
  std::string old_tip = tip_of(id);
  github.faults().add(on(GitCommand::fetch), Hook{[&] {
                        git(world.repository(id).path, {"update-ref", "refs/heads/main", old_tip + "~1"});
                      }});

  git_post(id, ls_refs_body());
  git_post(id, fetch_body(old_tip));

  EXPECT_NE(tip_of(id), old_tip);
}

TEST_F(FaultsTest, DripSlowly) {
  github.faults().add(on_path("/user"), Drip{20'000});
  auto begin = std::chrono::steady_clock::now();

  ClientResponse response = api_get_as_acme("/user");

  EXPECT_EQ(response.status, 200);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(50));
}

TEST_F(FaultsTest, DoNotOutliveTheServer) {
  github.faults().add(on_path("/user"), Delay{std::chrono::minutes(10)});
  auto waiting = std::async(std::launch::async, [&] { return api_get_as_acme("/user").status; });
  while (github.log().empty()) std::this_thread::yield();

  github.stop();

  waiting.get();
  github.start();
  EXPECT_EQ(api_get_as_acme("/user").status, 200);
}

TEST_F(FaultsTest, EmptyAListAndLeaveItsLinks) {
  for (int i = 0; i < 3; ++i) world.add_repository("acme", "r" + std::to_string(i));
  github.faults().add(on_path("page=2"), EmptyList{});

  ClientResponse empty = api_get_as_acme("/user/repos?per_page=1&page=2");
  ClientResponse real = api_get_as_acme("/user/repos?per_page=1&page=2");

  EXPECT_EQ(empty.body, "[]");
  EXPECT_NE(empty.header("Link").find("rel=\"next\""), std::string::npos);
  EXPECT_NE(real.body, "[]");
}

TEST_F(FaultsTest, TakeAHeaderAwayOrPutOneThere) {
  for (int i = 0; i < 2; ++i) world.add_repository("acme", "r" + std::to_string(i));
  github.faults().add(on_path("/user/repos"), WithoutHeader{"link"});
  github.faults().add(on_path("/user/repos"), WithHeader{"ETag", "mine"});

  ClientResponse spoilt = api_get_as_acme("/user/repos?per_page=1");

  EXPECT_EQ(spoilt.header("Link"), "");
  EXPECT_EQ(spoilt.header("ETag"), "mine");
  EXPECT_NE(api_get_as_acme("/user/repos?per_page=1").header("Link"), "");
}

TEST_F(FaultsTest, SendTheFirstPageForEverAndEver) {
  for (int i = 0; i < 2; ++i) world.add_repository("acme", "r" + std::to_string(i));
  github.faults().add(on_path("/user/repos"), PagesWithoutEnd{}, Fault::kForever);

  ClientResponse first = api_get_as_acme("/user/repos?per_page=1");
  ClientResponse ninth = api_get_as_acme("/user/repos?per_page=1&page=9");

  EXPECT_EQ(first.header("Link"), "</api/v3/user/repos?per_page=1&page=2>; rel=\"next\"");
  EXPECT_EQ(ninth.header("Link"), "</api/v3/user/repos?per_page=1&page=10>; rel=\"next\"");
  EXPECT_EQ(first.body, ninth.body);
}

}  // namespace hubkeep::sim
