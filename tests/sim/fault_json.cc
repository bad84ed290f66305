#include "sim/fault_json.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "sim/lfs_faults.h"

namespace hubkeep::sim {

using nlohmann::json;

namespace {

using ActionReader = FaultAction (*)(const json&);

Respond respond_from(const json& j) {
  Respond out;
  out.status = j.value("status", 503);
  out.body = j.value("body", "");
  json headers = j.value("headers", json::object());
  for (const auto& [name, value] : headers.items()) {
    out.headers.emplace_back(name, value.get<std::string>());
  }
  return out;
}

const std::map<std::string, ActionReader>& action_readers() {
  static const std::map<std::string, ActionReader> kReaders = {
      {"respond", [](const json& j) -> FaultAction { return respond_from(j); }},
      {"redirect",
       [](const json& j) -> FaultAction { return RedirectTo{j.value("status", 302), j.at("location")}; }},
      {"close", [](const json&) -> FaultAction { return CloseBeforeAnswer{}; }},
      {"empty", [](const json&) -> FaultAction { return EmptyBody{}; }},
      {"error_line", [](const json& j) -> FaultAction { return ErrorLine{j.at("text")}; }},
      {"cut_after", [](const json& j) -> FaultAction { return CutAfter{j.at("bytes")}; }},
      {"end_after", [](const json& j) -> FaultAction { return EndAfter{j.at("bytes")}; }},
      {"cut_pack_after", [](const json& j) -> FaultAction { return CutPackAfter{j.at("bytes")}; }},
      {"cut_packs_at", [](const json& j) -> FaultAction { return CutPacksAt{j.at("bytes")}; }},
      {"hold_packs_at", [](const json& j) -> FaultAction { return HoldPacksAt{j.at("bytes")}; }},
      {"cut_before_flush", [](const json&) -> FaultAction { return CutBeforeFlush{}; }},
      {"drip", [](const json& j) -> FaultAction { return Drip{j.at("bytes_per_second")}; }},
      {"fatal_band",
       [](const json& j) -> FaultAction { return FatalBand{j.at("text"), j.value("after", 0U)}; }},
      {"flip_pack_bit",
       [](const json& j) -> FaultAction { return FlipPackBit{j.at("offset"), j.value("bit", 0U)}; }},
      {"wrong_trailer", [](const json&) -> FaultAction { return WrongTrailer{}; }},
      {"empty_list", [](const json&) -> FaultAction { return EmptyList{}; }},
      {"without_header", [](const json& j) -> FaultAction { return WithoutHeader{j.at("name")}; }},
      {"with_header", [](const json& j) -> FaultAction { return WithHeader{j.at("name"), j.at("value")}; }},
      {"pages_without_end", [](const json&) -> FaultAction { return PagesWithoutEnd{}; }},
      {"flip_bit", [](const json& j) -> FaultAction { return FlipBit{j.at("offset"), j.value("bit", 0U)}; }},
      {"lfs_over_quota", [](const json&) -> FaultAction { return lfs_over_quota(); }},
      {"lfs_error",
       [](const json& j) -> FaultAction {
         return lfs_object_error(j.value("oid", ""), j.at("code"), j.value("message", "no"));
       }},
      {"lfs_left_out", [](const json& j) -> FaultAction { return lfs_left_out(j.value("oid", "")); }},
      {"delay",
       [](const json& j) -> FaultAction {
         return Delay{std::chrono::milliseconds(j.at("milliseconds").get<int>())};
       }},
      {"barrier",
       [](const json& j) -> FaultAction { return Barrier{j.value("name", "barrier"), j.at("parties")}; }},
  };
  return kReaders;
}

FaultMatch match_from(const json& j) {
  FaultMatch out;
  out.method = j.value("method", "");
  out.path = j.value("path", "");
  out.repository = j.value("repository", "");
  out.operation = j.value("operation", "");
  if (j.contains("kind")) out.kind = request_kind_from(j["kind"]);
  out.lfs_oid = j.value("lfs_oid", "");
  if (j.contains("git_command")) out.git_command = git_command_from(j["git_command"]);
  if (j.contains("is_question")) out.is_question = j["is_question"].get<bool>();
  return out;
}

}  // namespace

Fault fault_from(const json& document) {
  try {
    std::string type = document.at("action").at("type");
    auto reader = action_readers().find(type);
    if (reader == action_readers().end()) throw Error(ErrorKind::invalid, type + ": no fault");
    Fault out;
    out.match = match_from(document.value("match", json::object()));
    out.action = reader->second(document["action"]);
    out.skip = document.value("skip", 0);
    out.times = document.value("times", 1);
    return out;
  } catch (const json::exception& error) {
    throw Error(ErrorKind::invalid, error.what());
  }
}

json log_json(const LoggedRequest& request) {
  return {{"sequence", request.sequence},
          {"time", format_time(request.time)},
          {"method", request.method},
          {"path", request.path},
          {"query", request.query},
          {"kind", to_string(request.kind)},
          {"git_command", to_string(request.git_command)},
          {"repository", request.repository},
          {"operation", request.operation},
          {"points", request.points},
          {"auth_scheme", request.auth_scheme},
          {"token_login", request.token_login},
          {"token_present", request.token_present},
          {"host", request.host},
          {"user_agent", request.user_agent},
          {"git_protocol", request.git_protocol},
          {"content_encoding", request.content_encoding},
          {"if_none_match", request.if_none_match},
          {"request_bytes", request.request_bytes},
          {"wants", request.wants},
          {"haves", request.haves},
          {"is_question", request.is_question},
          {"lfs_operation", request.lfs_operation},
          {"lfs_oids", request.lfs_oids},
          {"status", request.status},
          {"response_bytes", request.response_bytes},
          {"pack_bytes", request.pack_bytes}};
}

}  // namespace hubkeep::sim
