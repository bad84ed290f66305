// What a copy did with one repository, and who is told.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/byte_sink.h"
#include "base/error.h"
#include "base/run_observer.h"
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

class CopyObserver : public RunObserver {
 public:
  virtual void finished(const CopyOutcome& outcome) = 0;
};

}  // namespace hubkeep
