// Encoding what is stored, and decoding it again, as sinks. VaultObjects puts them before the store; whoever
// keeps an object in memory before it has a key uses them too. Nobody else knows how anything is encoded.
#pragma once

#include <memory>
#include <string_view>

#include "base/byte_sink.h"
#include "vault/key_kind.h"

namespace hubkeep {

/// As records call it.
std::string_view name_of(Encoding encoding);
/// Throws Error(invalid) for one that this version does not know.
Encoding encoding_named(std::string_view name);

/// Encodes what is written into `next`; finish() ends that and must be called.
class EncodingSink final : public ByteSink {
 public:
  EncodingSink(Encoding encoding, ByteSink& next);
  ~EncodingSink() override;
  void write(std::string_view bytes) override;
  void finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Decodes what is written into `next`. Throws Error(corrupt) for what was not encoded so; finish() does for
/// what was cut. What is sealed loses its seal, which is not looked at: see read_sealed_lines().
class DecodingSink final : public ByteSink {
 public:
  DecodingSink(Encoding encoding, ByteSink& next);
  ~DecodingSink() override;
  void write(std::string_view bytes) override;
  void finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace hubkeep
