#include "app/apply/health_report.h"

#include <utility>

#include "base/log.h"
#include "base/retry.h"

namespace penstock::app {
namespace {

constexpr std::chrono::milliseconds kEvery{2000};

std::int64_t now_millis() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

}  // namespace

Result<std::unique_ptr<HealthReport>> HealthReport::begin(const Settings& settings) {
  PENSTOCK_ASSIGN(auto reader,
                  mongo::Reader::open(settings.sink.mongodb, settings.sink.database, settings.pipeline));
  std::unique_ptr<HealthReport> made(new HealthReport(std::move(reader)));
  made->tell({}, {});
  made->thread_ = std::jthread([raw = made.get()](const std::stop_token& stop) { raw->report(stop); });
  return made;
}

HealthReport::~HealthReport() { end_thread(); }

void HealthReport::end_thread() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
}

void HealthReport::report(const std::stop_token& stop) {
  while (sleep_unless_stopped(stop, kEvery)) {
    auto now = health_->counts();
    if (now == told_ && is_told_) continue;
    told_ = std::move(now);
    tell(told_.outage, told_.outage.empty() ? "" : "it goes on by itself once the brokers answer");
  }
}

void HealthReport::tell(const std::string& trouble, const std::string& remedy) {
  if (trouble != trouble_) trouble_millis_ = now_millis();
  trouble_ = trouble;
  mongo::HealthView view;
  view.records = told_.records;
  view.again = told_.again;
  view.joined = told_.joined;
  view.parts = told_.parts;
  view.incomplete = told_.incomplete;
  view.trouble = redact(trouble);
  view.remedy = remedy;
  view.trouble_millis = trouble_millis_;
  const Status told = reader_->report_health(view);
  is_told_ = told.has_value();  // else once more: MongoDB may be away for a moment
  if (!told) log::debug("{}", told.error().message);
}

void HealthReport::ended(const Status& outcome) {
  end_thread();
  told_ = health_->counts();
  if (outcome) return tell({}, {});
  tell(outcome.error().message, outcome.error().remedy);
}

}  // namespace penstock::app
