// Answers and objects without end: a run says which it was, keeps the vault as it was, and takes no more
// memory than it may, which the system holds it to.

#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "base/zstd.h"
#include "e2e/end_to_end.h"
#include "git/pkt_line.h"
#include "s3/fake_s3.h"
#include "s3/meddler.h"
#include "s3/radosgw.h"
#include "sim/http_server.h"
#include "vault/sealed_lines.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// Of address space, for `ulimit -v`: the buffers of one job, the program's libraries, and the largest answer
// that is kept. Sanitizers reserve terabytes.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr const char* kMemory = "unlimited";
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr const char* kMemory = "unlimited";
#else
constexpr const char* kMemory = "786432";
#endif
#else
constexpr const char* kMemory = "786432";
#endif

const std::string kCommit(40, 'a');

// `piece` again and again, `times` times; then the connection is cut.
sim::BodySource again(std::string head, std::string piece, int times) {
  return [head = std::move(head), piece = std::move(piece), times]() mutable {
    if (!head.empty()) return std::exchange(head, {});
    if (times-- == 0) throw sim::ConnectionCut();
    return piece;
  };
}

std::string repeated(std::string_view text, std::size_t size) {
  std::string all;
  all.reserve(size + text.size());
  while (all.size() < size) all += text;
  return all;
}

constexpr std::size_t kPiece = std::size_t{1} << 20;
constexpr int kMany = 4'000;  // of kPiece: nobody waits for the end of that

class Bounds : public EndToEnd {
 protected:
  Bounds() : server_({}, [this](const sim::HttpRequest& request) { return answer(request); }) {}

  std::string origin() const { return fmt::format("http://127.0.0.1:{}", server_.port()); }

  /// The program, held to so much memory. Whatever it says.
  sim::RunResult held(const std::string& arguments, sim::Environment environment = {}) {
    environment.emplace("TOKEN_GITHUB", "ghp_x");
    environment.emplace("HUBKEEP_RETRIES", "0");
    return shell(fmt::format("ulimit -v {} && exec hubkeep {}", kMemory, arguments), std::move(environment));
  }
  sim::RunResult held_backup(const std::string& more = "") {
    return held(fmt::format("backup --jobs 1 --memory 16MiB --repo octo/site --api-url {}/api/v3 --to {} {}",
                            origin(), vault().string(), more));
  }
  /// Of a repository whose git server answers as git_ says.
  void expect_nothing_saved(const sim::RunResult& result, const std::string& why) const {
    EXPECT_THAT(result.err,
                AllOf(HasSubstr(why), Not(HasSubstr("out of memory")), Not(HasSubstr("bad_alloc"))));
    EXPECT_NE(result.exit_code, 0);
    EXPECT_LT(result.exit_code, 100) << "it was killed: " << result.err;
    EXPECT_FALSE(fs::exists(vault() / "repos")) << "something was saved";
    EXPECT_EQ(temporary_files(), 0U);
  }

  std::function<sim::HttpResponse(const sim::HttpRequest&)> api_;
  std::function<sim::BodySource(const std::string& command)> git_ = [](const std::string&) {
    return sim::source_of("0000");
  };

 private:
  sim::HttpResponse answer(const sim::HttpRequest& request) {
    if (request.path == "/octo/site.git/git-upload-pack") {
      const bool lists = request.body.find("command=ls-refs") != std::string::npos;
      return {.headers = {{"Content-Type", "application/x-git-upload-pack-result"}},
              .stream = git_(lists ? "list" : "fetch")};
    }
    if (api_) return api_(request);
    if (request.path != "/api/v3/repos/octo/site")
      return {.status = 404, .headers = {{"Content-Type", "application/json"}}, .body = "{}"};
    return {.headers = {{"Content-Type", "application/json"}}, .body = repository().dump()};
  }
  nlohmann::json repository() const {
    return {{"id", 1},
            {"node_id", "R_1"},
            {"name", "site"},
            {"full_name", "octo/site"},
            {"owner", {{"login", "octo"}, {"id", 2}}},
            {"private", true},
            {"visibility", "private"},
            {"default_branch", "main"},
            {"pushed_at", "2020-01-01T00:00:00Z"},
            {"size", 1},
            {"clone_url", origin() + "/octo/site.git"}};
  }

  sim::HttpServer server_;
};

std::string one_ref() {
  return pkt_line(kCommit + " HEAD symref-target:refs/heads/main\n") +
         pkt_line(kCommit + " refs/heads/main\n") + "0000";
}

std::string band(char number, std::string_view text) {
  return pkt_line(std::string(1, number) + std::string(text));
}

// PACK, version 2, and as many objects as can be said.
std::string pack_head() {
  return pkt_line("packfile\n") + band(1, std::string("PACK\0\0\0\2\xff\xff\xff\xff", 12));
}

TEST_F(Bounds, AListOfRefsWithoutEnd) {
  git_ = [](const std::string&) {
    const std::string line = pkt_line(kCommit + " refs/pull/" + std::string(60'000, '1') + "/merge\n");
    return again("", repeated(line, kPiece), kMany);
  };

  expect_nothing_saved(held_backup(),
                       "the server's list of refs has more than 64.0 MiB: if so many are right, "
                       "raise --memory, which sets this limit");
}

TEST_F(Bounds, APageOfTheApiWithoutEnd) {
  api_ = [](const sim::HttpRequest&) {
    return sim::HttpResponse{.headers = {{"Content-Type", "application/json"}},
                             .stream = again("[", repeated("[],", kPiece), kMany)};
  };

  expect_nothing_saved(held_backup(),
                       "/api/v3/repos/octo/site has more than 8.0 MiB, which is the most that is "
                       "read of it");
}

// The parser would take seven hundred megabytes for its eight.
TEST_F(Bounds, APageOfTheApiThatIsNestedWithoutEnd) {
  api_ = [](const sim::HttpRequest&) {
    return sim::HttpResponse{.headers = {{"Content-Type", "application/json"}},
                             .body = std::string(8'000'000, '[')};
  };

  expect_nothing_saved(held_backup(), "JSON that is nested too deep");
}

TEST_F(Bounds, ProgressWithoutEnd) {
  git_ = [](const std::string& command) {
    if (command == "list") return sim::source_of(one_ref());
    return again(pkt_line("packfile\n"), repeated(band(2, "Counting objects: 1\r"), kPiece), kMany);
  };

  expect_nothing_saved(held_backup(), "the server sent 16.0 MiB beside the pack, which has 0 bytes so far");
}

TEST_F(Bounds, ASectionBeforeThePackWithoutEnd) {
  git_ = [](const std::string& command) {
    if (command == "list") return sim::source_of(one_ref());
    return again(pkt_line("acknowledgments\n"), repeated(pkt_line("ACK " + kCommit + "\n"), kPiece), kMany);
  };

  expect_nothing_saved(held_backup(), "the server sent 16.0 MiB beside the pack, which has 0 bytes so far");
}

// Blobs of nothing: each ten bytes. No pack is too large by itself, but the server gives up.
TEST_F(Bounds, APackOfObjectsWithoutEnd) {
  git_ = [](const std::string& command) {
    if (command == "list") return sim::source_of(one_ref());
    const std::string blob("\x30\x78\x9c\x03\0\0\0\0\1", 9);
    return again(pack_head(), repeated(band(1, repeated(blob, 60'000)), kPiece), 200);
  };

  expect_nothing_saved(held_backup(), "the connection");
}

// A stored block of zlib after the other, of an object that says it has 2^46 bytes.
TEST_F(Bounds, AnObjectWithoutEnd) {
  git_ = [](const std::string& command) {
    if (command == "list") return sim::source_of(one_ref());
    const std::string head =
        pack_head() + band(1, std::string("\xb0\x80\x80\x80\x80\x80\x80\x01\x78\x01", 10));
    const std::string block = std::string("\0\xff\x7f\0\x80", 5) + std::string(0x7fff, 'x');
    return again(head, repeated(band(1, block), kPiece), 200);
  };

  expect_nothing_saved(held_backup(), "the connection");
}

class BoundsOfVault : public Bounds {
 protected:
  BoundsOfVault() {
    site_ = add_filled("site");
    EXPECT_EQ(EndToEnd::backup().exit_code, 0);
  }
  void put(const fs::path& file, std::string_view bytes) const {
    std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
  }

  sim::RepositoryId site_ = 0;
};

// A megabyte of it would be six hundred.
TEST_F(BoundsOfVault, ACatalogWithoutEndIsMadeAgain) {
  put(vault() / "catalog.jsonl.zst", seal(zstd_compress(std::string(600 << 20, 'x'))));

  const auto result = held("backup --jobs 1 --api-url " + github_.api_url() + " --to " + vault().string(),
                           {{"TOKEN_GITHUB", token_}});

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err,
              HasSubstr("the catalog is damaged (catalog: a line is longer than 16.0 MiB, the most that "
                        "is read): it is made again from the snapshots"));
  EXPECT_THAT(held("list --from " + vault().string()).out, HasSubstr("octo/site"));
}

TEST_F(BoundsOfVault, ACatalogThatIsTooLargeIsNamed) {
  fs::resize_file(vault() / "catalog.jsonl.zst", std::uintmax_t{8} << 30);

  for (const std::string& command :
       {"backup --jobs 1 --api-url " + github_.api_url() + " --to ", std::string("list --from ")}) {
    const auto result = held(command + vault().string(), {{"TOKEN_GITHUB", token_}});

    EXPECT_EQ(result.exit_code, 1) << result.err;
    EXPECT_THAT(result.err,
                HasSubstr("catalog.jsonl.zst has more than 256.0 MiB, which is the most that is read of it"));
  }
}

TEST_F(BoundsOfVault, AManifestWithoutEndIsNamedAndNothingIsRestored) {
  const auto id = snapshots_of(folder_of(site_)).front();
  put(folder_of(site_) / "snapshots" / (id + ".json.zst"),
      zstd_compress("{\"a\": \"" + std::string(600 << 20, 'x')));

  const auto result = held(fmt::format("restore octo/site back --from {}", vault().string()));

  EXPECT_NE(result.exit_code, 0);
  EXPECT_LT(result.exit_code, 100) << result.err;
  EXPECT_FALSE(fs::exists(scratch_ / "back"));
}

TEST_F(BoundsOfVault, WhatIsRestoredOfAPrivateRepositoryIsItsOwnersAlone) {
  const auto hidden = add_repository("hidden", {.is_private = true});
  sim::make_repository_content(path_of(hidden), 1, 5, 5);
  pushed(hidden);
  ASSERT_EQ(EndToEnd::backup().exit_code, 0);
  const auto mode_of = [&](const fs::path& path) {
    struct stat status{};
    EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
    return status.st_mode & 0777U;
  };

  ASSERT_EQ(shell("umask 022 && hubkeep restore octo/site open --from vault").exit_code, 0);
  ASSERT_EQ(shell("umask 022 && hubkeep restore octo/hidden hidden --from vault").exit_code, 0);

  EXPECT_EQ(mode_of(scratch_ / "open"), 0755U);
  EXPECT_EQ(mode_of(scratch_ / "hidden"), 0700U);
  for (const auto& entry : fs::recursive_directory_iterator(vault()))
    EXPECT_EQ(mode_of(entry.path()), entry.is_directory() ? 0700U : 0600U) << entry.path();
}

// Nobody writes to it, and the run begins all the same, or says why not.
TEST_F(BoundsOfVault, ANamedPipeInTheFolderHoldsNothingUp) {
  for (const char* name : {".env", "hubkeep.toml"}) {
    ASSERT_EQ(::mkfifo((scratch_ / name).c_str(), 0600), 0);

    const auto result = held("list --from vault");

    EXPECT_EQ(result.exit_code, 2) << result.err;
    EXPECT_THAT(result.err,
                HasSubstr(fmt::format("{} in the current folder is a named pipe, not a file: move it away, "
                                      "or start hubkeep elsewhere",
                                      name)));
    fs::remove(scratch_ / name);
  }
}

TEST_F(BoundsOfVault, ATokenMayComeThroughAPipe) {
  const auto result = shell(fmt::format(
      "bash -c 'hubkeep backup --api-url {} --to vault --token-file <(echo {})'", github_.api_url(), token_));

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, Not(HasSubstr("chmod")));
}

TEST_F(BoundsOfVault, ATokenThatOthersMayReadIsTold) {
  put(scratch_ / "token", token_);
  put(scratch_ / ".env", "TOKEN_GITHUB=" + token_ + "\n");
  const std::string run = "hubkeep backup --api-url " + github_.api_url() + " --to vault";
  for (const auto& [file, flags] : std::map<std::string, std::string>{{"./token", " --token-file ./token"},
                                                                      {".env", " --trust-folder"}}) {
    ASSERT_EQ(::chmod((scratch_ / ".env").c_str(), file == ".env" ? 0644 : 0600), 0);
    ASSERT_EQ(::chmod((scratch_ / "token").c_str(), 0640), 0);
    const std::string notice =
        file + " holds a secret, and others on this machine may read it: chmod 600 " + file;

    const auto told = shell(run + flags);
    ASSERT_EQ(::chmod((scratch_ / file).c_str(), 0600), 0);
    const auto silent = shell(run + flags);

    EXPECT_EQ(told.exit_code, 0) << told.err;
    const auto first = told.err.find(notice);
    EXPECT_NE(first, std::string::npos) << told.err;
    EXPECT_EQ(told.err.find(notice, first + 1), std::string::npos) << told.err;
    EXPECT_THAT(silent.err, Not(HasSubstr("chmod"))) << file;
  }
}

class BoundsOfBucket : public Bounds {
 protected:
  sim::RunResult list() {
    return held("list --from s3://bucket/p", {{"AWS_ACCESS_KEY_ID", Radosgw::kAccessKey},
                                              {"AWS_SECRET_ACCESS_KEY", Radosgw::kSecretKey},
                                              {"AWS_ENDPOINT_URL_S3", meddler_.endpoint()},
                                              {"AWS_REGION", "us-east-1"},
                                              {"AWS_EC2_METADATA_DISABLED", "true"}});
  }
  void answer_lists(const std::function<sim::HttpResponse()>& answer) {
    meddler_.meddle(
        "list-type=2", [answer](const sim::HttpRequest&, const S3Backend&) { return answer(); }, 100'000);
  }
  static sim::HttpResponse xml(std::string body) {
    return {.headers = {{"Content-Type", "application/xml"}, {"x-amz-request-id", "1"}},
            .body = std::move(body)};
  }
  static sim::HttpResponse page(const std::string& contents, const std::string& token) {
    return xml(
        "<?xml version=\"1.0\"?><ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>" +
        token + "</NextContinuationToken>" + contents + "</ListBucketResult>");
  }

  FakeS3 fake_;
  Meddler meddler_{[this](const sim::HttpRequest& request) { return fake_.handle(request); }};
};

TEST_F(BoundsOfBucket, AListWithoutEnd) {
  answer_lists([] {
    return sim::HttpResponse{
        .headers = {{"Content-Type", "application/xml"}},
        .stream = again("<?xml version=\"1.0\"?><ListBucketResult>", repeated("<a/>", kPiece), kMany)};
  });

  const auto result = list();

  EXPECT_EQ(result.exit_code, 1) << result.err;
  EXPECT_THAT(result.err, HasSubstr("has more than 8.0 MiB, which is the most that is read of it"));
}

TEST_F(BoundsOfBucket, AListThatIsNestedWithoutEnd) {
  answer_lists([] { return xml("<?xml version=\"1.0\"?><ListBucketResult>" + repeated("<a>", 8'000'000)); });

  const auto result = list();

  EXPECT_EQ(result.exit_code, 1) << result.err;
  EXPECT_THAT(result.err, HasSubstr("the server's answer is not a complete ListBucketResult"));
}

TEST_F(BoundsOfBucket, AListThatComesAgain) {
  const std::string other = "<CommonPrefixes><Prefix>p/other/</Prefix></CommonPrefixes>";
  int pages = 0;
  answer_lists([&] {
    ++pages;
    return page(pages % 2 == 0 ? "" : other, std::to_string(pages));
  });

  const auto result = list();

  EXPECT_EQ(result.exit_code, 1) << result.err;
  EXPECT_THAT(result.err, HasSubstr("s3:ListBucket: the server's list does not go on, but comes again"));
}

TEST_F(BoundsOfBucket, AListOfEmptyPages) {
  int pages = 0;
  answer_lists([&] { return page("", std::to_string(++pages)); });

  const auto result = list();

  EXPECT_EQ(result.exit_code, 1) << result.err;
  EXPECT_THAT(result.err,
              HasSubstr("s3:ListBucket: the server's list goes on and on with pages that hold nothing"));
  EXPECT_EQ(pages, 101);
}

}  // namespace
}  // namespace hubkeep
