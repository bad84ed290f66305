// hubkeep doctor: what it says of folders and buckets of every kind, and that
// nothing of it stays.

#include <gmock/gmock.h>
#include <signal.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "e2e/bucket_vault.h"
#include "e2e/file_faults.h"
#include "s3/fake_s3.h"
#include "s3/meddler.h"
#include "s3/radosgw.h"
#include "s3/server_kinds.h"
#include "s3/swift.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::Not;
using testing::SizeIs;

using Json = nlohmann::ordered_json;

constexpr int kAlways = 100'000;

/// Of a thing: "ok", "does_without", …
using Verdicts = std::map<std::string, std::string>;

Verdicts verdicts_of(const sim::RunResult& result) {
  Verdicts verdicts;
  const Json json = Json::parse(result.out);
  for (const Json& finding : json.at("store").at("findings"))
    verdicts.emplace(finding.at("thing"), finding.at("verdict"));
  return verdicts;
}

std::string text_of(const sim::RunResult& result, const std::string& thing) {
  const Json json = Json::parse(result.out);
  for (const Json& finding : json.at("store").at("findings"))
    if (finding.at("thing") == thing) return finding.at("text");
  return "nothing is said of it";
}

std::vector<std::string> left_behind(const sim::RunResult& result) {
  return Json::parse(result.out).at("store").at("left_behind").get<std::vector<std::string>>();
}

void expect_eighty_columns(const std::string& text) {
  for (const std::string_view line : split(text, '\n')) EXPECT_LE(line.size(), 80U) << line;
}

/// Every file below a folder, with its content.
std::map<std::string, std::string> files_below(const fs::path& folder) {
  std::map<std::string, std::string> files;
  if (!fs::exists(folder)) return files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream stream(entry.path(), std::ios::binary);
    files.emplace(entry.path(), std::string{std::istreambuf_iterator<char>(stream), {}});
  }
  return files;
}

class FolderDoctor : public EndToEnd {
 protected:
  sim::RunResult doctor(std::vector<std::string> arguments = {}, sim::Environment environment = {}) {
    arguments.insert(arguments.begin(), {"doctor", "--to", vault().string()});
    return hubkeep(std::move(arguments), std::move(environment));
  }
  sim::RunResult doctor_lacking(const Lacking& lacking) {
    fs::create_directories(vault());
    return doctor({"--json"}, lacking_environment(vault(), scratch_ / "calls", lacking));
  }
};

TEST_F(FolderDoctor, FindsNothingMissingAndLeavesNothing) {
  const auto result = doctor();

  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  EXPECT_THAT(result.out, AllOf(HasSubstr("ok             rename without replacing\n"),
                                HasSubstr("ok             locks\n"), HasSubstr(" free\n"),
                                HasSubstr("\na vault can be kept in " + vault().string())));
  EXPECT_FALSE(fs::exists(vault()));
}

TEST_F(FolderDoctor, TouchesNothingOfAVaultThatIsThere) {
  add_filled("site");
  ASSERT_EQ(backup().exit_code, 0);
  const auto before = files_below(vault());

  const auto result = doctor();

  EXPECT_EQ(result.exit_code, 0) << result.out;
  EXPECT_THAT(result.out, Not(HasSubstr("it was not there")));
  EXPECT_EQ(files_below(vault()), before);
}

TEST_F(FolderDoctor, SaysWhatTheFileSystemLacksAndWhatStandsIn) {
  const auto result = doctor_lacking(
      {.calls = {{"rename-new", EINVAL}, {"link", EPERM}, {"lock", ENOLCK}, {"sync-folder", ENOTTY}},
       .type = "65735546"});  // FUSE

  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  const Verdicts expected = {{"rename without replacing", "does_without"},
                             {"hard links", "does_without"},
                             {"locks", "does_without"},
                             {"fsync of folders", "does_without"}};
  EXPECT_THAT(verdicts_of(result), IsSupersetOf(expected));
  EXPECT_THAT(text_of(result, "locks"), HasSubstr("by a file"));
  EXPECT_THAT(files_below(vault()), IsEmpty());
}

TEST_F(FolderDoctor, SaysWhatFailsInTheFileSystemsOwnWords) {
  struct Case {
    std::string operation;
    int error;
    std::string thing;
    std::string text;
  };
  for (const Case& c : {Case{"sync", EIO, "fsync of files", "the device reports an error"},
                        Case{"sync-folder", EIO, "fsync of folders", "the device reports an error"},
                        Case{"rename-new", EIO, "rename without replacing", "the device reports an error"},
                        Case{"link", EIO, "hard links", "the device reports an error"}}) {
    const auto result = doctor_lacking({.calls = {{c.operation, c.error}}});

    EXPECT_EQ(result.exit_code, 3) << c.operation;
    EXPECT_EQ(verdicts_of(result)[c.thing], "missing") << c.operation << result.out;
    EXPECT_THAT(text_of(result, c.thing), HasSubstr(c.text)) << c.operation;
    EXPECT_THAT(files_below(vault()), IsEmpty());
  }
}

TEST_F(FolderDoctor, SaysThatNothingCanBeWritten) {
  std::ofstream(vault()) << "a file in the way";

  const auto result = doctor();

  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.out, HasSubstr("MISSING        write to the folder: "));
  expect_eighty_columns(result.out);
  EXPECT_TRUE(fs::is_regular_file(vault()));
}

class BucketDoctor : public BucketVault {
 protected:
  sim::RunResult doctor_of(const std::string& endpoint, std::vector<std::string> arguments = {"--json"}) {
    arguments.insert(arguments.begin(), {"doctor", "--to", location(), "--retries", "1"});
    return hubkeep(std::move(arguments), environment(endpoint));
  }
  sim::RunResult doctor(std::vector<std::string> arguments = {"--json"}) {
    return doctor_of(server_.endpoint(), std::move(arguments));
  }
  /// The first request of that kind, and all that follow, are refused.
  void refuse_all(const std::string& what, int status, const std::string& code) {
    server_.meddle(what, refuse(status, code), kAlways);
  }
  void answer(const std::string& what, const std::string& xml) {
    server_.meddle(
        what, [xml](const sim::HttpRequest&, const S3Backend&) { return sim::HttpResponse{.body = xml}; },
        kAlways);
  }

  FakeS3 fake_;
  Meddler server_{[this](const sim::HttpRequest& request) { return fake_.handle(request); }};
};

TEST_F(BucketDoctor, SaysAllInEightyColumns) {
  const auto result = doctor({});

  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  EXPECT_THAT(result.out, AllOf(HasSubstr("ok             reach the server: " + server_.endpoint()),
                                HasSubstr("ok             write a large object: 5.0 MiB, and read back\n"),
                                HasSubstr("ok             If-None-Match\n"),
                                HasSubstr("ok             checksum of a whole\n"),
                                HasSubstr("\na vault can be kept in " + location())));
  expect_eighty_columns(result.out);
  EXPECT_THAT(result.err, IsEmpty());
  EXPECT_THAT(fake_.objects(), IsEmpty());
  EXPECT_EQ(fake_.uploads(), 0U);
}

TEST_F(BucketDoctor, TouchesNothingOfAVaultThatIsThere) {
  add_filled("site");
  ASSERT_EQ(backup_to(server_.endpoint()).exit_code, 0);
  const auto before = fake_.objects();

  EXPECT_EQ(doctor().exit_code, 0);

  EXPECT_EQ(fake_.objects(), before);
}

class DoctorOfEachKind : public BucketDoctor, public testing::WithParamInterface<ServerKind> {};

// What the switches take away, in the words of the table.
Verdicts lacks_of(const ServerKind& kind) {
  Verdicts lacks;
  const Extensions& extensions = kind.extensions;
  const auto add = [&](bool is_lacking, std::vector<std::string> things) {
    for (const std::string& thing : things)
      if (is_lacking) lacks.emplace(thing, "does_without");
  };
  add(extensions.refuses_checksums != Lack::none,
      {"checksum of an object", "checksums of parts", "checksum of a whole", "checksums told later"});
  add(extensions.signs_its_own != Lack::none,
      {"checksum of an object", "checksums of parts", "checksum of a whole"});
  add(extensions.composite_only != Lack::none, {"checksum of a whole"});
  add(!kind.keeps_conditions(), {"If-None-Match", "If-Match"});
  add(kind.refuses_deletions_with != 0, {"DeleteObjects"});
  // One that is ignored does not show: keys come as they are, and one page has
  // no next.
  const auto is_refused = [](Lack lack) { return lack != Lack::none && lack != Lack::ignored; };
  add(is_refused(extensions.no_list_v2), {"ListObjectsV2"});
  add(is_refused(extensions.no_encoding_type), {"encoding-type"});
  add(extensions.no_list_v2 == Lack::none && extensions.no_start_after != Lack::none, {"start-after"});
  add(!kind.lists_uploads(), {"ListMultipartUploads"});
  return lacks;
}

TEST_P(DoctorOfEachKind, SaysWhatItLacksThatAVaultCanBeKeptThereAndLeavesNothing) {
  become(fake_, GetParam());

  const auto result = doctor();

  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  const Verdicts verdicts = verdicts_of(result);
  for (const auto& [thing, verdict] : lacks_of(GetParam())) EXPECT_EQ(verdicts.at(thing), verdict) << thing;
  EXPECT_THAT(left_behind(result), IsEmpty());
  EXPECT_THAT(fake_.objects(), IsEmpty());
  EXPECT_EQ(fake_.uploads(), 0U);
}

INSTANTIATE_TEST_SUITE_P(Kinds, DoctorOfEachKind, testing::ValuesIn(server_kinds()), name_of_kind);

TEST_F(BucketDoctor, SaysThatTheServerCannotBeReached) {
  const auto result = doctor_of("http://127.0.0.1:1", {});

  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.out, AllOf(HasSubstr("MISSING        reach the server: "),
                                HasSubstr("a vault cannot be kept in " + location())));
  EXPECT_THAT(result.out, Not(HasSubstr("credentials")));
}

TEST_F(BucketDoctor, SaysWhichOfKeysBucketAndListIsWrong) {
  struct Case {
    int status;
    std::string code;
    std::string thing;
    bool goes_on;
  };
  for (const Case& c :
       {Case{403, "InvalidAccessKeyId", "credentials", false}, Case{404, "NoSuchBucket", "bucket", false},
        Case{403, "AccessDenied", "list", true}}) {
    FakeS3 fake;
    Meddler server([&](const sim::HttpRequest& request) { return fake.handle(request); });
    server.meddle("list-type=2", refuse(c.status, c.code), kAlways);

    const auto result = doctor_of(server.endpoint());

    EXPECT_EQ(result.exit_code, 3) << c.code;
    EXPECT_EQ(verdicts_of(result)[c.thing], "missing") << c.code << result.out;
    EXPECT_THAT(text_of(result, c.thing), HasSubstr(c.code));
    EXPECT_EQ(verdicts_of(result).contains("write an object"), c.goes_on) << c.code;
    EXPECT_THAT(fake.objects(), IsEmpty());
  }
}

TEST_F(BucketDoctor, SaysThatNothingMayBeWritten) {
  refuse_all("PUT /", 403, "AccessDenied");

  const auto result = doctor();

  EXPECT_EQ(result.exit_code, 3);
  EXPECT_EQ(verdicts_of(result)["write an object"], "missing");
  EXPECT_THAT(text_of(result, "write an object"),
              AllOf(HasSubstr("s3:PutObject"), HasSubstr("AccessDenied")));
}

TEST_F(BucketDoctor, SaysThatAnUploadInPartsFails) {
  refuse_all("POST /" + bucket_ + "/vault/doctor/", 403, "AccessDenied");

  const auto result = doctor();

  EXPECT_EQ(result.exit_code, 3);
  EXPECT_EQ(verdicts_of(result)["write a large object"], "missing");
  EXPECT_THAT(fake_.objects(), IsEmpty());
}

TEST_F(BucketDoctor, LeavesOneNamedObjectWhereRemovingIsNotPermitted) {
  const S3Fault forbid = [](const sim::HttpRequest& request, const S3Backend& backend) {
    const bool is_of_upload = request.query.find("uploadId=") != std::string::npos;
    return is_of_upload ? backend(request) : s3_error(403, "AccessDenied");
  };
  server_.meddle("DELETE /" + bucket_ + "/vault/doctor/", forbid, kAlways);
  server_.meddle("?delete", forbid, kAlways);

  const auto result = doctor();

  EXPECT_EQ(result.exit_code, 0) << result.out;
  EXPECT_EQ(verdicts_of(result)["remove an object"], "not_permitted");
  EXPECT_EQ(verdicts_of(result)["write a large object"], "not_tried");
  EXPECT_THAT(fake_.objects(), SizeIs(1));
  EXPECT_THAT(left_behind(result), ElementsAre(AllOf(HasSubstr(location() + "/doctor/"),
                                                     HasSubstr("/first: "), HasSubstr("AccessDenied"))));
}

TEST_F(BucketDoctor, NamesAnUploadThatItMayNotTakeBack) {
  server_.meddle(
      "DELETE /" + bucket_ + "/vault/doctor/",
      [](const sim::HttpRequest& request, const S3Backend& backend) {
        const bool is_of_upload = request.query.find("uploadId=") != std::string::npos;
        return is_of_upload ? s3_error(403, "AccessDenied") : backend(request);
      },
      kAlways);

  const auto result = doctor();

  EXPECT_EQ(result.exit_code, 0) << result.out;
  EXPECT_EQ(verdicts_of(result)["take back what is unfinished"], "not_permitted");
  EXPECT_EQ(fake_.uploads(), 1U);
  EXPECT_THAT(left_behind(result),
              ElementsAre(AllOf(HasSubstr("an unfinished upload"), HasSubstr("AccessDenied"))));
}

TEST_F(BucketDoctor, KnowsNothingOfABucketThatItMayNotLookAt) {
  refuse_all("?versioning", 403, "AccessDenied");
  refuse_all("?object-lock", 403, "AccessDenied");
  refuse_all("?versions", 403, "AccessDenied");

  const auto result = doctor();

  EXPECT_EQ(result.exit_code, 0) << result.out;
  EXPECT_EQ(verdicts_of(result)["versions"], "not_permitted");
  EXPECT_EQ(verdicts_of(result)["object lock"], "not_permitted");
  EXPECT_THAT(fake_.objects(), IsEmpty());
}

TEST_F(BucketDoctor, WritesNothingWhereAllThatIsWrittenIsLocked) {
  answer("?object-lock",
         "<?xml "
         "version=\"1.0\"?><ObjectLockConfiguration><"
         "ObjectLockEnabled>Enabled</ObjectLockEnabled>"
         "<Rule><DefaultRetention><Mode>COMPLIANCE</"
         "Mode><Days>30</Days></DefaultRetention></Rule>"
         "</ObjectLockConfiguration>");

  const auto result = doctor();

  EXPECT_EQ(result.exit_code, 0) << result.out;
  EXPECT_EQ(verdicts_of(result)["object lock"], "not_tried");
  EXPECT_THAT(text_of(result, "object lock"), HasSubstr("30 days, COMPLIANCE"));
  EXPECT_THAT(server_.requests("PUT"), IsEmpty());
}

TEST_F(BucketDoctor, MissesObjectLockOnlyWhereItIsAskedFor) {
  refuse_all("?object-lock", 404, "ObjectLockConfigurationNotFoundError");

  EXPECT_EQ(doctor().exit_code, 0);
  const auto asked = doctor({"--json", "--object-lock", "governance", "--retain-days", "1"});

  EXPECT_EQ(asked.exit_code, 3);
  EXPECT_EQ(verdicts_of(asked)["object lock"], "missing");
  EXPECT_THAT(server_.requests("retention"), IsEmpty());
}

TEST_F(BucketDoctor, TriesTheStorageClassThatIsSet) {
  const auto cold = doctor({"--json", "--storage-class", "GLACIER"});
  EXPECT_EQ(cold.exit_code, 0) << cold.out;
  EXPECT_THAT(text_of(cold, "storage class"), HasSubstr("--thaw"));

  server_.meddle("/class", refuse(400, "InvalidStorageClass"), kAlways);
  const auto refused = doctor({"--json", "--storage-class", "COLDLINE"});

  EXPECT_EQ(refused.exit_code, 3);
  EXPECT_EQ(verdicts_of(refused)["storage class"], "missing");
  EXPECT_THAT(text_of(refused, "storage class"), HasSubstr("InvalidStorageClass"));
  EXPECT_THAT(fake_.objects(), IsEmpty());
}

TEST_F(BucketDoctor, CleansUpAfterAnInterruption) {
  std::atomic<bool> is_held = false;
  std::atomic<bool> may_go_on = false;
  server_.meddle("partNumber=2", [&](const sim::HttpRequest& request, const S3Backend& backend) {
    is_held = true;
    wait_until([&] { return may_go_on.load(); });
    return backend(request);
  });
  BackgroundRun run = start_hubkeep({"doctor", "--to", location()}, environment(server_.endpoint()));
  ASSERT_TRUE(wait_until([&] { return is_held.load(); }));

  run.signal(SIGINT);
  ASSERT_TRUE(run.wait_for_error_text("stopping"));
  may_go_on = true;
  const auto result = run.finish();

  EXPECT_EQ(result.exit_code, 130) << result.out;
  EXPECT_THAT(result.out, HasSubstr("stopped before all was tried in " + location()));
  EXPECT_THAT(fake_.objects(), IsEmpty());
  EXPECT_EQ(fake_.uploads(), 0U);
}

TEST_F(BucketDoctor, RefusesUsageThatIsWrong) {
  EXPECT_EQ(hubkeep({"doctor", "acme/site"}).exit_code, 2);
  EXPECT_EQ(hubkeep({"doctor", "--to", "s3://x"}).exit_code, 1);
}

class RealBucketDoctor : public BucketDoctor {
 protected:
  void SetUp() override {
    if (!Radosgw::installed()) GTEST_SKIP() << "radosgw is not installed";
    client().send({.method = "PUT", .action = "s3:CreateBucket"}, {});
  }
  S3Client client() { return parts_.client(Radosgw::instance().endpoint(), bucket_); }
  std::string answer_to(const std::string& query) {
    return client().send({.query = {{query, ""}}, .action = "s3:ListBucketVersions"}, {}).response.body;
  }
};

TEST_F(RealBucketDoctor, SaysWhatCephLacks) {
  const auto result = doctor_of(Radosgw::instance().endpoint());

  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  EXPECT_EQ(verdicts_of(result)["If-Match with quotes"], "does_without");
  EXPECT_EQ(verdicts_of(result)["versions"], "ok");
  EXPECT_THAT(answer_to("versions"), AllOf(Not(HasSubstr("<Version>")), Not(HasSubstr("<DeleteMarker>"))));
  EXPECT_THAT(answer_to("uploads"), Not(HasSubstr("<Upload>")));
}

TEST_F(RealBucketDoctor, RemovesEveryVersionOfWhatItWrote) {
  client().send({.method = "PUT",
                 .query = {{"versioning", ""}},
                 .body = "<VersioningConfiguration "
                         "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
                         "<Status>Enabled</Status></VersioningConfiguration>",
                 .action = "s3:PutBucketVersioning"},
                {});

  const auto result = doctor_of(Radosgw::instance().endpoint());

  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  EXPECT_THAT(text_of(result, "versions"), HasSubstr("on: "));
  EXPECT_THAT(left_behind(result), IsEmpty());
  EXPECT_THAT(answer_to("versions"), AllOf(Not(HasSubstr("<Version>")), Not(HasSubstr("<DeleteMarker>"))));
}

TEST_F(RealBucketDoctor, SaysThatTheKeysAreWrong) {
  auto variables = environment(Radosgw::instance().endpoint());
  variables["AWS_SECRET_ACCESS_KEY"] = "wrong";

  const auto result = hubkeep({"doctor", "--to", location()}, variables);

  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.out,
              AllOf(HasSubstr("MISSING        credentials: "), HasSubstr("SignatureDoesNotMatch")));
}

TEST_F(BucketDoctor, SaysWhatSwiftLacks) {
  if (!Swift::installed()) GTEST_SKIP() << "Swift is not installed";
  S3Parts parts;
  parts.credentials.replace({swift_credentials()});
  parts.client(Swift::instance().endpoint(), bucket_)
      .send({.method = "PUT", .action = "s3:CreateBucket"}, {});
  auto variables = environment(Swift::instance().endpoint());
  variables["AWS_ACCESS_KEY_ID"] = Swift::kAccessKey;
  variables["AWS_SECRET_ACCESS_KEY"] = Swift::kSecretKey;

  const auto result = hubkeep({"doctor", "--to", location(), "--json"}, variables);

  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  EXPECT_EQ(verdicts_of(result)["If-None-Match"], "does_without");
  EXPECT_THAT(left_behind(result), IsEmpty());
}

}  // namespace
}  // namespace hubkeep
