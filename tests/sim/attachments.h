// Files that people put into texts on the simulated GitHub.
#pragma once

#include <string>

#include "sim/apps.h"
#include "sim/media_content.h"

namespace hubkeep::sim {

/// Where its address leads: /user-attachments/assets/UUID, /user-attachments/files/NUMBER/NAME,
/// /OWNER/NAME/assets/NUMBER/UUID, /OWNER/NAME/files/NUMBER/NAME, all on the web host, and /user-images/… on
/// the media host, where whoever knows the address may read.
enum class AttachmentPlace { user_assets, user_files, repository_assets, repository_files, user_images };

struct Attachment {
  AttachmentPlace place = AttachmentPlace::user_assets;
  RepositoryId repository = 0;  // in whose text it stands: whoever sees that may have it
  std::string name = "image.png";
  std::string content_type = "image/png";
  MediaContent content = content_of("");
};

}  // namespace hubkeep::sim
