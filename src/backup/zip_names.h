// What names a day's zips: written at the end of a run, and made again where it is lost or damaged.
#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "vault/vault.h"
#include "vault/zip_record.h"

namespace hubkeep {

/// What a run's end does before the catalog: names `zips` in the metadata of `day`. Where that fails, the
/// updates forget them, so that the next run does them again. Where the metadata is damaged, or lost though
/// the catalog knows that there was one, it is made again first. Both are said in `problems`.
void name_zips(Vault& vault, const std::string& day, const std::vector<ZipRecord>& zips,
               std::vector<CatalogUpdate>& updates, std::vector<std::string>& problems);

struct RemadeZipDay {
  ZipDay named;
  std::vector<std::string> unclear;  // what nobody can say of the day any more
};

/// A day's names from all that still says something of them, the surest first: `stored`, as far as it can be
/// read; `known`; the reports of that day's runs; the zips that lie there, as they say themselves of which
/// commit they are; the catalog. Reads those zips that only speak for themselves. Whether what it then names
/// is there and whole is not looked at. Throws Error, as the store does.
RemadeZipDay remake_zip_day(Vault& vault, const std::string& day, const std::optional<std::string>& stored,
                            const std::vector<ZipRecord>& known, const std::stop_token& stop);

}  // namespace hubkeep
