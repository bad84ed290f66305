#include "sim/media_content.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>

#include "base/error.h"
#include "base/text.h"
#include "sim/file_descriptor.h"

namespace hubkeep::sim {

namespace {

constexpr std::size_t kPiece = 262'144;

struct ByteRange {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

std::optional<std::uint64_t> number_in(std::string_view text) {
  std::uint64_t value = 0;
  const auto result = std::from_chars(text.begin(), text.end(), value);
  return !text.empty() && result.ptr == text.end() ? std::optional(value) : std::nullopt;
}

/// "bytes=FIRST-[LAST]" or "bytes=-COUNT". Nothing for a header that is to be ignored; a length of 0 where
/// the content has none of these bytes.
std::optional<ByteRange> range_in(std::string_view header, std::uint64_t size) {
  constexpr std::string_view kUnit = "bytes=";
  const auto dash = header.find('-');
  if (!header.starts_with(kUnit) || dash == std::string_view::npos) return std::nullopt;
  const auto first = number_in(header.substr(kUnit.size(), dash - kUnit.size()));
  const auto last = number_in(header.substr(dash + 1));
  if (!first && !last) return std::nullopt;
  if (!first) return ByteRange{size - std::min(*last, size), std::min(*last, size)};
  if (*first >= size) return ByteRange{};
  const std::uint64_t end = last ? std::min(*last, size - 1) : size - 1;
  if (end < *first) return std::nullopt;
  return ByteRange{*first, end - *first + 1};
}

HttpResponse stream_response(int status, BodySource source, std::uint64_t length, const std::string& type) {
  HttpResponse response;
  response.status = status;
  response.headers = {{"Content-Type", type}, {"Accept-Ranges", "bytes"}};
  response.stream = std::move(source);
  response.length = length;
  return response;
}

}  // namespace

MediaContent content_of(std::string bytes) {
  const std::uint64_t size = bytes.size();
  return repeating_content(bytes.empty() ? " " : std::move(bytes), size);
}

MediaContent content_of_file(const std::filesystem::path& file) {
  if (!std::filesystem::is_regular_file(file))
    throw Error(ErrorKind::not_found, "cannot read " + file.string());
  MediaContent out;
  out.size = std::filesystem::file_size(file);
  out.read = [file](std::uint64_t offset, std::uint64_t length) -> BodySource {
    auto opened = std::make_shared<FileDescriptor>(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    return [opened, offset, left = length]() mutable {
      std::string piece(static_cast<std::size_t>(std::min<std::uint64_t>(left, kPiece)), '\0');
      const auto size = ::pread(opened->get(), piece.data(), piece.size(), static_cast<off_t>(offset));
      piece.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
      offset += piece.size();
      left -= piece.size();
      return piece;
    };
  };
  return out;
}

MediaContent repeating_content(const std::string& pattern, std::uint64_t size) {
  const auto shared = std::make_shared<const std::string>(pattern);
  MediaContent out;
  out.size = size;
  out.read = [shared](std::uint64_t offset, std::uint64_t length) -> BodySource {
    auto block = shared;
    if (shared->size() < kPiece && shared->size() < length) {
      std::string repeated;  // while it is read only: there may be thousands of these
      while (repeated.size() < kPiece) repeated += *shared;
      block = std::make_shared<const std::string>(std::move(repeated));
    }
    return [block, offset, left = length]() mutable {
      const std::size_t most = static_cast<std::size_t>(std::min<std::uint64_t>(left, kPiece));
      std::string piece = block->substr(static_cast<std::size_t>(offset % block->size()), most);
      offset += piece.size();
      left -= piece.size();
      return piece;
    };
  };
  return out;
}

std::string sha256_of(const MediaContent& content) {
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr);
  const BodySource source = content.read(0, content.size);
  for (std::string piece = source(); !piece.empty(); piece = source())
    EVP_DigestUpdate(context.get(), piece.data(), piece.size());
  std::string digest(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  EVP_DigestFinal_ex(context.get(), reinterpret_cast<unsigned char*>(digest.data()), &size);
  digest.resize(size);
  return to_hex(digest);
}

HttpResponse content_response(const HttpRequest& request, const MediaContent& content,
                              const std::string& type) {
  const auto range = range_in(header_value(request.headers, "Range"), content.size);
  if (!range) return stream_response(200, content.read(0, content.size), content.size, type);
  if (range->length == 0) {
    HttpResponse response = text_response(416, "");
    response.headers.emplace_back("Content-Range", fmt::format("bytes */{}", content.size));
    return response;
  }
  HttpResponse response =
      stream_response(206, content.read(range->offset, range->length), range->length, type);
  response.headers.emplace_back(
      "Content-Range",
      fmt::format("bytes {}-{}/{}", range->offset, range->offset + range->length - 1, content.size));
  return response;
}

}  // namespace hubkeep::sim
