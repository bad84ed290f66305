// What S3 says in XML. An answer must be whole and have the root that was asked for; one that was cut, or
// comes from something else, is transient and asked for again (S3Faults.AListThatIsCutShortIsAskedForAgain).
// Within it, what decides (sizes, times, where a list goes on) must be there, and everything else may be
// missing.
#include "store/s3/s3_xml.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "aws/xml.h"
#include "base/error.h"
#include "base/text.h"
#include "http/url.h"
#include "store/s3/s3_head.h"

namespace hubkeep {
namespace {

constexpr const char* kNamespace = "http://s3.amazonaws.com/doc/2006-03-01/";

class Page {
 public:
  Page(std::string_view xml, const char* root) {
    const bool is_whole = load_xml(document_, xml);
    root_ = document_.child(root);
    if (!is_whole || !root_)
      throw Error(ErrorKind::transient, fmt::format("the server's answer is not a complete {}", root));
    encoded_ = text(root_, "EncodingType") == "url";
  }

  const pugi::xml_node& root() const { return root_; }
  static std::string text(const pugi::xml_node& node, const char* name) { return node.child_value(name); }
  bool truncated() const { return text(root_, "IsTruncated") == "true"; }

  // encoding-type=url: blanks come as '+', as in forms.
  std::string key(const pugi::xml_node& node, const char* name) const {
    std::string key = text(node, name);
    if (!encoded_) return key;
    std::replace(key.begin(), key.end(), '+', ' ');
    return url_decode(key);
  }

 private:
  pugi::xml_document document_;
  pugi::xml_node root_;
  bool encoded_ = false;
};

UtcTime time_in(const pugi::xml_node& node, const char* name) {
  const auto time = parse_s3_time(node.child_value(name));
  if (!time) throw Error(ErrorKind::transient, fmt::format("the server's answer has no time in {}", name));
  return *time;
}

ByteCount size_in(const pugi::xml_node& node) {
  const auto size = parse_byte_count(node.child_value("Size"));
  if (!size) throw Error(ErrorKind::transient, "the server's answer has no size for an object");
  return *size;
}

std::string text_of(const pugi::xml_document& document) {
  std::ostringstream text;
  document.save(text, "", pugi::format_raw | pugi::format_no_declaration);
  return text.str();
}

}  // namespace

S3ListPage parse_list_page(std::string_view xml) {
  const Page page(xml, "ListBucketResult");
  S3ListPage list;
  for (const auto& entry : page.root().children("Contents")) {
    list.objects.push_back(
        {.key = page.key(entry, "Key"),
         .size = size_in(entry),
         .modified = time_in(entry, "LastModified"),
         .access = is_archive_class(Page::text(entry, "StorageClass")) ? Access::cold : Access::at_once});
  }
  for (const auto& entry : page.root().children("CommonPrefixes"))
    list.common_prefixes.push_back(page.key(entry, "Prefix"));
  list.more = page.truncated();
  if (list.more) list.next = Page::text(page.root(), "NextContinuationToken");
  list.marker = page.key(page.root(), "NextMarker");
  const bool says_where =
      !list.next.empty() || !list.marker.empty() || !list.objects.empty() || !list.common_prefixes.empty();
  if (list.more && !says_where)
    throw Error(ErrorKind::transient, "the server's list goes on and does not say where");
  return list;
}

S3UploadsPage parse_uploads_page(std::string_view xml) {
  // Of a server that does not know the question, and answers another one each time.
  pugi::xml_document document;
  if (load_xml(document, xml) && document.child("ListBucketResult"))
    throw Error(ErrorKind::invalid, "the server lists objects where it was asked for unfinished uploads");
  const Page page(xml, "ListMultipartUploadsResult");
  S3UploadsPage uploads{.uploads = {},
                        .more = page.truncated(),
                        .next_key = page.key(page.root(), "NextKeyMarker"),
                        .next_id = Page::text(page.root(), "NextUploadIdMarker")};
  for (const auto& entry : page.root().children("Upload")) {
    uploads.uploads.push_back({.key = page.key(entry, "Key"),
                               .id = Page::text(entry, "UploadId"),
                               .initiated = time_in(entry, "Initiated")});
  }
  return uploads;
}

S3PartsPage parse_parts_page(std::string_view xml) {
  const Page page(xml, "ListPartsResult");
  S3PartsPage parts{
      .newest = {}, .more = page.truncated(), .next = Page::text(page.root(), "NextPartNumberMarker")};
  for (const auto& entry : page.root().children("Part")) {
    parts.newest = std::max(parts.newest, time_in(entry, "LastModified"));
    parts.size += parse_byte_count(Page::text(entry, "Size")).value_or(0);
  }
  return parts;
}

std::string parse_upload_id(std::string_view xml) {
  const Page page(xml, "InitiateMultipartUploadResult");
  std::string id = Page::text(page.root(), "UploadId");
  if (id.empty()) throw Error(ErrorKind::transient, "the server began an upload and did not name it");
  return id;
}

S3Completion parse_completion(std::string_view xml) {
  const Page page(xml, "CompleteMultipartUploadResult");
  return {.etag = Page::text(page.root(), "ETag"),
          .crc32 = Page::text(page.root(), "ChecksumCRC32"),
          .checksum_type = Page::text(page.root(), "ChecksumType")};
}

S3Deletions parse_deletions(std::string_view xml) {
  const Page page(xml, "DeleteResult");
  S3Deletions deletions;
  for (const auto& entry : page.root().children("Deleted"))
    deletions.deleted.push_back(page.key(entry, "Key"));
  for (const auto& entry : page.root().children("Error"))
    deletions.failed.push_back({.key = page.key(entry, "Key"),
                                .code = Page::text(entry, "Code"),
                                .message = Page::text(entry, "Message")});
  return deletions;
}

std::string completion_body(const std::vector<S3Part>& parts) {
  pugi::xml_document document;
  auto root = document.append_child("CompleteMultipartUpload");
  root.append_attribute("xmlns") = kNamespace;
  for (const auto& part : parts) {
    auto node = root.append_child("Part");
    node.append_child("PartNumber").text() = part.number;
    node.append_child("ETag").text() = part.etag.c_str();
    if (!part.crc32.empty()) node.append_child("ChecksumCRC32").text() = part.crc32.c_str();
  }
  return text_of(document);
}

std::string deletion_body(const std::set<std::string>& keys) {
  pugi::xml_document document;
  auto root = document.append_child("Delete");
  root.append_attribute("xmlns") = kNamespace;
  for (const auto& key : keys) root.append_child("Object").append_child("Key").text() = key.c_str();
  return text_of(document);
}

}  // namespace hubkeep
