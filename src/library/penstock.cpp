// The C ABI: no exception and no C++ type leaves this file.
#include "library/penstock.h"

#include <cstdlib>
#include <cstring>
#include <exception>
#include <map>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <utility>

#include "app/version.h"
#include "base/error_policy.h"
#include "base/log.h"
#include "library/arrow_records.h"
#include "library/packed.h"
#include "library/pipeline.h"

struct penstock_error {
  penstock::Error error;
};

struct penstock_pipeline {
  penstock::library::Pipeline pipeline;
};

namespace {

using penstock::Error;
using penstock::ErrorKind;
using penstock::Result;
using penstock::Status;
using penstock::library::Counts;

int32_t report(Error error, penstock_error** into) {
  error.message = penstock::redact(error.message);
  error.remedy = penstock::redact(error.remedy);
  const int32_t code = penstock::policy_of(error.kind).exit_code;
  if (into != nullptr) *into = new (std::nothrow) penstock_error{std::move(error)};
  return code == 0 ? 1 : code;
}

// Whatever is thrown below ends here as a defect.
template <class Call>
int32_t guarded(penstock_error** error, const Call& call) noexcept {
  if (error != nullptr) *error = nullptr;
  try {
    Status done = call();
    return done ? 0 : report(std::move(done).error(), error);
  } catch (const std::exception& thrown) {
    return report(penstock::make_error(ErrorKind::kInternal, thrown.what()), error);
  } catch (...) {
    return report(penstock::make_error(ErrorKind::kInternal, "an exception of an unknown type"), error);
  }
}

Status null_argument(const char* name) {
  return penstock::fail(ErrorKind::kUsage, std::string("the argument ") + name + " is null");
}

Status hand_out(Result<std::string> text, char** into) {
  PENSTOCK_TRY(text);
  *into = static_cast<char*>(std::malloc(text->size() + 1));
  if (*into == nullptr) throw std::bad_alloc();
  std::memcpy(*into, text->c_str(), text->size() + 1);
  return {};
}

void put(const Counts& counts, penstock_counts* into) {
  if (into == nullptr) return;
  *into = penstock_counts{counts.records,      counts.applied,           counts.again, counts.ignored,
                          counts.dead_letters, counts.transactions,      counts.lost,  counts.reread,
                          counts.next,         counts.last_commit_micros};
}

std::string_view bytes_of(const void* data, size_t size) { return {static_cast<const char*>(data), size}; }

}  // namespace

extern "C" {

int32_t penstock_abi_version(void) { return PENSTOCK_ABI_VERSION; }
const char* penstock_version(void) { return penstock::app::kVersion; }

int32_t penstock_log_level(const char* level) {
  using penstock::log::Level;
  static const std::map<std::string_view, Level> levels{
      {"debug", Level::kDebug}, {"info", Level::kInfo}, {"warn", Level::kWarn}, {"error", Level::kError}};
  const auto found = level == nullptr ? levels.end() : levels.find(level);
  if (found == levels.end()) return 1;
  penstock::log::set_level(found->second);
  return 0;
}

const char* penstock_error_kind(const penstock_error* error) {
  return penstock::policy_of(error == nullptr ? ErrorKind::kInternal : error->error.kind).name;
}
const char* penstock_error_message(const penstock_error* error) {
  return error == nullptr ? "out of memory" : error->error.message.c_str();
}
const char* penstock_error_remedy(const penstock_error* error) {
  return error == nullptr ? "" : error->error.remedy.c_str();
}
int32_t penstock_error_passes(const penstock_error* error) {
  return error != nullptr && penstock::is_outage(error->error.kind) ? 1 : 0;
}
void penstock_error_free(penstock_error* error) { delete error; }
void penstock_text_free(char* text) { std::free(text); }

int32_t penstock_open(const char* yaml, size_t size, const char* options, penstock_pipeline** pipeline,
                      penstock_error** error) {
  return guarded(error, [&]() -> Status {
    if (yaml == nullptr) return null_argument("yaml");
    if (pipeline == nullptr) return null_argument("pipeline");
    PENSTOCK_ASSIGN(auto parsed, penstock::library::parse_options(options == nullptr ? "" : options));
    PENSTOCK_ASSIGN(auto opened,
                    penstock::library::open_pipeline(std::string(yaml, size), std::move(parsed)));
    *pipeline = new penstock_pipeline{penstock::library::Pipeline(std::move(opened))};
    return {};
  });
}

void penstock_close(penstock_pipeline* pipeline) { delete pipeline; }

int32_t penstock_describe(penstock_pipeline* pipeline, char** json, penstock_error** error) {
  return guarded(error, [&]() -> Status {
    if (pipeline == nullptr || json == nullptr) return null_argument("pipeline or json");
    return hand_out(pipeline->pipeline.describe(), json);
  });
}

int32_t penstock_begin_stream(penstock_pipeline* pipeline, char** json, penstock_error** error) {
  return guarded(error, [&]() -> Status {
    if (pipeline == nullptr || json == nullptr) return null_argument("pipeline or json");
    return hand_out(pipeline->pipeline.begin_stream(), json);
  });
}

int32_t penstock_apply(penstock_pipeline* pipeline, const char* topic, int32_t partition, const void* records,
                       size_t size, penstock_counts* counts, penstock_error** error) {
  return guarded(error, [&]() -> Status {
    if (pipeline == nullptr || topic == nullptr || records == nullptr)
      return null_argument("pipeline, topic or records");
    Counts counted;
    PENSTOCK_ASSIGN(const auto read,
                    penstock::library::read_records(topic, partition, bytes_of(records, size)));
    const Status done = pipeline->pipeline.apply(topic, partition, read, counted);
    put(counted, counts);
    return done;
  });
}

int32_t penstock_apply_arrow(penstock_pipeline* pipeline, const struct ArrowSchema* const* schemas,
                             const struct ArrowArray* const* arrays, size_t batches, penstock_counts* counts,
                             penstock_error** error) {
  return guarded(error, [&]() -> Status {
    if (pipeline == nullptr || schemas == nullptr || arrays == nullptr)
      return null_argument("pipeline, schemas or arrays");
    PENSTOCK_ASSIGN(const auto read, penstock::library::read_arrow(schemas, arrays, batches));
    Counts counted;
    const Status done = read.records.empty()
                            ? Status{}
                            : pipeline->pipeline.apply(read.topic, read.partition, read.records, counted);
    put(counted, counts);
    return done;
  });
}

int32_t penstock_pending(penstock_pipeline* pipeline, char** json, penstock_error** error) {
  return guarded(error, [&]() -> Status {
    if (pipeline == nullptr || json == nullptr) return null_argument("pipeline or json");
    return hand_out(pipeline->pipeline.pending(), json);
  });
}

int32_t penstock_settle(penstock_pipeline* pipeline, const char* lane, penstock_counts* counts,
                        penstock_error** error) {
  return guarded(error, [&]() -> Status {
    if (pipeline == nullptr || lane == nullptr) return null_argument("pipeline or lane");
    Counts counted;
    Status outcome = pipeline->pipeline.settle(lane, counted);
    put(counted, counts);
    return outcome;
  });
}

int32_t penstock_begin_load(penstock_pipeline* pipeline, char** json, penstock_error** error) {
  return guarded(error, [&]() -> Status {
    if (pipeline == nullptr || json == nullptr) return null_argument("pipeline or json");
    return hand_out(pipeline->pipeline.begin_load(), json);
  });
}

int32_t penstock_load(penstock_pipeline* pipeline, const char* load, const char* table, const void* rows,
                      size_t size, penstock_counts* counts, penstock_error** error) {
  return guarded(error, [&]() -> Status {
    if (pipeline == nullptr || load == nullptr || table == nullptr || rows == nullptr)
      return null_argument("pipeline, load, table or rows");
    Counts counted;
    const Status done = pipeline->pipeline.load(load, table, bytes_of(rows, size), counted);
    put(counted, counts);
    return done;
  });
}

int32_t penstock_build(penstock_pipeline* pipeline, const char* load, penstock_error** error) {
  return guarded(error, [&]() -> Status {
    if (pipeline == nullptr || load == nullptr) return null_argument("pipeline or load");
    return pipeline->pipeline.build(load);
  });
}

int32_t penstock_end_load(penstock_pipeline* pipeline, const char* load, penstock_error** error) {
  return guarded(error, [&]() -> Status {
    if (pipeline == nullptr || load == nullptr) return null_argument("pipeline or load");
    return pipeline->pipeline.end_load(load);
  });
}

}  // extern "C"
