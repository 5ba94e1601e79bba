// A database of its own on the server that PENSTOCK_TEST_MONGODB names, and sinks that write to it.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sink/mongo/client.h"
#include "sink/mongo/mongo_sink.h"
#include "sink/mongo/reader.h"
#include "unit/sink_mongo/thing_rows.h"

namespace penstock::mongo::testing {

class SinkFixture : public ::testing::Test {
 protected:
  explicit SinkFixture(const char* variable = "PENSTOCK_TEST_MONGODB") : variable_(variable) {}
  void SetUp() override;
  void TearDown() override;

  Options options() const;  // the collection `things`, pipeline "shop"
  // Connected, in charge, with a source stored: ready to commit.
  std::unique_ptr<DocumentSink> open_sink(const Options& options);
  std::unique_ptr<DocumentSink> open_sink() { return open_sink(options()); }
  std::unique_ptr<Reader> open_reader();

  // Stages and commits on a lane; fails the test when that fails.
  CommitResult commit(DocumentSink& sink, WriteGroup group, std::size_t lane = 0);
  // Documents as relaxed extended JSON, in the order of `_id`.
  std::vector<std::string> documents(const std::string& collection = "things");
  std::map<int, std::string> notes();  // id -> "name/note" of things
  Bson one(const std::string& collection, const Bson& filter);
  void command(const std::string& database, const Bson& command);
  void json_command(const std::string& database, const std::string& json);
  // Fails or delays commands of every client; needs enableTestCommands. Off again at the end of the test.
  void fail_command(const std::string& mode, const std::string& data);
  void no_fail_command();

  const char* variable_;
  std::string uri_;
  std::string database_;
  std::unique_ptr<Connection> connection_;
  DocumentShape shape_ = things_shape();
  GroupMaker group_{shape_};
};

}  // namespace penstock::mongo::testing
