// First one small object is written and removed. Where removing is not permitted, that object is all that is
// ever written: everything which needs further objects is left out, so that one line names all that stays.
#include "doctor/examine_place.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "crypto/hash.h"

namespace hubkeep {
namespace {

constexpr std::string_view kContent = "hubkeep doctor was here";
constexpr std::string_view kOther = "and here";
const ObjectKey kFirst = "first";
const ObjectKey kLargeKey = "large";
const ObjectKey kList = "list/";
// What stands in the keys of vaults and is encoded, or sorted, in more than one way. In byte order.
constexpr std::array<std::string_view, 5> kNames = {"%2E%20a", "A-1", "_b", "a.b@c", "a_1"};
constexpr std::size_t kLongestName = 245;  // docs/storage-format.md, "Names": a zip's
constexpr ByteCount kLastPart = 1000;
constexpr ByteCount kLarge = ByteCount{5} << 20;  // S3: the smallest part but the last
constexpr std::size_t kHashSize = 32;

/// What a probe has seen when all went well.
struct Seen {
  PlaceVerdict verdict = PlaceVerdict::ok;
  std::string text = {};
};

Seen missing(std::string text) {
  return {PlaceVerdict::missing, std::move(text)};
}

// Noise: a server in between may store other content in fewer bytes.
std::string noise(std::size_t size) {
  std::string bytes;
  bytes.reserve(size + kHashSize);
  for (std::size_t i = 0; bytes.size() < size; ++i) bytes += from_hex(sha256_hex(std::to_string(i)));
  bytes.resize(size);
  return bytes;
}

class Examination {
 public:
  Examination(ExaminedPlace& place, DoctorObserver& observer, const std::stop_token& stop)
      : place_(place), observer_(observer), stop_(stop) {
    report_.store.place = place.description();
  }

  DoctorReport run() {
    try {
      const FirstLook look = place_.look(stop_);
      for (const PlaceFinding& finding : look.findings) tell(finding);
      if (look.may_write) try_all();
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::cancelled) throw;
      report_.stopped = true;
    }
    report_.store.left_behind = place_.clean_up(written_);
    return std::move(report_);
  }

 private:
  void try_all() {
    probe("write an object", [&] { return write_first(); });
    if (!is_there_) return;
    probe("read an object", [&] { return read_first(); });
    probe("read a range of it", [&] { return read_range(); });
    probe("see what another run wrote", [&] { return compare_and_swap(); });
    probe("remove an object", [&] { return remove_first(); });
    probe("write a large object", [&] { return write_large(); });
    probe("take back what is unfinished", [&] { return take_back(); });
    probe("write long names", [&] { return write_long_name(); });
    probe("list", [&] { return list(); });
    probe("list from a key on", [&] { return list_from(); });
    probe("remove many at once", [&] { return remove_many(); });
    if (!place_.key_of_class().empty()) probe("storage class", [&] { return write_class(); });
    for (const PlaceFinding& finding : place_.learnt()) tell(finding);
  }

  void tell(PlaceFinding finding) {
    observer_.found(finding);
    report_.store.findings.push_back(std::move(finding));
  }

  // The edge of one probe: others are tried all the same.
  void probe(std::string thing, const std::function<Seen()>& action) {
    if (stop_.stop_requested()) throw Error(ErrorKind::cancelled, "stopped");
    Seen seen;
    try {
      seen = action();
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::cancelled) throw;
      seen = missing(error.message());
    }
    tell({.thing = std::move(thing), .verdict = seen.verdict, .text = std::move(seen.text)});
  }

  ObjectStore& store() { return place_.aside(); }

  CommitResult write(const ObjectKey& key, std::string_view bytes, const Precondition& precondition) {
    if (std::find(written_.begin(), written_.end(), key) == written_.end()) written_.push_back(key);
    const auto writer = store().create(key);
    writer->write(bytes);
    return writer->commit(precondition);
  }

  // Nobody else has this name: whoever says that there is something is wrong.
  void write_new(const ObjectKey& key, std::string_view bytes) {
    if (write(key, bytes, Precondition::absent()) == CommitResult::committed) return;
    throw Error(ErrorKind::corrupt, "the store says that there is an object already where none was written");
  }

  std::string content_of(const ObjectKey& key) { return store().read_versioned(key, stop_).bytes; }

  Seen write_first() {
    write_new(kFirst, kContent);
    is_there_ = true;
    return {};
  }

  Seen read_first() {
    if (content_of(kFirst) != kContent) return missing("what was read is not what was written");
    const auto info = store().find(kFirst);
    if (!info) return missing("it is not found where it was written");
    return info->size == kContent.size() ? Seen{} : missing("it is said to have another size");
  }

  Seen read_range() {
    constexpr ByteCount kOffset = 8;
    constexpr ByteCount kLength = 6;
    StringSink bytes;
    store().read(kFirst, kOffset, kLength, bytes, stop_);
    if (bytes.str() == kContent.substr(kOffset, kLength)) return {};
    return missing("other bytes came than were asked for");
  }

  // As the catalog is written, and whatever is written once.
  Seen compare_and_swap() {
    const std::string version = store().read_versioned(kFirst, stop_).version;
    if (write(kFirst, kOther, Precondition::absent()) == CommitResult::committed)
      return missing("what is there was written over as if it were new");
    if (write(kFirst, kOther, Precondition::unchanged(version)) != CommitResult::committed)
      return missing("what has not changed could not be replaced");
    if (write(kFirst, kContent, Precondition::unchanged(version)) == CommitResult::committed)
      return missing("what another has written meanwhile was written over");
    return {};
  }

  Seen remove_first() {
    try {
      store().remove(kFirst);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::forbidden) throw;
      may_remove_ = false;
      return {PlaceVerdict::not_permitted,
              fmt::format("a backup removes nothing that it saved. {}", error.message())};
    }
    return store().find(kFirst) ? missing("it is still there") : Seen{};
  }

  static Seen could_not_be_removed() {
    return {PlaceVerdict::not_tried, "what is written could not be removed again"};
  }

  Seen write_large() {
    if (!may_remove_) return could_not_be_removed();
    const std::string bytes = large_content();
    write_new(kLargeKey, bytes);
    Hasher hasher(HashKind::sha256);
    store().read(kLargeKey, hasher, stop_);
    if (to_hex(hasher.finish()) != sha256_hex(bytes)) return missing("what was read is not what was written");
    return {PlaceVerdict::ok, fmt::format("{}, and read back", human_size(bytes.size()))};
  }

  // More than one part.
  std::string large_content() { return noise(std::max(store().writer_memory(), kLarge) + kLastPart); }

  // As after a fetch that breaks off: the destructor takes it back, and a later run what that could not. A
  // backup goes on where that fails.
  Seen take_back() {
    {
      const auto writer = store().create(kLargeKey + ".unfinished");
      writer->write(large_content());
    }
    try {
      const Leftovers left = store().remove_stale(std::chrono::seconds(0));
      if (!left.problems.empty()) throw Error(left.problems.front());
      if (left.left == 0) return {};
      return {PlaceVerdict::without, "what killed runs leave stays"};
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::cancelled) throw;
      return {error.kind() == ErrorKind::forbidden ? PlaceVerdict::not_permitted : PlaceVerdict::without,
              error.message()};
    }
  }

  Seen write_long_name() {
    if (!may_remove_) return could_not_be_removed();
    write_new("names/" + std::string(kLongestName, 'n'), kContent);
    return {PlaceVerdict::ok, fmt::format("of {} bytes", kLongestName)};
  }

  std::vector<std::string> keys_after(const std::string& start_after) {
    std::vector<std::string> keys;
    store().list(kList, start_after, [&](const ObjectInfo& object) {
      keys.push_back(object.key);
      return keys.size() <= kNames.size();
    });
    return keys;
  }

  static std::vector<std::string> keys_from(std::size_t first) {
    std::vector<std::string> keys;
    for (std::size_t i = first; i < kNames.size(); ++i) keys.push_back(kList + std::string(kNames.at(i)));
    return keys;
  }

  Seen list() {
    if (!may_remove_) {
      keys_after("");
      return {PlaceVerdict::ok,
              "keys of all kinds were not tried: what is written could not be removed again"};
    }
    for (const std::string& key : keys_from(0)) write_new(key, kContent);
    if (keys_after("") != keys_from(0)) return missing("the list is not that of the keys that were written");
    return {};
  }

  Seen list_from() {
    if (!may_remove_) return could_not_be_removed();
    constexpr std::size_t kMiddle = 2;
    if (keys_after(keys_from(0).at(kMiddle)) == keys_from(kMiddle + 1)) return {};
    return missing("the list is not that of the keys that follow");
  }

  Seen remove_many() {
    if (!may_remove_) return could_not_be_removed();
    for (const std::optional<Error>& error : store().remove(keys_from(0), stop_))
      if (error) throw Error(*error);
    return keys_after("").empty() ? Seen{} : missing("some are still there");
  }

  Seen write_class() {
    const ObjectKey key = place_.key_of_class();
    if (!may_remove_) return could_not_be_removed();
    write_new(key, kContent);
    const auto info = store().find(key);
    if (!info) return missing("it is not found where it was written");
    if (info->access == Access::at_once) return {};
    return {PlaceVerdict::ok, "an archive class: to restore, ask for the objects with --thaw first"};
  }

  ExaminedPlace& place_;
  DoctorObserver& observer_;
  const std::stop_token stop_;
  DoctorReport report_;
  std::vector<ObjectKey> written_;
  bool is_there_ = false;
  bool may_remove_ = true;
};

}  // namespace

bool DoctorReport::is_good() const {
  return std::none_of(store.findings.begin(), store.findings.end(),
                      [](const PlaceFinding& finding) { return finding.verdict == PlaceVerdict::missing; });
}

DoctorReport examine_place(ExaminedPlace& place, DoctorObserver& observer, const std::stop_token& stop) {
  return Examination(place, observer, stop).run();
}

}  // namespace hubkeep
