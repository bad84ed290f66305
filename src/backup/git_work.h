// What one git repository is saved with.
#pragma once

#include "backup/part_place.h"

namespace hubkeep {

class ChainProof;
class GitServer;
class RepositoryWork;

struct GitWork {
  RepositoryWork& work;
  GitServer& server;
  const PartPlace& place;
  ChainProof& proof;
};

}  // namespace hubkeep
