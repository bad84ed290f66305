#include "pack/entry_reader.h"

#include <utility>

#include "base/crc32.h"
#include "base/error.h"

namespace hubkeep {

EntryReader::EntryReader(const EntryTable& table, ByteSource& pack, ByteCount end, ObjectFormat format)
    : table_(table), pack_(pack), end_(end), format_(format) {}

EntryReader::Entry EntryReader::read(std::uint32_t entry, const std::function<void(ByteCount)>& room,
                                     const std::stop_token& stop) {
  const ByteCount offset = table_[entry].offset;
  const ByteCount length = (entry + 1 < table_.size() ? table_[entry + 1].offset : end_) - offset;
  room(length);
  std::string bytes = pack_.read(offset, length, stop);
  bytes_ += length;
  const auto header =
      crc32_of(bytes) == table_[entry].crc32 ? parse_entry_header(bytes, offset, format_) : std::nullopt;
  if (!header) throw Error(ErrorKind::corrupt, "its bytes are not those that came");
  return {*header, std::move(bytes)};
}

}  // namespace hubkeep
