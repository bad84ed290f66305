// Faults as the control API reads them:
//
//   {"match": {"method": "POST", "path": "regular expression", "repository": "octo/site", "kind": "git",
//              "git_command": "fetch", "operation": "Issues"},
//    "action": {"type": "cut_after", "bytes": 1000}, "skip": 0, "times": 1}
//
// Actions by type, with their fields: respond (status, headers, body), redirect (status, location), close,
// empty, error_line (text), cut_after (bytes), end_after (bytes), cut_before_flush, drip (bytes_per_second),
// fatal_band (text, after), flip_pack_bit (offset, bit), wrong_trailer, delay (milliseconds),
// barrier (name, parties). "times": -1 means for ever.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "sim/faults.h"

namespace hubkeep::sim {

/// Throws Error(invalid).
Fault fault_from(const nlohmann::json& document);
nlohmann::json log_json(const LoggedRequest& request);

}  // namespace hubkeep::sim
