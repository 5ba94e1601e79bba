#include "backbone/topic_health.h"

namespace penstock::backbone {

TopicCounts counts_of(const TopicIntakes& intakes, const JoinCounts& joined) {
  TopicCounts counts;
  for (const auto& [topic, intake] : intakes) {
    counts.records += intake->counts().records;
    counts.again += intake->counts().again;
    counts.ignored += intake->counts().ignored;
  }
  counts.joined = joined.joined;
  counts.parts = joined.parts;
  counts.incomplete = joined.incomplete;
  return counts;
}

}  // namespace penstock::backbone
