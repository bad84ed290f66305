#include "store/s3/s3_context.h"

namespace hubkeep {

void tell_once(S3Context& context, S3Notice notice, const std::string& text) {
  if (context.server().tells_first(notice) && context.client.observer().notice)
    context.client.observer().notice(text);
}

}  // namespace hubkeep
