#include "report/progress.h"

#include <fmt/format.h>

#include "base/text.h"

namespace hubkeep {

void Progress::selected(std::size_t repositories) {
  const std::scoped_lock lock(mutex_);
  total_ += repositories;
  if (!options_.quiet) status_.line(fmt::format("{} repositories to look at", repositories));
}

void Progress::started(const std::string& repository) {
  const std::scoped_lock lock(mutex_);
  if (options_.verbose) status_.line(printable(repository) + ": started");
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
  if (bad || (news && !options_.quiet) || options_.verbose) status_.line(describe(outcome));
  draw();
}

void Progress::waiting(const std::string& reason, std::chrono::seconds wait) {
  const std::scoped_lock lock(mutex_);
  status_.line(fmt::format("waiting {} s: {}", wait.count(), reason));
}

void Progress::retrying(const std::string& repository, const Error& error, std::chrono::milliseconds wait) {
  const std::scoped_lock lock(mutex_);
  if (options_.quiet) return;
  status_.line(fmt::format("{}: trying again in {:.1f} s: {}", printable(repository),
                           static_cast<double>(wait.count()) / 1000, error.message()));
}

void Progress::notice(const std::string& text) {
  const std::scoped_lock lock(mutex_);
  status_.line("note: " + text);
}

void Progress::draw() {
  status_.draw(fmt::format("{} of {} repositories", done_, total_), bytes_, "received");
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
