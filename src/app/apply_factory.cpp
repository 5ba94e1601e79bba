#include "app/apply_factory.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "app/connector/connector_source.h"
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

backbone::ConsumerOptions consumer_options(const Settings& settings, const ApplyOptions& options) {
  backbone::ConsumerOptions consumer;
  consumer.brokers = options.brokers.empty() ? settings.kafka.brokers : options.brokers;
  consumer.group = "penstock-apply-" + settings.pipeline;
  consumer.settings = settings.kafka.settings;
  return consumer;
}

}  // namespace

Result<std::unique_ptr<Source>> make_topic_source(const Settings& settings, const ApplyOptions& options,
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
  backbone::TopicOptions topics;
  topics.values.server = settings.kafka.prefix;
  topics.delimiter = settings.kafka.delimiter;
  for (const auto& table : settings.tables()) {
    backbone::ReadTable read;
    read.name = table.name;
    read.definition = definition_of(settings, table.name);
    if (table.mirrored)
      read.state = [views = projector.views(), name = to_string(table.name)] { return views->load_fingerprint(name); };
    PENSTOCK_ASSIGN(auto names, catalog->leaves(table.name, settings.source.publication));
    if (names.empty()) names.push_back(table.name);
    for (const TableName& name : names) read.topics.push_back(topic_name(topics, name));
    source.tables.push_back(std::move(read));
  }
  return backbone::make_topic_source(std::move(source));
}

}  // namespace penstock::app
