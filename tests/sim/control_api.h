// Lets another process change a simulator's world, order faults and read the log: JSON over HTTP on
// 127.0.0.1.
//
//   POST /faults (a fault, or a list of them)   DELETE /faults
//   GET /log                                    DELETE /log
//   GET /repositories                           POST /repositories
//   PATCH /repositories/{id}                    DELETE /repositories/{id}
//   GET /repositories/{id}/lfs                  POST /repositories/{id}/lfs (see lfs_json.h)
//   PUT /rate_limit {"limit", "remaining", "reset_after", "refusal_status"}   DELETE /rate_limit
//   PUT /time {"time": "2026-11-23T18:45:01Z"}  DELETE /time
//   PATCH /tokens/{value} {"revoked": true}
#pragma once

#include <memory>

#include "sim/http_server.h"
#include "sim/simulator.h"

namespace hubkeep::sim {

class ControlApi {
 public:
  /// Listens until it is destroyed. Port 0: any that is free.
  ControlApi(Simulator& simulator, int port);

  int port() const { return server_.port(); }

 private:
  HttpServer server_;
};

}  // namespace hubkeep::sim
