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
  for (const ErrorKind kind :
       {not_found, unauthorized, forbidden, rate_limited, transient, corrupt, invalid, cold, cancelled})
    if (to_string(kind) == text) return kind;
  return internal;
}

Error Error::with_context(std::string_view context) const {
  std::string message(context);
  message += ": ";
  message += message_;
  return {kind_, std::move(message)};
}

}  // namespace hubkeep
