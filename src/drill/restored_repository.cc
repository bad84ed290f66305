#include "drill/restored_repository.h"

#include <array>
#include <fstream>
#include <string>

#include "base/error.h"
#include "base/text.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const fs::path& file, const std::string& why) {
  throw Error(ErrorKind::corrupt, file.filename().string() + " of the restored repository " + why);
}

Head read_head(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::string line;
  if (!std::getline(stream, line)) refuse(file, "cannot be read");
  constexpr std::string_view kRef = "ref: ";
  if (line.starts_with(kRef)) return {.symref_target = line.substr(kRef.size()), .oid = {}};
  const auto oid = Oid::parse(line);
  if (!oid) refuse(file, "is neither a branch nor an object");
  return {.symref_target = "", .oid = oid};
}

// gitformat-pack: "\377tOc", version 2, then the fan-out, whose last number is that of all objects.
std::uint32_t objects_in_index(const fs::path& file) {
  constexpr std::size_t kLast = 8 + 255 * 4;
  std::ifstream stream(file, std::ios::binary);
  std::array<unsigned char, kLast + 4> head{};
  if (!stream.read(reinterpret_cast<char*>(head.data()), head.size())) refuse(file, "is cut");
  if (std::string_view(reinterpret_cast<const char*>(head.data()), 8) !=
      std::string_view("\377tOc\0\0\0\2", 8))
    refuse(file, "is not an index of version 2");
  std::uint32_t count = 0;
  for (std::size_t i = 0; i < 4; ++i) count = count << 8U | head.at(kLast + i);
  return count;
}

}  // namespace

RefState read_ref_files(const fs::path& repository, ObjectFormat format) {
  RefState state{.format = format, .head = read_head(repository / "HEAD"), .refs = {}};
  std::error_code ignored;
  for (const auto& entry : fs::recursive_directory_iterator(repository / "refs", ignored))
    if (!entry.is_directory()) refuse(entry.path(), "stands beside packed-refs");
  const fs::path file = repository / "packed-refs";
  std::ifstream stream(file, std::ios::binary);
  std::string line;
  while (std::getline(stream, line)) {
    if (line.starts_with('#') || line.starts_with('^')) continue;
    const auto space = line.find(' ');
    const auto oid = Oid::parse(line.substr(0, space));
    if (!oid || space == std::string::npos) refuse(file, "has a line that is no ref: " + printable(line));
    state.refs.add(line.substr(space + 1), *oid);
  }
  return state;
}

std::uint64_t count_objects(const fs::path& repository) {
  std::uint64_t count = 0;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(repository / "objects" / "pack", ignored))
    if (entry.path().extension() == ".idx") count += objects_in_index(entry.path());
  return count;
}

}  // namespace hubkeep
