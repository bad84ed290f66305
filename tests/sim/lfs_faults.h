// What goes wrong with Git LFS, as faults to order: whole batches that are refused, and answers that say
// something odd of an object. Objects that are gone, damaged or of another size are the World's: see
// LfsStore.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "sim/faults.h"
#include "sim/lfs_store.h"

namespace hubkeep::sim {

/// Batches that ask for the object; empty: any.
FaultMatch lfs_batches(const std::string& oid = "");
/// Requests for the object at the media host; empty: for any object.
FaultMatch lfs_downloads(const std::string& oid = "");

/// A whole batch is refused, in the words of the protocol: 503, 507, 509, …
Respond lfs_refusal(int status, const std::string& message);
/// GitHub's answer when nobody has paid for the owner's bandwidth: 403, in its older and in its newer words.
Respond lfs_over_quota();
Respond lfs_over_budget();
/// 429 with Retry-After.
Respond lfs_too_many_requests(std::chrono::seconds retry_after);
/// 200, and a page in place of JSON.
Respond lfs_page();

/// The object has an error and no actions. `oid`, here and below: of that object; empty: of each.
AlterLfs lfs_object_error(const std::string& oid, int code, const std::string& message = "no");
/// The object has an error and its actions, too.
AlterLfs lfs_error_beside_actions(const std::string& oid, int code);
AlterLfs lfs_other_size(const std::string& oid, std::uint64_t size);
AlterLfs lfs_other_href(const std::string& oid, const std::string& href);
/// No word of the object.
AlterLfs lfs_left_out(const std::string& oid);
/// An object that was not asked for stands beside the others.
AlterLfs lfs_foreign(const LfsObject& object, const std::string& href);
/// GitHub does not name the transfer.
AlterLfs lfs_transfer(const std::string& name);

}  // namespace hubkeep::sim
