#include "report/json_progress.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/log.h"
#include "base/text.h"
#include "report/progress.h"

namespace hubkeep {

void JsonProgress::selected(std::size_t repositories) {
  log_event(LogLevel::normal, Severity::info,
            count_of(repositories, "repository", "repositories") + " to look at",
            {{"event", "selected"}, {"repositories", repositories}});
}

void JsonProgress::started(const std::string& repository) {
  log_event(LogLevel::verbose, Severity::debug, repository + ": started",
            {{"event", "started"}, {"repository", repository}});
}

void JsonProgress::finished(const Outcome& outcome) {
  const bool failed = outcome.kind == OutcomeKind::failed || !outcome.left_out.empty();
  const bool is_news = outcome.kind != OutcomeKind::unchanged;
  nlohmann::ordered_json fields = {{"event", "repository"}};
  fields.update(to_json(outcome));
  log_event(failed    ? LogLevel::quiet
            : is_news ? LogLevel::normal
                      : LogLevel::verbose,
            failed    ? Severity::error
            : is_news ? Severity::info
                      : Severity::debug,
            describe(outcome), fields);
}

void JsonProgress::waiting(const std::string& reason, std::chrono::seconds wait) {
  log_event(LogLevel::normal, Severity::warning, fmt::format("waiting {} s: {}", wait.count(), reason),
            {{"event", "waiting"}, {"seconds", wait.count()}});
}

void JsonProgress::retrying(const std::string& repository, const Error& error,
                            std::chrono::milliseconds wait) {
  log_event(LogLevel::normal, Severity::warning,
            fmt::format("{}: {}; again in {} ms", repository, error.message(), wait.count()),
            {{"event", "retrying"}, {"repository", repository}, {"kind", to_string(error.kind())}});
}

void JsonProgress::notice(const std::string& text) {
  log_event(LogLevel::quiet, Severity::warning, text, {{"event", "notice"}});
}

void JsonProgress::lost(const OpenLosses& losses) {
  log_event(LogLevel::quiet, Severity::error, describe(losses),
            {{"event", "lost"}, {"repository", losses.repository}, {"objects", losses.losses.size()}});
}

void JsonProgress::made_vault(const std::string& place, const std::string& id) {
  log_event(LogLevel::quiet, Severity::warning, new_vault_text(place, id),
            {{"event", "vault"}, {"vault", id}, {"vault_is_new", true}});
}

}  // namespace hubkeep
