// Git over HTTP: who may do it is decided here, and done by the distribution's own `git http-backend`.
#pragma once

#include <string>

#include "sim/api.h"
#include "sim/git_request.h"
#include "sim/http_message.h"
#include "sim/world.h"

namespace hubkeep::sim {

/// What of the command fetch the server announces: what GitHub does, unless told otherwise. It ends the
/// answer before its first byte where it is sent what it does not announce, as git does.
struct GitFeatures {
  bool filter = true;
  bool shallow = true;
};

struct GitHttpOptions {
  std::string origin;  // where redirects lead
  bool service_preamble =
      true;  // "# service=…" before the v2 capabilities, as GitHub has it and http-backend not
  GitFeatures features = {};
};

HttpResponse answer_git(World& world, const GitHttpOptions& options, const HttpRequest& request,
                        const GitRequest& git_request, const Caller& caller);

}  // namespace hubkeep::sim
