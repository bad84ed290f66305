#include "base/error.h"

namespace hubkeep {

std::string_view to_string(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::not_found:
      return "not_found";
    case ErrorKind::unauthorized:
      return "unauthorized";
    case ErrorKind::forbidden:
      return "forbidden";
    case ErrorKind::rate_limited:
      return "rate_limited";
    case ErrorKind::transient:
      return "transient";
    case ErrorKind::refused:
      return "refused";
    case ErrorKind::gave_up:
      return "gave_up";
    case ErrorKind::corrupt:
      return "corrupt";
    case ErrorKind::invalid:
      return "invalid";
    case ErrorKind::cold:
      return "cold";
    case ErrorKind::cancelled:
      return "cancelled";
    case ErrorKind::internal:
      return "internal";
  }
  return "internal";
}

ErrorKind parse_error_kind(std::string_view text) {
  using enum ErrorKind;
  for (const ErrorKind kind : {not_found, unauthorized, forbidden, rate_limited, transient, refused, gave_up,
                               corrupt, invalid, cold, cancelled})
    if (to_string(kind) == text) return kind;
  return internal;
}

Error Error::with_context(std::string_view context) const {
  std::string message(context);
  message += ": ";
  message += message_;
  Error error = *this;
  error.message_ = std::move(message);
  return error;
}

Error Error::with_permission(std::string permission) const {
  Error error = *this;
  error.permission_ = std::move(permission);
  return error;
}

Error Error::as_final() const {
  Error error = *this;
  error.is_final_ = true;
  return error;
}

Error Error::after_attempts(int attempts) const {
  Error error = as_final();
  if (attempts > 1) error.message_ += " (tried " + std::to_string(attempts) + " times)";
  return error;
}

}  // namespace hubkeep
