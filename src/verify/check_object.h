// Whether one object is there as it was written.
#pragma once

#include <optional>
#include <stop_token>
#include <string>

#include "vault/object_record.h"
#include "verify/checked.h"
#include "verify/verify_context.h"

namespace hubkeep {

/// Reads an object to its end, whatever the context's chooser says.
Checked read_object(const VerifyContext& context, const std::string& folder, const ObjectRecord& record,
                    const std::stop_token& stop);

/// `info` is what the store said of the object: nothing where it is missing. Reads it when the context's
/// chooser says so; asks for its checksum otherwise, where one was written. Throws Error for what says
/// nothing of the object.
Checked check_object(const VerifyContext& context, const std::string& folder, const ObjectRecord& record,
                     const std::optional<ObjectInfo>& info, const std::stop_token& stop);

}  // namespace hubkeep
