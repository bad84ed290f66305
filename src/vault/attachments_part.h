// Files that somebody has put into the texts of a repository. They stand in the vault's root under their own
// hashes, once for all repositories; the part names them in list objects with the addresses that they had,
// and in a cursor the addresses of which nothing could be had. docs/storage-format.md, "parts.attachments".
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "vault/object_list.h"
#include "vault/part.h"
#include "vault/vault_objects.h"

namespace hubkeep {

constexpr std::string_view kAttachmentsPart = "attachments";

/// As a record has it, from the vault's root: "/attachments/<aa>/<bb>/<oid>". `oid`: 64 lower-case hex
/// digits.
std::string attachment_key(std::string_view oid);

/// Where a file was found. Addresses do not change their content.
struct AttachmentAddress {
  std::string url;   // without a signature
  std::string name;  // of the file, as the server or the address has it
  std::string type;  // "image/png"; empty: not said

  friend bool operator==(const AttachmentAddress&, const AttachmentAddress&) = default;
};

struct KeptAttachment {
  ObjectRecord record;
  std::vector<AttachmentAddress> addresses;  // in order of their URLs

  friend bool operator==(const KeptAttachment&, const KeptAttachment&) = default;
};

/// By key.
using KeptAttachments = std::map<std::string, KeptAttachment>;

enum class AttachmentLack {
  pending,        // nobody has asked for it yet, or it broke off
  not_permitted,  // tokens of this kind get none of private repositories
  missing,        // the server does not have it
  refused,        // it is forbidden, too large, or leads elsewhere
};

std::string_view to_string(AttachmentLack why);

struct LackingAttachment {
  std::string url;  // to ask for, with its signature if it has one
  AttachmentLack why = AttachmentLack::pending;
  std::string message;
  UtcTime since;  // when that was met first

  friend bool operator==(const LackingAttachment&, const LackingAttachment&) = default;
};

struct AttachmentsPart {
  PartStatus status = PartStatus::ok;
  std::vector<ObjectRecord> objects;   // list objects: of all that are kept, then perhaps changes
  std::optional<ObjectRecord> cursor;  // of all that are lacking; nothing: none is

  friend bool operator==(const AttachmentsPart&, const AttachmentsPart&) = default;
};

/// The typed view of a part. Throws Error(corrupt) for one that is not of this kind.
AttachmentsPart attachments_part(const Part& part);
Part to_part(const AttachmentsPart& attachments);

/// As a line of a list object, and back. Throws Error(corrupt) for what is none.
std::string to_line(const KeptAttachment& kept);
KeptAttachment kept_attachment_from_line(std::string_view line);

/// Throws Error: corrupt, not_found, cold, and what the store throws.
KeptAttachments read_attachments(VaultObjects& objects, const std::string& folder,
                                 const std::vector<ObjectRecord>& lists, const std::stop_token& stop);
/// As lines of a list, see store_list().
ListLines lines_of(const KeptAttachments& kept);

std::vector<LackingAttachment> read_attachments_cursor(VaultObjects& objects, const std::string& folder,
                                                       const ObjectRecord& cursor,
                                                       const std::stop_token& stop);
ObjectRecord write_attachments_cursor(VaultObjects& objects, const std::string& folder,
                                      const std::string& record_key,
                                      const std::vector<LackingAttachment>& lacking);

}  // namespace hubkeep
