// Objects that name many more: 50,000 of them are no manifest. docs/storage-format.md, "List objects".
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <nlohmann/json_fwd.hpp>
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

/// What is kept of a long list from one snapshot to the next: all of it, and at most one object of changes to
/// that. Changes are worth it while they are at most a quarter of all.
bool are_few(std::size_t changes, std::size_t all);

/// The lines of list objects by their keys, each without its line feed.
using ListLines = std::map<std::string, std::string>;

/// The record of a list object, as it stands in a part.
nlohmann::ordered_json list_to_json(const ObjectRecord& list);

/// What lists of one array say together. Throws what read_lists() throws, and Error(corrupt).
ListLines read_list_lines(const std::vector<ObjectRecord>& lists, const ListReader& read_list);

/// Where a list of a subject is written.
struct ListPlace {
  VaultObjects& objects;
  const std::string& folder;
  std::string record_key;
  std::stop_token stop = {};
};

/// Stores `now` and returns the lists that say it: those of `before`, the snapshot's before, where they do;
/// the first of them and one of changes while these are few; else one of all, or none of nothing. `before`
/// can be read.
std::vector<ObjectRecord> store_list(const ListPlace& place, const std::vector<ObjectRecord>& before,
                                     const ListLines& now);

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
