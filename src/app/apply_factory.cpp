#include "app/apply_factory.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "app/apply/topics.h"
#include "app/connector/connector_source.h"
#include "backbone/adoption.h"
#include "backbone/group_member.h"
#include "backbone/topic_source.h"
#include "projection/composite_projector.h"
#include "sink/mongo/lease/process_identity.h"
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
    return fail(ErrorKind::kInternal,
                "rows of " + table + " are asked for, which is no table of the pipeline");
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

backbone::DescribeTable describe_by(std::shared_ptr<Catalog> catalog) {
  return [catalog = std::move(catalog)](const TableName& table) {
    return catalog->describe(table).map([](const auto& described) {
      return backbone::CatalogTable{described.schema, described.identity, !described.leaves.empty()};
    });
  };
}

std::string definition_of(const Settings& settings, const TableName& table) {
  std::string definition;
  for (const auto& collection : settings.collections)
    if (collection.spec.from == table && collection.spec.is_plain())
      definition += fingerprint(collection.spec) + "; ";
  return definition;
}

Result<backbone::TopicSourceOptions> source_options(const Settings& settings, const ApplyOptions& options,
                                                    CompositeProjector& projector) {
  const auto catalog = std::make_shared<Catalog>(settings);
  backbone::TopicSourceOptions source;
  source.consumer = consumer_options(settings);
  if (settings.kafka.share) source.consumer.group += "-models";  // the group itself is the workers'
  source.dead_letters = settings.errors == OnBadRow::kDeadLetter;
  source.accept_gap = options.accept_gap;
  source.adopt = options.adopt;
  PENSTOCK_ASSIGN(source.values.values, event_options(settings));
  source.describe = describe_by(catalog);
  source.read_rows = [catalog](const std::string& table, const std::vector<Reread>& rows) {
    return catalog->rows(table, rows);
  };
  source.transaction_topic = transaction_topic(settings);
  source.topic_of = [settings](const std::string& table) { return topic_of(settings, table); };
  PENSTOCK_ASSIGN(const auto tables, find_topics(settings));
  for (const TableTopics& table : tables) {
    backbone::ReadTable read{table.table, table.topics, definition_of(settings, table.table), nullptr};
    if (table.mirrored)
      read.state = [views = projector.views(), name = to_string(table.table)] {
        return views->load_fingerprint(name);
      };
    source.tables.push_back(std::move(read));
  }
  return source;
}

}  // namespace

backbone::DescribeTable describe_tables(const Settings& settings) {
  return describe_by(std::make_shared<Catalog>(settings));
}

backbone::ReadRows read_rows(const Settings& settings) {
  return
      [catalog = std::make_shared<Catalog>(settings)](
          const std::string& table, const std::vector<Reread>& rows) { return catalog->rows(table, rows); };
}

Result<std::unique_ptr<Source>> make_topic_source(const Settings& settings, const ApplyOptions& options,
                                                  CompositeProjector& projector,
                                                  std::shared_ptr<backbone::TopicHealth> health) {
  PENSTOCK_ASSIGN(auto source, source_options(settings, options, projector));
  source.health = std::move(health);
  return backbone::make_topic_source(std::move(source));
}

Result<std::unique_ptr<Source>> make_shared_source(const Settings& settings, const ApplyOptions& options,
                                                   CompositeProjector& projector, SharedReading reading) {
  PENSTOCK_ASSIGN(auto source, source_options(settings, options, projector));
  source.consumer.group = group_of(settings) + "-reader";  // no member of the group: it reads what it is told
  source.share = {std::move(reading.partitions), options.skip_truncates};
  source.tell_group = std::move(reading.tell_group);
  return backbone::make_topic_source(std::move(source));
}

Result<backbone::Adoption> adopt_group(const Settings& settings, const ApplyOptions& options) {
  backbone::TopicSourceOptions source;
  source.consumer = consumer_options(settings);
  source.adopt = options.adopt;
  PENSTOCK_ASSIGN(const auto tables, find_topics(settings));
  for (const TableTopics& table : tables) source.tables.push_back({table.table, table.topics, "", nullptr});
  return backbone::adopt(source);
}

Result<std::unique_ptr<backbone::GroupMember>> join_group(const Settings& settings,
                                                          std::vector<std::string> topics) {
  backbone::ConsumerOptions options = consumer_options(settings);
  const mongo::ProcessIdentity self = mongo::this_process();
  options.settings.emplace(options.settings.begin(), "client.id", self.host + ":" + std::to_string(self.pid));
  return backbone::GroupMember::open(options, std::move(topics));
}

Result<std::map<std::string, mongo::Share>> topics_of(const Settings& settings) {
  PENSTOCK_ASSIGN(const auto tables, find_topics(settings));
  std::map<std::string, mongo::Share> topics;
  for (const TableTopics& table : tables)
    for (const std::string& topic : table.topics)
      topics[topic] = {to_string(table.table), definition_of(settings, table.table)};
  return topics;
}

}  // namespace penstock::app
