// Objects that name many more: 50,000 of them are no manifest. docs/storage-format.md, "List objects".
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/error.h"
#include "vault/manifest.h"
#include "vault/part.h"
#include "vault/vault_objects.h"

namespace hubkeep {

/// Reads the list objects of a repository's parts from its vault. Keeps references. What it throws beside
/// ListReader's errors: not_found, cold.
ListReader read_lists(VaultObjects& objects, const std::string& folder, const std::stop_token& stop);

/// Every object that the snapshot needs, part by part: see visit_objects() of a part. Its Error(invalid)
/// names the program that wrote the manifest.
void visit_objects(const Manifest& manifest, const ListReader& read_list,
                   const std::function<void(const ObjectRecord&)>& visit);

/// A list object that is missing, damaged or in an archive class.
struct UnreadableList {
  ObjectRecord list;
  Error error;
};

/// Throws Error(invalid), as visit_objects() does, where a list names an object in a way that this version
/// does not know. Returns the lists that cannot be read, so that nobody knows what they name.
std::vector<UnreadableList> require_known(const Manifest& manifest, const ListReader& read_list);

}  // namespace hubkeep
