#include "backbone/state_topic.h"
#include "backbone/topic_reader.h"

namespace penstock::backbone {

Result<CaptureState> read_state(const ProducerOptions& options, const std::string& topic) {
  PENSTOCK_ASSIGN(const auto reader, TopicReader::open(options, {topic}));
  StateReader state;
  if (reader) {
    PENSTOCK_TRY(reader->read_to_end([&](auto key, auto value) { return state.take(key, value); }));
  }
  return state.state();
}

}  // namespace penstock::backbone
