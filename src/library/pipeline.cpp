#include "library/pipeline.h"

#include <algorithm>
#include <utility>

#include "app/apply_factory.h"
#include "app/factory.h"
#include "library/json_writer.h"
#include "library/models.h"
#include "library/packed.h"
#include "library/stream_start.h"

namespace penstock::library {
namespace {

mongo::Options sink_options(const Opened& opened, bool from_topics) {
  mongo::Options options = app::sink_options(opened.chosen, from_topics);
  options.ends_with_process = false;
  options.begins_anew = opened.options.clear;
  for (mongo::CollectionOptions& collection : options.collections) collection.built_beside = false;
  return options;
}

}  // namespace

Status Pipeline::open_stream() {
  const std::lock_guard lock(mutex_);
  if (stream_) return {};
  PENSTOCK_ASSIGN(plain_topics_, app::topics_of(opened_.chosen));
  PENSTOCK_ASSIGN(auto sink, mongo::PartitionSink::open(sink_options(opened_, true)));
  const auto kept = sink->kept_state();
  PENSTOCK_ASSIGN(models_, kept_models(opened_.chosen, *kept));
  std::string stream_generation = opened_.options.stream_generation;
  std::string kept_generation = opened_.options.kept_generation;
  if (stream_generation.empty()) {
    PENSTOCK_ASSIGN(stream_generation, sink->generation());
  }
  if (kept_generation.empty() && opened_.chosen.reads_models()) {
    PENSTOCK_ASSIGN(kept_generation, sink->kept_generation(models_));
  }
  share_topics(stream_generation, kept_generation);
  stream_ = std::move(sink);
  return {};
}

void Pipeline::share_topics(const std::string& stream, const std::string& kept) {
  topics_ = with_generations(plain_topics_, models_, stream, kept);
  kept_generation_ = kept;
}

Result<std::string> Pipeline::begin_stream() {
  PENSTOCK_TRY(open_stream());
  PENSTOCK_ASSIGN(const StreamStart start, library::begin_stream(opened_, plain_topics_, *stream_, models_));
  const std::lock_guard lock(mutex_);
  stream_benches_.clear();
  settle_benches_.clear();
  share_topics(start.stream_generation, start.kept_generation);
  return start.answer;
}

Result<std::unique_ptr<StreamBench>> Pipeline::stream_bench() {
  PENSTOCK_TRY(Patience(opened_.options.outage).wait([this] { return open_stream(); }));
  {
    const std::lock_guard lock(mutex_);
    if (!stream_benches_.empty()) {
      auto bench = std::move(stream_benches_.back());
      stream_benches_.pop_back();
      return bench;
    }
  }
  return StreamBench::make(opened_, topics_, *stream_);
}

Status Pipeline::apply(const std::string& topic, std::int32_t partition,
                       const std::vector<backbone::ConsumedRecord>& records, Counts& counts) {
  PENSTOCK_ASSIGN(auto bench, stream_bench());
  PENSTOCK_TRY(bench->apply({topic, partition}, records, counts));  // one that failed may be half updated
  const std::lock_guard lock(mutex_);
  stream_benches_.push_back(std::move(bench));
  return {};
}

Result<std::string> Pipeline::pending() {
  const Patience patience(opened_.options.outage);
  PENSTOCK_TRY(patience.wait([this] { return open_stream(); }));
  PENSTOCK_ASSIGN(const auto lanes, patience.wait([this] { return stream_->lanes_to_settle(); }));
  JsonWriter out;
  out.begin().key("lanes").begin_list();
  for (const std::string& lane : lanes) out.item(lane);
  return out.end_list().end().finish();
}

Result<std::unique_ptr<SettleBench>> Pipeline::settle_bench() {
  PENSTOCK_TRY(Patience(opened_.options.outage).wait([this] { return open_stream(); }));
  const std::lock_guard lock(mutex_);
  if (settle_benches_.empty())
    return std::make_unique<SettleBench>(opened_, mongo::Share{"", models_.definition, kept_generation_},
                                         *stream_);
  auto bench = std::move(settle_benches_.back());
  settle_benches_.pop_back();
  return bench;
}

Status Pipeline::settle(const std::string& lane, Counts& counts) {
  if (!opened_.chosen.reads_models())
    return fail(ErrorKind::kUsage, "the pipeline has no read models: there is nothing to settle");
  PENSTOCK_ASSIGN(auto bench, settle_bench());
  PENSTOCK_TRY(bench->settle(lane, counts));  // one that failed is not kept
  const std::lock_guard lock(mutex_);
  settle_benches_.push_back(std::move(bench));
  return {};
}

Status Pipeline::open_load() {
  const std::lock_guard lock(mutex_);
  if (load_) return {};
  PENSTOCK_ASSIGN(load_, mongo::LoadSink::open(sink_options(opened_, false)));
  return {};
}

Result<std::string> Pipeline::begin_load() {
  PENSTOCK_TRY(open_load());
  return library::begin_load(opened_, *load_);
}

Result<std::unique_ptr<LoadBench>> Pipeline::load_bench(const std::string& load) {
  PENSTOCK_TRY(Patience(opened_.options.outage).wait([this] { return open_load(); }));
  {
    const std::lock_guard lock(mutex_);
    const auto found = std::find_if(load_benches_.begin(), load_benches_.end(),
                                    [&](const auto& one) { return one->load() == load; });
    if (found != load_benches_.end()) {
      auto bench = std::move(*found);
      load_benches_.erase(found);
      return bench;
    }
  }
  return LoadBench::make(opened_, load, *load_);
}

Status Pipeline::load(const std::string& load, const std::string& table, std::string_view rows,
                      Counts& counts) {
  PENSTOCK_ASSIGN(const auto read, read_rows(rows));
  PENSTOCK_ASSIGN(auto bench, load_bench(load));
  PENSTOCK_TRY(bench->write(table, read, counts));  // one that failed is not kept: its lane may be gone
  const std::lock_guard lock(mutex_);
  load_benches_.push_back(std::move(bench));
  return {};
}

Status Pipeline::build(const std::string& load) {
  PENSTOCK_ASSIGN(auto bench, load_bench(load));
  PENSTOCK_TRY(bench->build());
  const std::lock_guard lock(mutex_);
  load_benches_.push_back(std::move(bench));
  return {};
}

Status Pipeline::end_load(const std::string& load) {
  PENSTOCK_TRY(open_load());
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(load_benches_, [&](const auto& one) { return one->load() == load; });
  }
  return load_->end(load);
}

}  // namespace penstock::library
