// Where a mix is not plain from the vendor's documents, it is as the bug reports of other programs have it:
// boto3, rclone, opendal, Cyberduck, and the like.
#include "s3/server_kinds.h"

#include <ostream>

namespace hubkeep {
namespace {

using Conditions = FakeS3::Conditions;
using Receipts = FakeS3::Receipts;

std::vector<ServerKind> single_lacks() {
  return {
      {.name = "refuses_checksums_silently", .extensions = {.refuses_checksums = Lack::silent}},
      {.name = "refuses_checksums_in_words", .extensions = {.refuses_checksums = Lack::invalid}},
      {.name = "refuses_checksums_with_501", .extensions = {.refuses_checksums = Lack::not_implemented}},
      {.name = "refuses_checksum_mode",
       .extensions = {.refuses_checksum_mode = true},
       .receipts = Receipts::md5},
      {.name = "composite_only_at_the_begin", .extensions = {.composite_only = Lack::not_implemented}},
      {.name = "composite_only_at_the_end", .extensions = {.composite_only = Lack::invalid}},
      {.name = "signs_its_own_with_403", .extensions = {.signs_its_own = Lack::forbidden}},
      {.name = "signs_its_own_with_400", .extensions = {.signs_its_own = Lack::invalid}},
      {.name = "strict_lists", .extensions = {.strict_lists = true}, .receipts = Receipts::md5},
      {.name = "locks_want_md5", .extensions = {.locks_want_md5 = true}, .has_object_lock = true},
      {.name = "equal_parts", .extensions = {.equal_parts = true}},
      {.name = "no_upload_list_501", .extensions = {.no_upload_list = Lack::not_implemented}},
      {.name = "no_upload_list_403", .extensions = {.no_upload_list = Lack::forbidden}},
      {.name = "upload_list_by_whole_key", .extensions = {.no_upload_list = Lack::ignored}},
      {.name = "conditions_ignored", .conditions = Conditions::ignored},
      {.name = "conditions_refused", .conditions = Conditions::refused},
      {.name = "conditions_refused_silently", .conditions = Conditions::refused_silently},
      {.name = "start_after_ignored", .extensions = {.no_start_after = Lack::ignored}},
      {.name = "start_after_501", .extensions = {.no_start_after = Lack::not_implemented}},
      {.name = "start_after_400", .extensions = {.no_start_after = Lack::invalid}},
      {.name = "encoding_type_ignored", .extensions = {.no_encoding_type = Lack::ignored}},
      {.name = "encoding_type_400", .extensions = {.no_encoding_type = Lack::invalid}},
      {.name = "list_v2_ignored", .extensions = {.no_list_v2 = Lack::ignored}},
      {.name = "list_v2_501", .extensions = {.no_list_v2 = Lack::not_implemented}},
      {.name = "list_v2_400", .extensions = {.no_list_v2 = Lack::invalid}},
      {.name = "opaque_parts", .extensions = {.opaque_parts = true}, .receipts = Receipts::md5},
      {.name = "opaque_wholes", .extensions = {.opaque_wholes = true}, .receipts = Receipts::md5},
      {.name = "no_request_id", .extensions = {.no_request_id = true}},
      {.name = "no_deletion_of_many", .refuses_deletions_with = 501},
  };
}

}  // namespace

bool ServerKind::lists_uploads() const {
  return extensions.no_upload_list == Lack::none || extensions.no_upload_list == Lack::ignored;
}

std::vector<ServerKind> server_mixes() {
  return {
      {.name = "b2",
       .extensions = {.refuses_checksums = Lack::invalid, .locks_want_md5 = true},
       .conditions = Conditions::refused,
       .receipts = Receipts::md5,
       .has_object_lock = true},
      {.name = "r2",
       .extensions = {.composite_only = Lack::not_implemented,
                      .equal_parts = true,
                      .opaque_parts = true,
                      .no_request_id = true}},
      {.name = "r2_2024",
       .extensions = {.refuses_checksums = Lack::not_implemented,
                      .equal_parts = true,
                      .opaque_parts = true,
                      .no_request_id = true},
       .receipts = Receipts::md5},
      {.name = "gcs",
       .extensions = {.signs_its_own = Lack::forbidden, .opaque_wholes = true, .no_request_id = true},
       .conditions = Conditions::ignored,
       .receipts = Receipts::md5,
       .refuses_deletions_with = 501},
      {.name = "old_minio",
       .extensions = {.composite_only = Lack::invalid,
                      .locks_want_md5 = true,
                      .no_upload_list = Lack::ignored},
       .conditions = Conditions::ignored,
       .has_object_lock = true},
      {.name = "old_garage",
       .extensions = {.refuses_checksums = Lack::silent, .no_start_after = Lack::ignored},
       .conditions = Conditions::ignored,
       .receipts = Receipts::md5},
      {.name = "nothing",
       .extensions = {.refuses_checksums = Lack::silent,
                      .strict_lists = true,
                      .locks_want_md5 = true,
                      .equal_parts = true,
                      .no_upload_list = Lack::not_implemented,
                      .no_encoding_type = Lack::ignored,
                      .no_list_v2 = Lack::not_implemented,
                      .opaque_parts = true,
                      .opaque_wholes = true,
                      .no_request_id = true},
       .conditions = Conditions::refused,
       .receipts = Receipts::opaque,
       .has_object_lock = true,
       .refuses_deletions_with = 501},
  };
}

const std::vector<ServerKind>& server_kinds() {
  static const std::vector<ServerKind> kinds = [] {
    std::vector<ServerKind> all = {{.name = "whole"}};
    for (auto& kind : single_lacks()) all.push_back(std::move(kind));
    for (auto& kind : server_mixes()) all.push_back(std::move(kind));
    return all;
  }();
  return kinds;
}

void become(FakeS3& server, const ServerKind& kind) {
  server.extensions = kind.extensions;
  server.conditions = kind.conditions;
  server.receipts = kind.receipts;
  server.has_object_lock = kind.has_object_lock;
  server.refuses_deletions_with = kind.refuses_deletions_with;
  server.uploads_are_old = false;
}

std::string name_of_kind(const ::testing::TestParamInfo<ServerKind>& info) {
  return info.param.name;
}

void PrintTo(const ServerKind& kind, std::ostream* stream) {
  *stream << kind.name;
}

}  // namespace hubkeep
