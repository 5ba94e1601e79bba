// What `penstock capture` is to do, from a pipeline file or from a Debezium connector file.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "app/connector/connector_file.h"
#include "app/settings.h"
#include "backbone/topic_options.h"
#include "envelope/name_patterns.h"

namespace penstock::app {

// Which tables of the database; all of its users' where every list is empty.
struct TableChoice {
  envelope::NamePatterns include_schemas, exclude_schemas;  // of "schema"
  envelope::NamePatterns include_tables, exclude_tables;    // of "schema.table"

  bool takes(const TableName& table) const;
};

enum class SnapshotMode : std::uint8_t {
  kInitial,      // tables that were not loaded are loaded
  kInitialOnly,  // and then it ends
  kAlways,       // all tables, at each start
  kNoData,       // none: from the slot's position on
};

// What a missing publication is made of (publication.autocreate.mode).
enum class PublicationScope : std::uint8_t { kTables, kAllTables, kNoTables, kNever };

struct CaptureSettings {
  std::string file;
  std::string name;  // of the pipeline or the connector: names the state topic
  SourceSettings source;
  PublicationScope publication_scope = PublicationScope::kTables;
  std::vector<Settings::Table> tables;  // of a pipeline; a connector's are chosen from the catalog
  bool by_choice = false;
  TableChoice choice;
  SnapshotMode snapshot = SnapshotMode::kInitial;
  KafkaSettings kafka;
  LoadSettings load;
  GroupSettings groups;
  backbone::TopicOptions topics;
  std::chrono::milliseconds heartbeat{0};  // 0: none
  std::string heartbeat_query;             // run in PostgreSQL with each
};

CaptureSettings capture_settings_of(const Settings& pipeline);

struct ConnectorSettings {
  CaptureSettings capture;
  std::vector<std::string> remarks;  // settings without effect here, a sentence each
};

// kConfiguration for a setting whose effect on the data we do not have, by name.
Result<ConnectorSettings> capture_settings_of(const ConnectorFile& file);

}  // namespace penstock::app
