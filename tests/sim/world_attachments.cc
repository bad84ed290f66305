// The part of the World that is about attachments.
#include <fmt/format.h>

#include "base/text.h"
#include "sim/world.h"

namespace hubkeep::sim {

namespace {

std::string random_uuid() {
  const std::string digits = random_hex(32);
  const std::string_view hex = digits;
  return fmt::format("{}-{}-{}-{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 4),
                     hex.substr(16, 4), hex.substr(20));
}

std::string path_for(const Attachment& attachment, const std::string& repository, std::int64_t number) {
  switch (attachment.place) {
    case AttachmentPlace::user_assets:
      return "/user-attachments/assets/" + random_uuid();
    case AttachmentPlace::user_files:
      return fmt::format("/user-attachments/files/{}/{}", number, attachment.name);
    case AttachmentPlace::repository_assets:
      return fmt::format("/{}/assets/{}/{}", repository, number, random_uuid());
    case AttachmentPlace::repository_files:
      return fmt::format("/{}/files/{}/{}", repository, number, attachment.name);
    case AttachmentPlace::user_images:
      break;
  }
  return fmt::format("/user-images/{}/{}", number, random_uuid());
}

}  // namespace

std::string World::add_attachment(Attachment attachment) {
  const std::string repository = this->repository(attachment.repository).full_name();
  std::lock_guard lock(mutex_);
  std::string path = path_for(attachment, repository, next_attachment_number_++);
  attachments_.emplace(path, std::move(attachment));
  return path;
}

void World::remove_attachment(const std::string& path) {
  std::lock_guard lock(mutex_);
  attachments_.erase(path);
}

std::optional<Attachment> World::find_attachment(std::string_view path) const {
  std::lock_guard lock(mutex_);
  const auto found = attachments_.find(path);
  return found == attachments_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace hubkeep::sim
