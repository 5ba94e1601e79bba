#include "app/apply_factory.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "app/connector/connector_source.h"
#include "backbone/group_member.h"
#include "backbone/table_topics.h"
#include "backbone/topic_source.h"
#include "projection/composite_projector.h"
#include "source/postgres/catalog.h"
#include "source/postgres/row_query.h"

namespace penstock::app {
namespace {

// PostgreSQL as the topics' readers ask it: over a connection that is opened when it is needed.
class Catalog {
 public:
  explicit Catalog(const Settings& settings) : url_(settings.source.postgres) {
    for (const auto& table : settings.tables()) keys_[table.name] = table.key;
  }

  Result<postgres::TableDescription> describe(const TableName& table) {
    PENSTOCK_TRY(connect());
    auto described = postgres::describe_table(*connection_, table, "", keys_[table]);
    if (!described) connection_.reset();
    return described;
  }

  Result<EventBatchPtr> rows(const std::string& table, const std::vector<Reread>& requests) {
    for (const auto& [name, key] : keys_) {
      if (to_string(name) != table) continue;
      PENSTOCK_ASSIGN(const auto described, describe(name));
      auto answer = postgres::RowQuery::make(*connection_, described).and_then([&](postgres::RowQuery query) {
        return query.answer(requests);
      });
      if (!answer) connection_.reset();
      return answer;
    }
    return fail(ErrorKind::kInternal, "rows of " + table + " are asked for, which is no table of the pipeline");
  }

  // Empty: the root's own.
  Result<std::vector<TableName>> leaves(const TableName& table, const std::string& publication) {
    PENSTOCK_ASSIGN(const auto described, describe(table));
    std::vector<TableName> names;
    if (described.leaves.empty()) return names;
    PENSTOCK_ASSIGN(const auto published, postgres::describe_publication(*connection_, publication));
    if (published.exists && published.via_partition_root) return names;
    for (const auto& leaf : described.leaves) names.push_back(leaf.name);
    return names;
  }

 private:
  Status connect() {
    if (connection_) return {};
    PENSTOCK_ASSIGN(auto connection, postgres::Connection::open(url_));
    connection_ = std::make_unique<postgres::Connection>(std::move(connection));
    return {};
  }

  const std::string url_;
  std::map<TableName, std::vector<std::string>> keys_;
  std::unique_ptr<postgres::Connection> connection_;
};

std::string definition_of(const Settings& settings, const TableName& table) {
  std::string definition;
  for (const auto& collection : settings.collections)
    if (collection.spec.from == table && collection.spec.is_plain())
      definition += fingerprint(collection.spec) + "; ";
  return definition;
}

std::string group_of(const Settings& settings) { return "penstock-apply-" + settings.pipeline; }

backbone::ConsumerOptions consumer_options(const Settings& settings, const ApplyOptions& options) {
  backbone::ConsumerOptions consumer;
  consumer.brokers = options.brokers.empty() ? settings.kafka.brokers : options.brokers;
  consumer.group = group_of(settings) + (settings.kafka.share ? "-models" : "");
  consumer.settings = settings.kafka.settings;
  return consumer;
}

Result<std::vector<backbone::ReadTable>> read_tables(const Settings& settings, Catalog& catalog) {
  backbone::TopicOptions topics;
  topics.values.server = settings.kafka.prefix;
  topics.delimiter = settings.kafka.delimiter;
  std::vector<backbone::ReadTable> tables;
  for (const auto& table : settings.tables()) {
    backbone::ReadTable read;
    read.name = table.name;
    read.definition = definition_of(settings, table.name);
    PENSTOCK_ASSIGN(auto names, catalog.leaves(table.name, settings.source.publication));
    if (names.empty()) names.push_back(table.name);
    for (const TableName& name : names) read.topics.push_back(topic_name(topics, name));
    tables.push_back(std::move(read));
  }
  return tables;
}

Result<backbone::TopicSourceOptions> source_options(const Settings& settings, const ApplyOptions& options,
                                                    CompositeProjector& projector) {
  const auto catalog = std::make_shared<Catalog>(settings);
  backbone::TopicSourceOptions source;
  source.consumer = consumer_options(settings, options);
  source.dead_letters = settings.errors == OnBadRow::kDeadLetter;
  source.accept_gap = options.accept_gap;
  PENSTOCK_ASSIGN(source.values.values, event_options(settings));
  source.describe = [catalog](const TableName& table) {
    return catalog->describe(table).map([](const auto& described) {
      return backbone::CatalogTable{described.schema, described.identity, !described.leaves.empty()};
    });
  };
  source.read_rows = [catalog](const std::string& table, const std::vector<Reread>& rows) {
    return catalog->rows(table, rows);
  };
  PENSTOCK_ASSIGN(source.tables, read_tables(settings, *catalog));
  for (const auto& table : settings.tables()) {
    if (!table.mirrored) continue;
    for (backbone::ReadTable& read : source.tables)
      if (read.name == table.name)
        read.state = [views = projector.views(), name = to_string(table.name)] { return views->load_fingerprint(name); };
  }
  return source;
}

}  // namespace

Result<std::unique_ptr<Source>> make_topic_source(const Settings& settings, const ApplyOptions& options,
                                                  CompositeProjector& projector) {
  return source_options(settings, options, projector).map(backbone::make_topic_source);
}

Result<std::unique_ptr<Source>> make_shared_source(const Settings& settings, const ApplyOptions& options,
                                                   CompositeProjector& projector, SharedReading reading) {
  PENSTOCK_ASSIGN(auto source, source_options(settings, options, projector));
  source.consumer.group = group_of(settings) + "-reader";  // no member of the group: it reads what it is told to
  source.share = {std::move(reading.partitions), options.skip_truncates};
  source.tell_group = std::move(reading.tell_group);
  return backbone::make_topic_source(std::move(source));
}

Result<std::unique_ptr<backbone::GroupMember>> join_group(const Settings& settings, const ApplyOptions& options,
                                                          std::vector<std::string> topics) {
  backbone::ConsumerOptions member = consumer_options(settings, options);
  member.group = group_of(settings);
  return backbone::GroupMember::open(member, std::move(topics));
}

Result<std::map<std::string, std::string>> topics_of(const Settings& settings) {
  Catalog catalog(settings);
  PENSTOCK_ASSIGN(const auto tables, read_tables(settings, catalog));
  std::map<std::string, std::string> topics;
  for (const backbone::ReadTable& table : tables)
    for (const std::string& topic : table.topics) topics[topic] = table.definition;
  return topics;
}

}  // namespace penstock::app
