#include "projection/state/state_store.h"

#include <filesystem>
#include <random>

#include "base/log.h"
#include "model/byte_io.h"
#include "projection/state/sqlite_map.h"

namespace penstock {
namespace {

// Raised when the file is no longer read as it was written; an older one is begun anew.
constexpr std::uint64_t kFormat = 2;

std::string random_identity() {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::random_device random;
  std::string identity;
  while (identity.size() < 32) {
    const unsigned bits = random();
    for (unsigned shift = 0; shift < 32; shift += 4) identity += kHex[(bits >> shift) & 15U];
  }
  return identity;
}

std::string coded(std::uint64_t number) {
  std::string out;
  ByteWriter(out).number(number);
  return out;
}

std::string coded(const TableRecord& record) {
  std::string out;
  ByteWriter writer(out);
  writer.signed_number(record.number);
  writer.byte(record.form.integer_key ? 1 : 0);
  writer.number(record.form.indexes.size());
  for (const RowForm::Index& index : record.form.indexes) {
    writer.text(index.name);
    writer.byte(index.integer ? 1 : 0);
  }
  writer.number(record.form.clustered ? *record.form.clustered + 1 : 0);
  writer.text(record.key);
  writer.number(record.layout);
  writer.number(record.load_id);
  writer.byte(static_cast<std::uint8_t>((record.loaded ? 1 : 0) + (record.swept ? 2 : 0)));
  return out;
}

std::string coded(const Places& places) {
  std::string out;
  ByteWriter writer(out);
  for (const auto& [partition, place] : places) {
    writer.text(partition.topic);
    writer.signed_number(partition.number);
    writer.signed_number(place.next);
    writer.signed_number(place.last_millis);
    writer.number(place.last_commit.value);
    writer.number(place.lsn.value);
  }
  return out;
}

Result<Places> places_from(std::string_view bytes, const std::string& path) {
  Places places;
  ByteReader reader(bytes);
  while (reader.ok() && !reader.done()) {
    PartitionId partition;
    partition.topic = reader.text();
    partition.number = static_cast<std::int32_t>(reader.signed_number());
    Place& place = places[std::move(partition)];
    place.next = reader.signed_number();
    place.last_millis = reader.signed_number();
    place.last_commit.value = reader.number();
    place.lsn.value = reader.number();
  }
  if (!reader.ok())
    return fail(ErrorKind::kBadValue, "the state file " + path + " does not say where its partitions stand");
  return places;
}

std::optional<TableRecord> table_of(std::string_view bytes) {
  ByteReader reader(bytes);
  TableRecord record;
  record.number = reader.signed_number();
  record.form.integer_key = reader.byte() != 0;
  const std::uint64_t indexes = reader.number();
  for (std::uint64_t i = 0; i < indexes && reader.ok(); ++i) {
    RowForm::Index index;
    index.name = reader.text();
    index.integer = reader.byte() != 0;
    record.form.indexes.push_back(std::move(index));
  }
  if (const std::uint64_t clustered = reader.number(); clustered > 0) record.form.clustered = clustered - 1;
  record.key = reader.text();
  record.layout = reader.number();
  record.load_id = reader.number();
  const std::uint8_t flags = reader.byte();
  record.loaded = (flags & 1) != 0;
  record.swept = (flags & 2) != 0;
  if (!reader.ok()) return std::nullopt;
  return record;
}

}  // namespace

Result<std::unique_ptr<StateStore>> StateStore::open(const DatabaseOptions& options) {
  std::unique_ptr<StateStore> store(new StateStore(options));
  PENSTOCK_TRY(store->open_or_begin());
  return store;
}

StateStore::~StateStore() {
  const bool damaged = condemned_ || (database_ && database_->damaged());
  meta_.reset();
  tables_.reset();
  map_numbers_.reset();
  layouts_map_.reset();
  database_.reset();
  if (!damaged) return;
  log::warn("the state file {} is damaged: it is removed, the next start loads its tables anew",
            options_.path);
  remove_database(options_.path);
}

Status StateStore::open_or_begin() {
  std::error_code ignored;
  const auto directory = std::filesystem::path(options_.path).parent_path();
  if (!directory.empty()) std::filesystem::create_directories(directory, ignored);
  Status opened = open_file();
  if (opened) opened = read();
  if (opened) return {};
  if (!database_ || (!database_->damaged() && opened.error().kind != ErrorKind::kBadValue)) return opened;
  log::warn("{}: the state of read models is begun anew, its tables are loaded again",
            opened.error().message);
  return begin_anew();
}

Status StateStore::open_file() {
  database_.reset();
  auto database = Database::open(options_);
  // Not even the first page could be read: a file that is no database.
  if (!database && database.error().kind == ErrorKind::kInternal) {
    log::warn("{}: it is begun anew", database.error().message);
    remove_database(options_.path);
    database = Database::open(options_);
  }
  PENSTOCK_ASSIGN(database_, std::move(database));
  return database_->begin();
}

Status StateStore::begin_anew() {
  meta_.reset();
  tables_.reset();
  map_numbers_.reset();
  layouts_map_.reset();
  database_.reset();
  remove_database(options_.path);
  PENSTOCK_TRY(open_file());
  return read();
}

// kBadValue: of another format.
Status StateStore::read() {
  position_.reset();
  places_.clear();
  identity_.clear();
  layouts_.clear();
  PENSTOCK_ASSIGN(meta_, SqliteMap::open(*database_, "meta"));
  PENSTOCK_ASSIGN(tables_, SqliteMap::open(*database_, "tables"));
  PENSTOCK_ASSIGN(map_numbers_, SqliteMap::open(*database_, "maps"));
  PENSTOCK_ASSIGN(layouts_map_, SqliteMap::open(*database_, "layouts"));
  PENSTOCK_ASSIGN(const auto identity, meta_->get("identity"));
  if (!identity) return begin();
  identity_ = *identity;
  PENSTOCK_ASSIGN(const std::uint64_t format, number("format"));
  if (format != kFormat)
    return fail(ErrorKind::kBadValue, "the state file " + options_.path + " has format " +
                                          std::to_string(format) + ", this program reads " +
                                          std::to_string(kFormat));
  PENSTOCK_ASSIGN(const auto position, meta_->get("position"));
  if (position) {
    ByteReader reader(*position);
    Position read;
    read.commit_lsn.value = reader.number();
    read.ordinal = reader.number();
    read.through_lsn.value = reader.number();
    if (!reader.ok())
      return fail(ErrorKind::kBadValue, "the state file " + options_.path + " has no position");
    position_ = read;
  }
  PENSTOCK_ASSIGN(const auto places, meta_->get("places"));
  if (places) {
    PENSTOCK_ASSIGN(places_, places_from(*places, options_.path));
  }
  return read_layouts();
}

Status StateStore::begin() {
  identity_ = random_identity();
  PENSTOCK_TRY(meta_->put("identity", identity_));
  PENSTOCK_TRY(meta_->put("format", coded(kFormat)));
  PENSTOCK_TRY(database_->commit());
  return database_->begin();
}

Status StateStore::read_layouts() {
  return layouts_map_->scan({}, OrderedMap::Direction::kForward,
                            [&](std::string_view key, std::string_view value) {
                              ByteReader name(key);
                              RowLayout& layout = layouts_[name.number()];
                              ByteReader reader(value);
                              while (!reader.done() && reader.ok()) {
                                RowLayout::Column column;
                                column.name = reader.text();
                                column.type = reader.text();
                                layout.columns.push_back(std::move(column));
                              }
                              return Result<bool>(true);
                            });
}

Result<std::uint64_t> StateStore::number(std::string_view name) {
  PENSTOCK_ASSIGN(const auto value, meta_->get(name));
  return value ? ByteReader(*value).number() : 0;
}

Result<std::uint64_t> StateStore::system_identifier() { return number("system_identifier"); }

Status StateStore::set_system_identifier(std::uint64_t identifier) {
  return meta_->put("system_identifier", coded(identifier));
}

Status StateStore::save(const Position& position, const Places& places) {
  std::string value;
  ByteWriter writer(value);
  writer.number(position.commit_lsn.value);
  writer.number(position.ordinal);
  writer.number(position.through_lsn.value);
  PENSTOCK_TRY(meta_->put("position", value));
  if (places != places_) PENSTOCK_TRY(meta_->put("places", coded(places)));
  PENSTOCK_TRY(database_->commit());
  position_ = position;
  places_ = places;
  return database_->begin();
}

Result<std::unique_ptr<OrderedMap>> StateStore::open_map(const std::string& name) {
  PENSTOCK_ASSIGN(const auto known, map_numbers_->get(name));
  std::uint64_t map = known ? ByteReader(*known).number() : 0;
  if (!known) {
    PENSTOCK_ASSIGN(const std::uint64_t last, number("last_map"));
    map = last + 1;
    PENSTOCK_TRY(meta_->put("last_map", coded(map)));
    PENSTOCK_TRY(map_numbers_->put(name, coded(map)));
  }
  PENSTOCK_ASSIGN(std::unique_ptr<OrderedMap> opened,
                  SqliteMap::open(*database_, "map_" + std::to_string(map)));
  return opened;
}

Status StateStore::drop_map(const std::string& name) {
  PENSTOCK_ASSIGN(const auto known, map_numbers_->get(name));
  if (!known) return {};
  const std::string table = "map_" + std::to_string(ByteReader(*known).number());
  PENSTOCK_TRY(map_numbers_->erase(name));
  return database_->execute("DROP TABLE IF EXISTS " + table);
}

Status StateStore::drop_maps(const std::string& prefix) {
  std::vector<std::string> names;
  PENSTOCK_TRY(map_numbers_->scan(prefix, OrderedMap::Direction::kForward,
                                  [&](std::string_view name, std::string_view) {
                                    names.emplace_back(name);
                                    return Result<bool>(true);
                                  }));
  for (const std::string& name : names) PENSTOCK_TRY(drop_map(name));
  return {};
}

Result<std::optional<TableRecord>> StateStore::table(const std::string& name) {
  PENSTOCK_ASSIGN(const auto stored, tables_->get(name));
  return stored ? table_of(*stored) : std::nullopt;
}

Status StateStore::put_table(const std::string& name, const TableRecord& record) {
  return tables_->put(name, coded(record));
}

Status StateStore::erase_table(const std::string& name) {
  PENSTOCK_TRY(tables_->erase(name));
  return {};
}

Result<std::vector<std::string>> StateStore::table_names() {
  std::vector<std::string> names;
  PENSTOCK_TRY(
      tables_->scan({}, OrderedMap::Direction::kForward, [&](std::string_view name, std::string_view) {
        names.emplace_back(name);
        return Result<bool>(true);
      }));
  return names;
}

Result<std::int64_t> StateStore::new_table_number() {
  PENSTOCK_ASSIGN(const std::uint64_t last, number("last_table"));
  PENSTOCK_TRY(meta_->put("last_table", coded(last + 1)));
  return static_cast<std::int64_t>(last + 1);
}

Result<std::uint64_t> StateStore::layout_number(const RowLayout& layout) {
  for (const auto& [number, known] : layouts_) {
    if (known == layout) return number;
  }
  const std::uint64_t number = layouts_.empty() ? 1 : layouts_.rbegin()->first + 1;
  std::string value;
  ByteWriter writer(value);
  for (const RowLayout::Column& column : layout.columns) {
    writer.text(column.name);
    writer.text(column.type);
  }
  PENSTOCK_TRY(layouts_map_->put(coded(number), value));
  layouts_[number] = layout;
  return number;
}

const RowLayout* StateStore::layout(std::uint64_t number) const {
  const auto found = layouts_.find(number);
  return found == layouts_.end() ? nullptr : &found->second;
}

}  // namespace penstock
