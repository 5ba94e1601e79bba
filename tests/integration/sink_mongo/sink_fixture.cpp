#include "integration/sink_mongo/sink_fixture.h"

#include <bson/bson.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>

namespace penstock::mongo::testing {

void SinkFixture::SetUp() {
  const char* uri = std::getenv(variable_);
  ASSERT_NE(uri, nullptr) << "set " << variable_ << " to the URI of a MongoDB server for tests";
  uri_ = uri;
  static std::atomic<int> number = 0;
  database_ = "penstock_sink_test_" + std::to_string(getpid()) + "_" + std::to_string(++number);
  auto clients = Clients::open(uri_, Clients::Kind::kSeparate);
  ASSERT_TRUE(clients) << clients.error().text();
  connection_ = std::make_unique<Connection>(*clients);
  const auto server = connection_->describe();
  ASSERT_TRUE(server) << server.error().text();
}

void SinkFixture::TearDown() {
  if (!connection_) return;
  no_fail_command();
  command(database_, Bson().put_int("dropDatabase", 1));
}

Options SinkFixture::options() const {
  Options options;
  options.uri = uri_;
  options.database = database_;
  options.pipeline = "shop";
  options.collections.push_back({"things", {}});
  return options;
}

std::unique_ptr<DocumentSink> SinkFixture::open_sink(const Options& options) {
  auto sink = make_sink(options);
  if (!sink) {
    ADD_FAILURE() << sink.error().text();
    std::abort();
  }
  const auto checkpoint = (*sink)->take_over();
  EXPECT_TRUE(checkpoint) << checkpoint.error().text();
  if (checkpoint && !checkpoint->exists) {
    const Status stored = (*sink)->store_source({1, 1, "slot", "print"}, Position{Lsn{1}, 0, Lsn{1}});
    EXPECT_TRUE(stored) << stored.error().text();
  }
  return std::move(*sink);
}

std::unique_ptr<Reader> SinkFixture::open_reader() {
  auto reader = Reader::open(uri_, database_, "shop");
  EXPECT_TRUE(reader);
  return std::move(*reader);
}

CommitResult SinkFixture::commit(DocumentSink& sink, WriteGroup group, std::size_t lane) {
  auto staged = sink.stage(std::move(group));
  if (!staged) {
    ADD_FAILURE() << staged.error().text();
    return {};
  }
  auto done = sink.lane(lane).commit(**staged);
  if (!done) {
    ADD_FAILURE() << done.error().text();
    return {};
  }
  return std::move(*done);
}

std::vector<std::string> SinkFixture::documents(const std::string& collection) {
  Find find;
  find.sort.put_int("_id", 1);
  const auto found = connection_->find(database_, collection, find, nullptr, "testing");
  std::vector<std::string> result;
  if (!found) {
    ADD_FAILURE() << found.error().error.text();
    return result;
  }
  for (const Bson& document : *found) result.push_back(document.json());
  return result;
}

std::map<int, std::string> SinkFixture::notes() {
  std::map<int, std::string> result;
  const auto found = connection_->find(database_, "things", Find{}, nullptr, "testing");
  if (!found) {
    ADD_FAILURE() << found.error().error.text();
    return result;
  }
  for (const Bson& document : *found) {
    result[static_cast<int>(long_at(document.get(), "_id").value_or(-1))] =
        text_at(document.get(), "name").value_or("?") + "/" + text_at(document.get(), "note").value_or("?");
  }
  return result;
}

Bson SinkFixture::one(const std::string& collection, const Bson& filter) {
  Find find;
  find.filter = Bson::copy(filter.get());
  auto found = connection_->find(database_, collection, find, nullptr, "testing");
  if (!found || found->size() != 1) {
    ADD_FAILURE() << "not one document in " << collection << " for " << filter.json();
    return {};
  }
  return std::move(found->front());
}

void SinkFixture::command(const std::string& database, const Bson& command) {
  const auto done = connection_->write(database, command, nullptr, "testing");
  EXPECT_TRUE(done) << command.json() << ": " << done.error().error.text();
}

void SinkFixture::json_command(const std::string& database, const std::string& json) {
  bson_error_t error{};
  bson_t* made = bson_new_from_json(reinterpret_cast<const std::uint8_t*>(json.data()),
                                    static_cast<ssize_t>(json.size()), &error);
  ASSERT_NE(made, nullptr) << json << ": " << error.message;
  command(database, Bson(made));
}

void SinkFixture::fail_command(const std::string& mode, const std::string& data) {
  json_command("admin",
               R"({"configureFailPoint": "failCommand", "mode": )" + mode + R"(, "data": )" + data + "}");
}

void SinkFixture::no_fail_command() {
  // Servers without test commands do not know fail points: no test could have set one.
  static_cast<void>(connection_->write(
      "admin", Bson().put_text("configureFailPoint", "failCommand").put_text("mode", "off"), nullptr,
      "testing"));
}

}  // namespace penstock::mongo::testing
