#include "report/run_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "vault/vault.h"

namespace hubkeep {
namespace {

std::string_view name_of(RetrySubject::Kind kind) {
  switch (kind) {
    case RetrySubject::Kind::repository:
      return "repository";
    case RetrySubject::Kind::github:
      return "github";
    case RetrySubject::Kind::vault:
      return "vault";
  }
  return "repository";
}

std::string shown(const RetrySubject& subject) {
  switch (subject.kind) {
    case RetrySubject::Kind::repository:
      return printable(subject.repository);
    case RetrySubject::Kind::github:
      return "GitHub";
    case RetrySubject::Kind::vault:
      return "the vault";
  }
  return "";
}

}  // namespace

void RunLog::selected(std::size_t repositories) {
  {
    const std::scoped_lock lock(mutex_);
    total_ += repositories;
  }
  event(LogLevel::normal, Severity::info,
        fmt::format("{} {}", count_of(repositories, "repository", "repositories"), words_.purpose),
        {{"event", "selected"}, {"repositories", repositories}});
}

void RunLog::moved(ByteCount bytes) {
  const std::scoped_lock lock(mutex_);
  bytes_ += bytes;
  draw();
}

void RunLog::finished(std::string_view text, NewsValue value, const nlohmann::ordered_json& fields) {
  const bool bad = value == NewsValue::bad;
  const bool news = value == NewsValue::news;
  const LogLevel level = bad ? LogLevel::quiet : news ? LogLevel::normal : LogLevel::verbose;
  const Severity severity = bad ? Severity::error : news ? Severity::info : Severity::debug;
  nlohmann::ordered_json all = {{"event", "repository"}};
  all.update(fields);
  const std::scoped_lock lock(mutex_);
  ++done_;
  // One by one: the log would escape a line's end within a line.
  do {
    const auto end = std::min(text.find('\n'), text.size());
    status_.line(level, severity, text.substr(0, end), all);
    text.remove_prefix(std::min(end + 1, text.size()));
  } while (!text.empty() && log_format() == LogFormat::text);
  draw();
}

void RunLog::waiting(const std::string& reason, std::chrono::seconds wait) {
  event(LogLevel::quiet, Severity::warning, fmt::format("waiting {} s: {}", wait.count(), reason),
        {{"event", "waiting"}, {"seconds", wait.count()}});
}

void RunLog::retrying(const RetrySubject& subject, const Error& error, std::chrono::milliseconds wait) {
  nlohmann::ordered_json fields = {{"event", "retrying"}, {"subject", name_of(subject.kind)}};
  if (subject.kind == RetrySubject::Kind::repository) fields["repository"] = subject.repository;
  fields["kind"] = to_string(error.kind());
  event(LogLevel::normal, Severity::warning,
        fmt::format("{}: trying again in {:.1f} s: {}", shown(subject),
                    static_cast<double>(wait.count()) / 1000, error.message()),
        fields);
}

void RunLog::notice(const std::string& text) {
  const std::scoped_lock lock(mutex_);
  status_.erase();
  log_notice(text);
}

void RunLog::made_vault(const std::string& place, const std::string& id) {
  const std::string text = new_vault_text(place, id);
  if (log_format() == LogFormat::text) return notice(text);
  event(LogLevel::quiet, Severity::warning, text,
        {{"event", "vault"}, {"vault", id}, {"vault_is_new", true}});
}

void RunLog::event(LogLevel level, Severity severity, std::string_view text,
                   const nlohmann::ordered_json& fields) {
  const std::scoped_lock lock(mutex_);
  status_.line(level, severity, text, fields);
}

void RunLog::draw() {
  status_.draw(fmt::format("{} of {}", done_, count_of(total_, "repository", "repositories")), bytes_,
               words_.done);
}

}  // namespace hubkeep
