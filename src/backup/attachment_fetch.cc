#include "backup/attachment_fetch.h"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <utility>

#include "backup/vault_failure.h"
#include "base/error.h"
#include "base/text.h"
#include "github/attachment_hosts.h"
#include "github/attachment_urls.h"

namespace hubkeep {
namespace {

constexpr ByteCount kAlwaysInMemory = ByteCount{1} << 20;  // beside the buffers that a job has
constexpr ByteCount kMostInMemory = ByteCount{16} << 20;   // a picture has 10 MB at most
constexpr std::size_t kLongestName = 255;

// Keeps what fits, and the hash of all.
class MeasuringSink final : public ByteSink {
 public:
  void may_keep(ByteCount size) {
    most_kept_ = size;
    kept_.reserve(size);
  }
  void write(std::string_view bytes) override {
    record_.write(bytes);
    size_ += bytes.size();
    if (size_ > kLargestAttachment)
      throw Error(ErrorKind::invalid,
                  fmt::format("it is larger than {}, the most that is kept", human_size(kLargestAttachment)));
    if (size_ <= most_kept_)
      kept_ += bytes;
    else
      kept_ = std::string();
  }
  bool is_kept() const { return kept_.size() == size_; }
  const std::string& kept() const { return kept_; }
  ObjectRecord finish() {
    ObjectRecord record = record_.finish("", "identity");
    record.key = attachment_key(record.sha256);
    return record;
  }

 private:
  RecordingSink record_;
  ByteCount size_ = 0;
  ByteCount most_kept_ = kAlwaysInMemory;
  std::string kept_;
};

// attachment; filename="a.zip", of RFC 6266 its simple form; GitHub's names have no quotes in them.
std::string name_in(const std::string& disposition) {
  constexpr std::string_view kName = "filename=";
  const auto at = disposition.find(kName);
  if (at == std::string::npos) return "";
  std::string_view name = std::string_view(disposition).substr(at + kName.size());
  if (name.starts_with('"')) {
    name.remove_prefix(1);
    name = name.substr(0, name.find('"'));
  } else {
    name = name.substr(0, name.find(';'));
  }
  return std::string(trim(name));
}

std::string safe(std::string text) {
  return printable(text.substr(0, kLongestName));
}

class AttachmentFetch {
 public:
  AttachmentFetch(const RepositoryWork& work, const std::string& url, DownloadTally& tally)
      : work_(work), url_(url), tally_(tally), places_(work.context().github.api().places()) {}

  FetchedAttachment run() {
    MeasuringSink measured;
    std::optional<MemoryBudget::Lease> lease;
    DownloadHead head;
    download(measured, [&](const DownloadHead& told) {
      head = told;
      auto taken = lease ? std::nullopt : reserve(told.size);
      if (!taken) return;
      measured.may_keep(taken->size());
      lease.emplace(std::move(*taken));
    });
    const ObjectRecord record = measured.finish();
    const Found found = of_vault([&] { return find(record); });
    const bool is_new = found != Found::whole && store(record, measured, found == Found::damaged);
    return {.record = record, .address = address_of(head), .is_new = is_new};
  }

 private:
  template <typename OnHead>
  void download(ByteSink& sink, OnHead&& on_head) {
    const Url url = Url::parse(url_);
    const auto from = attachment_host(url, places_);
    if (!from) throw Error(ErrorKind::invalid, "not a host of this GitHub: " + url.origin());
    const GitHubPlaces& places = places_;
    download_whole(work_,
                   {.url = url,
                    .from = *from,
                    .on_head = std::forward<OnHead>(on_head),
                    .may_lead_to = [&places](const Url& to) { return may_hold_attachments(to, places); }},
                   sink, tally_);
  }

  // Of the memory of all jobs what is free, and nobody waits for it.
  std::optional<MemoryBudget::Lease> reserve(std::optional<ByteCount> size) const {
    MemoryBudget* const memory = work_.context().proof.memory;
    const bool is_worth_it = size && *size > kAlwaysInMemory && *size <= kMostInMemory;
    return memory != nullptr && is_worth_it ? memory->try_acquire(*size) : std::nullopt;
  }

  enum class Found { nothing, whole, damaged };

  // Its name says what its bytes must be.
  Found find(const ObjectRecord& record) const {
    VaultObjects& objects = work_.context().vault.objects();
    const auto there = objects.find(resolve_key(work_.folder(), record.key));
    if (!there) return Found::nothing;
    if (there->size != record.size) return Found::damaged;
    try {
      objects.require_written(work_.folder(), record, work_.stop());
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::cold) return Found::whole;  // as far as anybody can tell now
      if (error.kind() != ErrorKind::corrupt) throw;
      return Found::damaged;
    }
    return Found::whole;
  }

  // False when it was there already. What is damaged goes only when the bytes that replace it have come.
  bool store(const ObjectRecord& record, const MeasuringSink& measured, bool replaces_damaged) {
    RecordedWriter writer = of_vault([&] {
      return work_.context().vault.objects().create_stored(work_.folder(), record.key, record.size);
    });
    VaultSink sink(writer);
    if (measured.is_kept())
      sink.write(measured.kept());
    else
      download(sink, [](const DownloadHead&) {});
    const ObjectRecord came = of_vault([&] { return writer.finish(); });
    if (came.sha256 != record.sha256)
      throw Error(ErrorKind::transient, "it was another file when it was fetched for the second time");
    return of_vault([&] {
      if (replaces_damaged) remove(record);
      return writer.commit_as(came, work_.stop());
    });
  }

  void remove(const ObjectRecord& record) const {
    const std::array keys = {resolve_key(work_.folder(), record.key)};
    if (const auto error = work_.context().vault.objects().remove(keys, work_.stop()).front())
      throw Error(*error);
  }

  AttachmentAddress address_of(const DownloadHead& head) const {
    const std::string named = name_in(head.disposition);
    return {.url = attachment_identity(url_),
            .name = safe(named.empty() ? attachment_name(url_) : named),
            .type = safe(head.type)};
  }

  const RepositoryWork& work_;
  const std::string& url_;
  DownloadTally& tally_;
  const GitHubPlaces places_;
};

}  // namespace

FetchedAttachment fetch_attachment(const RepositoryWork& work, const std::string& url, DownloadTally& tally) {
  return AttachmentFetch(work, url, tally).run();
}

}  // namespace hubkeep
