// What FakeS3 makes of archive classes and object lock.

#include <algorithm>
#include <pugixml.hpp>

#include "s3/fake_s3.h"
#include "s3/meddler.h"

namespace hubkeep {
namespace {

bool is_mode(const std::string& mode) {
  return mode == "GOVERNANCE" || mode == "COMPLIANCE";
}

pugi::xml_node root_of(pugi::xml_document& document, const std::string& body) {
  document.load_buffer(body.data(), body.size());
  return document.document_element();
}

}  // namespace

bool FakeS3::Object::is_cold() const {
  if (restore == Restore::done) return false;
  return storage_class == "GLACIER" || storage_class == "DEEP_ARCHIVE" || !archive_status.empty();
}

FakeS3::Lock FakeS3::lock_of(const std::string& path) const {
  const std::scoped_lock lock(mutex_);
  return objects_.at(path).lock;
}

std::vector<std::string> FakeS3::restore_requests() const {
  const std::scoped_lock lock(mutex_);
  return restore_requests_;
}

void FakeS3::finish_restores() {
  const std::scoped_lock lock(mutex_);
  for (auto& [path, object] : objects_) {
    if (object.restore != Restore::ongoing) continue;
    // Out of a tier it comes for good, out of a class a copy for some days.
    const bool by_copy = object.archive_status.empty();
    object.archive_status.clear();
    object.restore = by_copy ? Restore::done : Restore::none;
  }
}

void FakeS3::move_to_class(const std::string& path, const std::string& storage_class,
                           const std::string& archive_status) {
  const std::scoped_lock lock(mutex_);
  Object& object = objects_.at(path);
  object.storage_class = storage_class;
  object.archive_status = archive_status;
  object.restore = Restore::none;
}

// As HEAD and GET tell it.
void FakeS3::describe(const Object& object, sim::Headers& headers) {
  if (!object.storage_class.empty() && object.storage_class != "STANDARD")
    headers.emplace_back("x-amz-storage-class", object.storage_class);
  if (!object.archive_status.empty()) headers.emplace_back("x-amz-archive-status", object.archive_status);
  if (object.restore == Restore::ongoing) headers.emplace_back("x-amz-restore", "ongoing-request=\"true\"");
  if (object.restore == Restore::done) {
    headers.emplace_back("x-amz-restore",
                         "ongoing-request=\"false\", expiry-date=\"Fri, 21 Dec 2029 00:00:00 GMT\"");
  }
  if (object.lock.mode.empty()) return;
  headers.emplace_back("x-amz-object-lock-mode", object.lock.mode);
  headers.emplace_back("x-amz-object-lock-retain-until-date", format_time(object.lock.until));
}

// RestoreObject
sim::HttpResponse FakeS3::restore(const sim::HttpRequest& request) {
  const auto found = objects_.find(request.path);
  if (found == objects_.end()) return s3_error(404, "NoSuchKey");
  Object& object = found->second;
  pugi::xml_document document;
  const auto root = root_of(document, request.body);
  const std::string tier = root.child("GlacierJobParameters").child_value("Tier");
  if (std::string(root.name()) != "RestoreRequest" || tier.empty()) return s3_error(400, "MalformedXML");
  if (object.restore == Restore::ongoing) return s3_error(409, "RestoreAlreadyInProgress");
  if (!object.is_cold() && object.restore != Restore::done) return s3_error(403, "InvalidObjectState");
  const bool has_days = !std::string(root.child_value("Days")).empty();
  if (has_days != object.archive_status.empty()) return s3_error(400, "InvalidArgument");
  if (tier == "Expedited" && object.storage_class == "DEEP_ARCHIVE") return s3_error(400, "InvalidArgument");
  restore_requests_.push_back(request.body);
  if (object.restore == Restore::done) return {.status = 200};
  object.restore = Restore::ongoing;
  return {.status = 202};
}

bool FakeS3::may_be_locked_so(const sim::Headers& headers) const {
  const std::string mode = sim::header_value(headers, "x-amz-object-lock-mode");
  const std::string until = sim::header_value(headers, "x-amz-object-lock-retain-until-date");
  if (mode.empty() && until.empty()) return true;
  const auto time = parse_time(until);
  return has_object_lock && is_mode(mode) && time && *time > SystemClock().now();
}

// PutObjectRetention, by somebody who may not bypass governance.
sim::HttpResponse FakeS3::put_retention(const sim::HttpRequest& request) {
  const auto found = objects_.find(request.path);
  if (found == objects_.end()) return s3_error(404, "NoSuchKey");
  if (!has_object_lock) return s3_error(400, "InvalidRequest");
  pugi::xml_document document;
  const auto root = root_of(document, request.body);
  const std::string mode = root.child_value("Mode");
  const auto until = parse_time(root.child_value("RetainUntilDate"));
  if (std::string(root.name()) != "Retention" || !is_mode(mode) || !until)
    return s3_error(400, "MalformedXML");
  Lock& lock = found->second.lock;
  if (!lock.mode.empty() && (mode != lock.mode || *until < lock.until)) return s3_error(403, "AccessDenied");
  lock = {mode, *until};
  return {.status = 200};
}

}  // namespace hubkeep
