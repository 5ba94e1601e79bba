// Rows of a first load to documents.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "library/counts.h"
#include "library/opened.h"
#include "library/packed.h"
#include "library/patience.h"
#include "model/kept_state.h"
#include "projection/projector.h"
#include "projection/shared/shared_views.h"
#include "sink/mongo/worker/load_sink.h"
#include "source/postgres/text_rows.h"

namespace penstock::library {

// penstock_begin_load()'s answer. Asks PostgreSQL's catalog. kConfiguration: a table without a key, or a
// collection that holds documents already (unless they are cleared).
Result<std::string> begin_load(const Opened& opened, mongo::LoadSink& sink);

// What loading needs and is worth keeping between calls. One thread at a time.
class LoadBench {
 public:
  // `sink` outlives it.
  static Result<std::unique_ptr<LoadBench>> make(const Opened& opened, const std::string& load,
                                                 mongo::LoadSink& sink);

  const std::string& load() const { return load_; }
  // As penstock_load().
  Status write(const std::string& table, const PackedRows& rows, Counts& counts);
  // As penstock_build().
  Status build();

 private:
  LoadBench(const Opened& opened, std::string load, mongo::LoadSink& sink)
      : settings_(opened.chosen), load_(std::move(load)), patience_(opened.options.outage), sink_(sink) {}
  Result<const postgres::TextRows*> reader_of(const std::string& table);
  Status commit(const EventBatchPtr& batch, Counts& counts);

  const app::Settings settings_;
  const std::string load_;
  const Patience patience_;
  mongo::LoadSink& sink_;
  mongo::LoadSink::Writer writer_;
  std::unique_ptr<Projector> projector_;  // of plain collections
  std::unique_ptr<KeptState> kept_;
  std::unique_ptr<SharedViews> views_;  // null: no read models
  std::map<std::string, postgres::TextRows> readers_;
};

}  // namespace penstock::library
