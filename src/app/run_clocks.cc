// Answers say how far this machine's clock is ahead of GitHub's and of the store's. GitHub's and AWS's clocks
// are right, so a difference to one of them is this machine's fault; that of another store may itself be
// wrong, which GitHub's, once heard, decides. What has been said of one clock is not said again.
#include "app/run_clocks.h"

#include <fmt/format.h>

#include "http/clock_watch.h"

namespace hubkeep {
namespace {

constexpr const char* kThisMachine = "this machine";

}  // namespace

std::vector<std::string> describe_clocks(const ClockEvidence& evidence) {
  std::vector<std::string> texts;
  const auto& [of_github, of_store, store, is_store_right, asks_github] = evidence;
  if (of_github && is_off(*of_github))
    texts.push_back(describe_clock(kThisMachine, *of_github, "GitHub's") + ": set it");
  if (!of_store) return texts;
  if (is_store_right) {
    if (texts.empty() && is_off(*of_store))
      texts.push_back(
          fmt::format("{} of {}: set it", describe_clock(kThisMachine, *of_store, "that"), store));
  } else if (of_github) {
    const std::chrono::seconds store_ahead = *of_github - *of_store;
    if (is_off(store_ahead)) texts.push_back(describe_clock(store, store_ahead, "GitHub's") + ": set it");
  } else if (!asks_github && is_off(*of_store)) {
    texts.push_back(fmt::format("{} of {}: set the one that is wrong",
                                describe_clock(kThisMachine, *of_store, "that"), store));
  }
  return texts;
}

RunClocks::RunClocks(bool asks_github, std::function<void(const std::string&)> notice)
    : notice_(std::move(notice)) {
  evidence_.asks_github = asks_github;
}

void RunClocks::hear_github(std::chrono::seconds ahead) {
  const std::scoped_lock lock(mutex_);
  ahead_of_github_ = ahead;
  // The first answer decides what is said; later ones only move the offset.
  if (evidence_.of_github) return;
  evidence_.of_github = ahead;
  tell();
}

void RunClocks::hear_store(std::chrono::seconds ahead, const std::string& store, bool is_right) {
  const std::scoped_lock lock(mutex_);
  if (evidence_.of_store) return;
  evidence_.of_store = ahead;
  evidence_.store = store;
  evidence_.is_store_right = is_right;
  tell();
}

std::chrono::seconds RunClocks::ahead_of_github() const {
  const std::scoped_lock lock(mutex_);
  return ahead_of_github_;
}

// What AWS says of this machine need not be said again by GitHub.
void RunClocks::tell() {
  for (const std::string& text : describe_clocks(evidence_)) {
    const std::string whose = text.substr(0, text.find(" is "));
    if (told_.insert(whose).second && notice_) notice_(text);
  }
}

}  // namespace hubkeep
