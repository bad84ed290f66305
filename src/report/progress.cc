#include "report/progress.h"

#include <fmt/format.h>

#include "base/log.h"
#include "base/text.h"

namespace hubkeep {
namespace {

constexpr std::chrono::milliseconds kRedraw{200};

}  // namespace

Progress::Progress(ProgressOptions options) : options_(options), began_(std::chrono::steady_clock::now()) {}

Progress::~Progress() {
  erase();
}

void Progress::selected(std::size_t repositories) {
  const std::scoped_lock lock(mutex_);
  total_ += repositories;
  if (!options_.quiet) line(fmt::format("{} repositories to look at", repositories));
}

void Progress::started(const std::string& repository) {
  const std::scoped_lock lock(mutex_);
  if (options_.verbose) line(printable(repository) + ": started");
}

void Progress::received(ByteCount bytes) {
  const std::scoped_lock lock(mutex_);
  bytes_ += bytes;
  draw();
}

void Progress::finished(const Outcome& outcome) {
  const std::scoped_lock lock(mutex_);
  ++done_;
  const bool bad = outcome.kind == OutcomeKind::failed;
  const bool news = outcome.kind == OutcomeKind::saved || outcome.kind == OutcomeKind::gone ||
                    outcome.kind == OutcomeKind::not_selected;
  if (bad || (news && !options_.quiet) || options_.verbose) line(describe(outcome));
  draw();
}

void Progress::waiting(const std::string& reason, std::chrono::seconds wait) {
  const std::scoped_lock lock(mutex_);
  line(fmt::format("waiting {} s: {}", wait.count(), reason));
}

void Progress::retrying(const std::string& repository, const Error& error, std::chrono::milliseconds wait) {
  const std::scoped_lock lock(mutex_);
  if (options_.quiet) return;
  line(fmt::format("{}: trying again in {:.1f} s: {}", printable(repository),
                   static_cast<double>(wait.count()) / 1000, error.message()));
}

void Progress::notice(const std::string& text) {
  const std::scoped_lock lock(mutex_);
  line("note: " + text);
}

void Progress::line(const std::string& text) {
  erase();
  log_line(LogLevel::quiet, text);
}

void Progress::draw() {
  if (!options_.terminal || options_.quiet) return;
  const auto now = std::chrono::steady_clock::now();
  if (visible_ && now - drawn_ < kRedraw) return;
  const double seconds = std::chrono::duration<double>(now - began_).count();
  const auto rate = static_cast<ByteCount>(static_cast<double>(bytes_) / std::max(seconds, 0.1));
  fmt::print(stderr, "\r\x1b[K{} of {} repositories, {} received, {}/s", done_, total_, human_size(bytes_),
             human_size(rate));
  std::fflush(stderr);
  visible_ = true;
  drawn_ = now;
}

void Progress::erase() {
  if (!visible_) return;
  fmt::print(stderr, "\r\x1b[K");
  visible_ = false;
}

std::string describe(const Outcome& outcome) {
  std::string text = fmt::format("{}: {}", printable(outcome.repository), to_string(outcome.kind));
  if (outcome.error) text += ": " + printable(outcome.error->message());
  if (!outcome.detail.empty()) text += fmt::format(" ({})", printable(outcome.detail));
  if (outcome.kind == OutcomeKind::saved) {
    text += fmt::format(", {} objects, {} received", outcome.objects, human_size(outcome.bytes_received));
  }
  return text;
}

std::string describe(const RunSummary& summary) {
  ByteCount received = 0;
  ByteCount stored = 0;
  std::uint64_t requests = 0;
  for (const auto& outcome : summary.outcomes) {
    received += outcome.bytes_received;
    stored += outcome.bytes_stored;
    requests += outcome.requests;
  }
  std::string text = fmt::format("{} saved, {} unchanged, {} failed", summary.count(OutcomeKind::saved),
                                 summary.count(OutcomeKind::unchanged), summary.count(OutcomeKind::failed));
  if (const auto gone = summary.count(OutcomeKind::gone); gone > 0)
    text += fmt::format(", {} gone from GitHub", gone);
  if (const auto others = summary.count(OutcomeKind::not_selected); others > 0)
    text += fmt::format(", {} not selected any more", others);
  if (const auto left = summary.count(OutcomeKind::not_done); left > 0)
    text += fmt::format(", {} not done", left);
  text += fmt::format("; {} received, {} stored; {} API requests, {} git requests; {} s",
                      human_size(received), human_size(stored), summary.api_requests, requests,
                      (summary.finished - summary.started).count());
  if (summary.stopped) text += "\nstopped: what is finished is kept, the next run goes on from there";
  for (const auto& problem : summary.run_problems) text += "\n" + printable(problem);
  return text;
}

}  // namespace hubkeep
