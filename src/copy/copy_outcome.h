// What a copy did with one repository, and who is told.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/byte_sink.h"
#include "base/error.h"
#include "vault/subject.h"

namespace hubkeep {

struct CopyOutcome {
  std::string repository;  // owner/name
  SubjectId id;
  std::size_t snapshots = 0;          // copied
  std::size_t objects = 0;            // copied, beside manifests
  ByteCount bytes = 0;                // of both
  std::vector<std::string> problems;  // snapshots that were left out, and why
  std::optional<Error> error;         // why it was not copied to the end

  bool is_good() const { return problems.empty() && !error; }
};

/// Told of a copy's events, from any of its threads at any time: implementations lock for themselves.
class CopyObserver {
 public:
  CopyObserver() = default;
  CopyObserver(const CopyObserver&) = delete;
  CopyObserver& operator=(const CopyObserver&) = delete;
  virtual ~CopyObserver() = default;

  virtual void selected(std::size_t repositories) = 0;
  virtual void copied(ByteCount bytes) = 0;
  virtual void finished(const CopyOutcome& outcome) = 0;
  virtual void retrying(const Error& error, std::chrono::milliseconds wait) = 0;
  virtual void notice(const std::string& text) = 0;
};

}  // namespace hubkeep
