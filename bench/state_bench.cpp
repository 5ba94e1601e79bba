// How fast read models are made, without servers: orders of two lines with their products, one thread.
//   bench_state DIRECTORY [ORDERS]
// Rates are per second of this thread's CPU time; waiting for the disk at a save is not in them.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <filesystem>

#include "projection/view/view_projector.h"

namespace {

using namespace penstock;

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

std::shared_ptr<TableSchema> table(const std::string& name, const std::vector<Column>& columns) {
  auto schema = std::make_shared<TableSchema>();
  schema->table = {"public", name};
  schema->columns = columns;
  schema->key = {0};
  return schema;
}

const auto kOrders = table("orders", {{"id", 20, -1, "bigint"},
                                      {"customer", 25, -1, "text"},
                                      {"placed", 1114, -1, "timestamp without time zone"},
                                      {"status", 25, -1, "text"}});
const auto kLines = table("lines", {{"id", 20, -1, "bigint"},
                                    {"order_id", 20, -1, "bigint"},
                                    {"product_id", 23, -1, "integer"},
                                    {"quantity", 23, -1, "integer"},
                                    {"price", 1700, -1, "numeric"}});
const auto kProducts =
    table("products", {{"id", 23, -1, "integer"}, {"name", 25, -1, "text"}, {"price", 1700, -1, "numeric"}});
constexpr int kProductCount = 1000;

CollectionSpec definition(bool total) {
  EmbedSpec product;
  product.name = "product";
  product.kind = EmbedSpec::Kind::kOne;
  product.from = kProducts->table;
  product.join = {{"id", "product_id"}};
  EmbedSpec lines;
  lines.name = "lines";
  lines.from = kLines->table;
  lines.join = {{"order_id", "id"}};
  lines.embeds = {product};
  CollectionSpec spec;
  spec.name = "orders";
  spec.from = kOrders->table;
  spec.embeds = {lines};
  if (!total) return spec;
  FieldSpec sum;
  sum.name = "total";
  sum.sql = {"sum(lines.quantity * lines.price)", 1, 1};
  spec.fields = {sum};
  return spec;
}

struct Stream {
  EventBatchPtr batch = std::make_shared<EventBatch>();
  std::uint64_t lsn = 100;

  Stream() { batch->schemas = {kOrders, kLines, kProducts}; }
  void add(EventKind kind, const std::shared_ptr<TableSchema>& schema, const std::vector<Value>& row) {
    auto* values = batch->arena.array<Value>(row.size());
    std::copy(row.begin(), row.end(), values);
    Event event;
    event.kind = kind;
    event.schema = schema.get();
    event.after = values;
    event.position = {Lsn{++lsn}, 1, Lsn{}};
    batch->events.push_back(event);
  }
  Value text(const std::string& value) { return Text{batch->arena.copy(value)}; }
  Value decimal(std::int64_t cents) {
    return Decimal{batch->arena.copy(fmt::format("{}.{:02}", cents / 100, cents % 100))};
  }
  void order(std::int64_t id) {
    add(EventKind::kInsert, kOrders,
        {Value(id), text("customer " + std::to_string(id % 5000)),
         Timestamp{1700000000000000 + id * 1000000, {}, false}, text("new")});
  }
  void line(std::int64_t id, std::int64_t order, EventKind kind = EventKind::kInsert, int quantity = 1) {
    const auto product = static_cast<std::int32_t>((id * 7919) % kProductCount);
    add(kind, kLines, {Value(id), Value(order), Value(product), Value(quantity), decimal(100 + product)});
  }
};

void must(const Status& status) {
  if (status) return;
  fmt::print(stderr, "{}\n", status.error().text());
  std::exit(1);
}

class Bench {
 public:
  explicit Bench(const std::string& directory, bool total) {
    ViewOptions options;
    options.state.path = directory + "/state_bench.state";
    remove_database(options.state.path);
    auto made = ViewProjector::make({definition(total)}, {*kOrders, *kLines, *kProducts}, options);
    must(made ? Status() : Status(fail(made.error())));
    projector = std::move(*made);
    for (const auto& schema : {kOrders, kLines, kProducts}) load(schema, LoadState::kLoading);
    Stream products;
    for (std::int32_t i = 0; i < kProductCount; ++i)
      products.add(EventKind::kInsert, kProducts,
                   {Value(i), products.text("product " + std::to_string(i)), products.decimal(100 + i)});
    run(products);
    for (const auto& schema : {kOrders, kLines, kProducts}) load(schema, LoadState::kLoaded);
    settle();
  }

  void load(const std::shared_ptr<TableSchema>& schema, LoadState state) {
    LoadStep step;
    step.table.table = to_string(schema->table);
    step.table.state = state;
    step.table.load_id = 1;
    must(projector->load_step(step));
  }
  std::size_t run(const Stream& stream) {
    WriteGroup group;
    must(projector->project(*stream.batch, 0, stream.batch->events.size(), group));
    must(projector->close(group));
    position.commit_lsn.value += 1;
    return group.writes.size();
  }
  std::size_t settle() {
    std::size_t writes = 0;
    while (projector->has_pending()) {
      WriteGroup group;
      must(projector->step(position, group));
      writes += group.writes.size();
      if (!projector->has_pending()) must(projector->save(position, {}));
    }
    return writes;
  }
  // Groups of a few thousand events, and a save about every two seconds.
  template <class Make>
  void measure(const char* what, std::int64_t count, std::int64_t per_group, Make make) {
    double seconds = 0;
    std::size_t writes = 0;
    for (std::int64_t at = 0; at < count; at += per_group) {
      Stream stream;
      for (std::int64_t i = at; i < std::min(count, at + per_group); ++i) make(stream, i);
      const double begin = cpu_seconds();
      writes += run(stream);
      writes += settle();
      if (at % (per_group * 50) == 0) must(projector->save(position, {}));
      seconds += cpu_seconds() - begin;
    }
    fmt::print("{:<44} {:>10.0f}/s  ({} documents)\n", what, static_cast<double>(count) / seconds, writes);
  }

  std::unique_ptr<ViewProjector> projector;
  Position position{Lsn{1}, 0, Lsn{1}};
};

void run_all(const std::string& directory, std::int64_t orders, bool total) {
  fmt::print("{}\n", total ? "with sum()" : "bare columns");
  Bench bench(directory, total);
  bench.measure("new orders with 2 lines (orders)", orders, 2000, [](Stream& stream, std::int64_t i) {
    stream.order(i);
    stream.line(2 * i, i);
    stream.line(2 * i + 1, i);
  });
  bench.measure("lines updated, all over the orders", orders, 5000, [&](Stream& stream, std::int64_t i) {
    const std::int64_t id = (i * 7919) % (2 * orders);
    stream.line(id, id / 2, EventKind::kUpdate, static_cast<int>(i % 50));
  });
  // Rows alone: a collection that waits makes nothing.
  if (!*bench.projector->rebuild("orders")) std::exit(1);
  bench.load(kLines, LoadState::kLoading);
  if (!*bench.projector->rebuild("orders")) std::exit(1);
  bench.measure("lines inserted while loading", 2 * orders, 5000,
                [&](Stream& stream, std::int64_t i) { stream.line(2 * orders + i, (i * 31) % orders); });
  const double begin = cpu_seconds();
  bench.load(kLines, LoadState::kLoaded);
  const std::size_t built = bench.settle();
  const double seconds = cpu_seconds() - begin;
  fmt::print("{:<44} {:>10.0f}/s\n", "built from the state, 4 lines each",
             static_cast<double>(built) / seconds);
  Stream rename;
  rename.add(EventKind::kUpdate, kProducts,
             {Value(std::int32_t{5}), rename.text("renamed"), rename.decimal(1)});
  const double renaming = cpu_seconds();
  std::size_t shown = bench.run(rename);
  shown += bench.settle();
  fmt::print("{:<44} {:>10.0f}/s  ({} documents)\n", "a product renamed",
             static_cast<double>(shown) / (cpu_seconds() - renaming), shown);
}

}  // namespace

int main(int count, char** arguments) {
  const std::string directory = count > 1 ? arguments[1] : std::filesystem::temp_directory_path().string();
  const std::int64_t orders = count > 2 ? std::atoll(arguments[2]) : 200000;
  run_all(directory, orders, false);
  run_all(directory, orders, true);
  remove_database(directory + "/state_bench.state");
}
