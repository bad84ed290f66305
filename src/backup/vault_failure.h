// Tells what the vault throws from what GitHub does, while bytes stream from one to the other: "forbidden" by
// GitHub is about one file, "forbidden" by the store about all.
#pragma once

#include "base/byte_sink.h"
#include "base/error.h"
#include "vault/vault_objects.h"

namespace hubkeep {

/// No Error, so that nobody between takes it for one of GitHub's.
struct VaultFailure {
  Error error;
};

template <typename Action>
auto of_vault(Action&& action) -> decltype(action()) {
  try {
    return action();
  } catch (const Error& error) {
    throw VaultFailure{error};
  }
}

class VaultSink final : public ByteSink {
 public:
  explicit VaultSink(RecordedWriter& writer) : writer_(writer) {}
  void write(std::string_view bytes) override {
    of_vault([&] { writer_.write(bytes); });
  }

 private:
  RecordedWriter& writer_;
};

}  // namespace hubkeep
