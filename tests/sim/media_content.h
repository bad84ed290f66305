// Content that the media host gives out: bytes of a known length that can be read from anywhere. They are
// held, lie in a file, or are made while they are sent, so that ten gigabytes cost no memory.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "sim/http_message.h"

namespace hubkeep::sim {

struct MediaContent {
  std::uint64_t size = 0;
  /// That many bytes from `offset` on, in pieces; both lie within the size.
  std::function<BodySource(std::uint64_t offset, std::uint64_t length)> read;
};

MediaContent content_of(std::string bytes);
/// The file must stay as it is. Throws Error(not_found).
MediaContent content_of_file(const std::filesystem::path& file);
/// The pattern, which is not empty, again and again.
MediaContent repeating_content(const std::string& pattern, std::uint64_t size);

/// 64 lower-case hex digits. Reads all of it.
std::string sha256_of(const MediaContent& content);

/// 200, or 206 and 416 where the request names a range (RFC 9110, 14; one range).
HttpResponse content_response(const HttpRequest& request, const MediaContent& content,
                              const std::string& type = "application/octet-stream");

}  // namespace hubkeep::sim
