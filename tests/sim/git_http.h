// Git over HTTP: who may do it is decided here, and done by the distribution's own `git http-backend`.
#pragma once

#include <string>

#include "sim/api.h"
#include "sim/git_request.h"
#include "sim/http_message.h"
#include "sim/world.h"

namespace hubkeep::sim {

struct GitHttpOptions {
  std::string origin;  // where redirects lead
  bool service_preamble =
      true;  // "# service=…" before the v2 capabilities, as GitHub has it and http-backend not
};

HttpResponse answer_git(World& world, const GitHttpOptions& options, const HttpRequest& request,
                        const GitRequest& git_request, const Caller& caller);

}  // namespace hubkeep::sim
