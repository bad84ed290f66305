#include "aws/xml.h"

namespace hubkeep {
namespace {

class DepthGauge final : public pugi::xml_tree_walker {
 public:
  bool for_each(pugi::xml_node&) override { return depth() < kMaxXmlDepth; }
};

}  // namespace

bool load_xml(pugi::xml_document& document, std::string_view text) {
  const bool is_whole{document.load_buffer(text.data(), text.size())};
  DepthGauge gauge;
  if (document.traverse(gauge)) return is_whole;
  document.reset();
  return false;
}

}  // namespace hubkeep
