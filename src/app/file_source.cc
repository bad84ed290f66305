#include "app/file_source.h"

#include <fmt/format.h>

#include <cerrno>
#include <fstream>
#include <system_error>

#include "base/error.h"
#include "base/text.h"

namespace hubkeep {
namespace {

constexpr std::size_t kMaxSize = std::size_t{1} << 20;

[[noreturn]] void refuse(const std::filesystem::path& path, const std::error_code& reason) {
  throw Error(ErrorKind::forbidden,
              fmt::format("cannot read {}: {}", printable(path.string()), reason.message()));
}

}  // namespace

FileText read_settings_file(const std::filesystem::path& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (status.type() == std::filesystem::file_type::not_found) return {};
  if (error) refuse(path, error);
  if (std::filesystem::is_directory(status)) return {FileText::State::folder, {}};

  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) refuse(path, {errno, std::generic_category()});
  std::string text(kMaxSize + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) refuse(path, {errno, std::generic_category()});
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kMaxSize)
    throw Error(ErrorKind::invalid, printable(path.string()) + " is larger than 1 MiB");
  return {FileText::State::found, std::move(text)};
}

}  // namespace hubkeep
