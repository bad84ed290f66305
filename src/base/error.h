// The one exception of hubkeep: a kind that decisions look at, and a message that grows context on its way
// out.
#pragma once

#include <exception>
#include <string>
#include <string_view>

namespace hubkeep {

enum class ErrorKind {
  not_found,     // what was named does not exist, or the token may not see it
  unauthorized,  // the credentials are missing, wrong or expired
  forbidden,     // the credentials are good but not enough, or the file system says no
  rate_limited,  // asked too often; waiting longer than we are willing to would be needed
  transient,     // may work when tried again: network, server overload
  refused,       // the other side says no, in words of its own; final when they stay the same
  gave_up,       // the other side began and could not go on; the same
  corrupt,       // bytes that are not what they must be
  invalid,       // the user's input, or a use that this build cannot serve
  cold,          // in an archive class of the store: to be brought back before it can be read
  cancelled,     // stopped on request
  internal,      // our own fault, or the machine's (disk full)
};

/// The kind's name as it stands in reports, e.g. "not_found".
std::string_view to_string(ErrorKind kind);
/// The kind of that name; internal for any other text.
ErrorKind parse_error_kind(std::string_view text);

class Error : public std::exception {
 public:
  Error(ErrorKind kind, std::string message) : kind_(kind), message_(std::move(message)) {}

  ErrorKind kind() const { return kind_; }
  const std::string& message() const { return message_; }
  /// What the other side calls the permission that is missing, "issues=read"; empty: it names none.
  const std::string& permission() const { return permission_; }
  /// Whether this is what remains after all attempts: whoever catches it makes no further ones, or attempts
  /// would multiply from layer to layer.
  bool is_final() const { return is_final_; }
  const char* what() const noexcept override { return message_.c_str(); }

  /// The same error with "context: " before its message.
  Error with_context(std::string_view context) const;
  /// The same error, for want of that permission.
  Error with_permission(std::string permission) const;
  /// The same error, for which further attempts are of no use.
  Error as_final() const;
  /// The same error as what remains after so many attempts, which its message tells.
  Error after_attempts(int attempts) const;

 private:
  ErrorKind kind_;
  std::string message_;
  std::string permission_;
  bool is_final_ = false;
};

/// Runs `action`; an Error that leaves it has "context: " put before its message.
template <typename Action>
auto with_context(std::string_view context, Action&& action) -> decltype(action()) {
  try {
    return action();
  } catch (const Error& error) {
    throw error.with_context(context);
  }
}

}  // namespace hubkeep
