// Objects of git by their names, wherever they are.
#pragma once

#include <optional>
#include <stop_token>
#include <string>

#include "git/object_links.h"
#include "git/oid.h"

namespace hubkeep {

struct GitObject {
  ObjectType type = ObjectType::commit;
  std::string content;
};

/// Thread-safe unless an implementation says otherwise.
class ObjectSource {
 public:
  ObjectSource() = default;
  ObjectSource(const ObjectSource&) = delete;
  ObjectSource& operator=(const ObjectSource&) = delete;
  virtual ~ObjectSource() = default;

  virtual bool contains(const Oid& oid) const = 0;
  /// Nothing where it is not there. What comes has that name: it was hashed. Throws Error: corrupt, and what
  /// reading throws.
  virtual std::optional<GitObject> read(const Oid& oid, const std::stop_token& stop) = 0;
};

/// Where there is nothing.
class NoObjects final : public ObjectSource {
 public:
  bool contains(const Oid&) const override { return false; }
  std::optional<GitObject> read(const Oid&, const std::stop_token&) override { return std::nullopt; }
};

}  // namespace hubkeep
