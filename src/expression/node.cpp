#include "expression/node.h"

#include <algorithm>

namespace penstock::expression {

std::string identity(const Node& node) {
  std::string out;
  node.append_identity(out);
  return out;
}

void collect_reads(Node& node, std::vector<Reference>& reads) {
  const std::optional<Reference> own = node.reads();
  if (own && std::find(reads.begin(), reads.end(), *own) == reads.end()) reads.push_back(*own);
  node.each_child([&](NodePtr& child) { collect_reads(*child, reads); });
}

}  // namespace penstock::expression
