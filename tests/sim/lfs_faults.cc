#include "sim/lfs_faults.h"

#include <nlohmann/json.hpp>

namespace hubkeep::sim {

using nlohmann::json;

namespace {

constexpr const char* kLfsType = "application/vnd.git-lfs+json; charset=utf-8";
constexpr const char* kBillingPage =
    "https://help.github.com/articles/purchasing-additional-storage-and-bandwidth-for-an-organization/";

Respond refusal(int status, const std::string& message, const std::string& page) {
  return {
      status, {{"Content-Type", kLfsType}}, json{{"message", message}, {"documentation_url", page}}.dump()};
}

template <typename Change>
AlterLfs each_object(const std::string& oid, Change change) {
  return {[oid, change](json& answer) {
    for (json& object : answer["objects"]) {
      if (oid.empty() || object["oid"] == oid) change(object);
    }
  }};
}

}  // namespace

FaultMatch lfs_batches(const std::string& oid) {
  FaultMatch out;
  out.kind = RequestKind::lfs;
  out.path = "objects/batch";
  out.lfs_oid = oid;
  return out;
}

FaultMatch lfs_downloads(const std::string& oid) {
  FaultMatch out;
  out.method = "GET";
  out.kind = RequestKind::media;
  out.path = "^/alambic/media/";
  out.lfs_oid = oid;
  return out;
}

Respond lfs_refusal(int status, const std::string& message) {
  return refusal(status, message, "https://docs.github.com");
}

Respond lfs_over_quota() {
  return refusal(403,
                 "This repository is over its data quota. Account responsible for LFS bandwidth should "
                 "purchase more data packs to restore access.",
                 kBillingPage);
}

Respond lfs_over_budget() {
  return refusal(403,
                 "This repository exceeded its LFS budget. The account responsible for the budget should "
                 "increase it to restore access.",
                 kBillingPage);
}

Respond lfs_too_many_requests(std::chrono::seconds retry_after) {
  Respond out = lfs_refusal(429, "You have exceeded a rate limit. Please wait before you try again.");
  out.headers.emplace_back("Retry-After", std::to_string(retry_after.count()));
  return out;
}

Respond lfs_page() {
  return {200, {{"Content-Type", "text/html"}}, "<!DOCTYPE html><title>Sign in</title>"};
}

AlterLfs lfs_object_error(const std::string& oid, int code, const std::string& message) {
  return each_object(oid, [code, message](json& object) {
    object.erase("actions");
    object["error"] = {{"code", code}, {"message", message}};
  });
}

AlterLfs lfs_error_beside_actions(const std::string& oid, int code) {
  return each_object(oid, [code](json& object) { object["error"] = {{"code", code}, {"message", "no"}}; });
}

AlterLfs lfs_other_size(const std::string& oid, std::uint64_t size) {
  return each_object(oid, [size](json& object) { object["size"] = size; });
}

AlterLfs lfs_other_href(const std::string& oid, const std::string& href) {
  return each_object(oid, [href](json& object) {
    if (object.contains("actions")) object["actions"]["download"]["href"] = href;
  });
}

AlterLfs lfs_left_out(const std::string& oid) {
  return {[oid](json& answer) {
    json kept = json::array();
    for (const json& object : answer["objects"]) {
      if (!oid.empty() && object["oid"] != oid) kept.push_back(object);
    }
    answer["objects"] = kept;
  }};
}

AlterLfs lfs_foreign(const LfsObject& object, const std::string& href) {
  return {[object, href](json& answer) {
    answer["objects"].push_back({{"oid", object.oid},
                                 {"size", object.size},
                                 {"actions", {{"download", {{"href", href}, {"expires_in", 3600}}}}}});
  }};
}

AlterLfs lfs_transfer(const std::string& name) {
  return {[name](json& answer) { answer["transfer"] = name; }};
}

}  // namespace hubkeep::sim
