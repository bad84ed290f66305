// Every attempt that fails is judged here, and the error comes back either as it was, to be tried again, or
// as final. Three things make it final: the server has said the same words three times, attempts of all kinds
// have become too many, or too much time has brought nothing. Errors that another attempt cannot change, and
// those that say nothing of the server, pass untouched.
#include "backup/git_patience.h"

#include <fmt/format.h>

#include <algorithm>

#include "git/ls_refs.h"

namespace hubkeep {
namespace {

bool is_said_by_server(const Error& error) {
  return error.kind() == ErrorKind::refused || error.kind() == ErrorKind::gave_up;
}

// As it may be of every object of a large repository. Else not_found is about the repository itself.
// Patience.EndsWhereTheServerLacksOneObjectAfterAnother, ARepositoryThatIsGoneIsNoFailedAttempt.
bool is_of_one_object(const Error& error) {
  return error.kind() == ErrorKind::not_found && object_not_there(error.message());
}

}  // namespace

void Patience::gained(UtcTime now) {
  since_ = now;
  lost_ = {};
  failed_in_vain_ = 0;
}

Error Patience::judge(const Error& error, UtcTime now) {
  if (!is_said_by_server(error) && error.kind() != ErrorKind::transient && !is_of_one_object(error))
    return error;
  ++failed_;
  ++failed_in_vain_;
  // A clock may be set back, and an excuse may reach into the future: neither gives time back.
  lost_ += std::max(now - since_, std::chrono::seconds(0));
  since_ = std::max(now, since_);
  if (is_said_by_server(error)) ++said_[error.message()];
  if (is_over()) {
    return Error(error.kind(),
                 fmt::format("{} (given up after {} failed attempts and {} minutes that brought nothing)",
                             error.message(), failed_ >= kMaxFailedAttempts ? failed_ : failed_in_vain_,
                             std::chrono::duration_cast<std::chrono::minutes>(lost_).count()))
        .as_final();
  }
  if (!believes(error)) return error;
  // What gave up tells what is lost, in the server's own words: they go on as they are.
  return error.kind() == ErrorKind::refused ? error.after_attempts(said_.at(error.message()))
                                            : error.as_final();
}

bool Patience::believes(const Error& error) const {
  const auto said = said_.find(error.message());
  return said != said_.end() && said->second >= kTimesToBelieve;
}

}  // namespace hubkeep
