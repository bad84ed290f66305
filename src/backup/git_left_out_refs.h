// What a server lists and does not hand over: which refs that costs, and what is left without them. Pure.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "git/left_out.h"
#include "git/ref.h"

namespace hubkeep {

/// The server's words, by the object that it was asked for.
using Refusals = std::unordered_map<Oid, std::string>;

/// What an earlier run was refused, as far as `listed` shows the same refs at the same objects.
Refusals refusals_of(const std::vector<LeftOutRef>& left_out, const RefState& listed);

/// `listed` without what is refused: those refs are as they were `before`, or absent.
RefState without_refused(const RefState& listed, const std::optional<RefState>& before,
                         const Refusals& refused);

/// Every ref that `listed` has at an object which is refused, a detached HEAD among them, and what is
/// `nameless`; by name. May be more than kMaxLeftOut.
std::vector<LeftOutRef> left_out_of(const RefState& listed, const Refusals& refused,
                                    const std::vector<LeftOutRef>& nameless);

/// Cuts a list to what a manifest has room for: kMaxLeftOut, and a mebibyte. Returns whether it was longer.
bool cut_left_out(std::vector<LeftOutRef>& left_out);

}  // namespace hubkeep
