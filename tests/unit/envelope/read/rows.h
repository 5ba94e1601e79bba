// Rows as PostgreSQL prints them, written as Debezium's records and read again.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "envelope/envelope.h"
#include "envelope/read/event_reader.h"
#include "model/event_batch.h"
#include "pgtype/builtin_types.h"
#include "pgtype/decoder.h"

namespace penstock::envelope {

// All of a value, so that two that differ anywhere differ here.
inline std::string rendered(const Value& value) {
  std::string out = std::string(kind_name(value)) + " " + to_text(value);
  if (const auto* date = value.get<Date>()) out += " days " + std::to_string(date->days);
  if (const auto* moment = value.get<Timestamp>())
    out += " micros " + std::to_string(moment->micros) + (moment->with_zone ? " zone" : "");
  if (const auto* list = value.get<Array>())
    for (std::uint32_t i = 0; i < list->size; ++i) out += " [" + rendered(list->items[i]) + "]";
  if (const auto* fields = value.get<Struct>())
    for (std::uint32_t i = 0; i < fields->size; ++i)
      out += " " + std::string(fields->fields[i].name) + ": " + rendered(fields->fields[i].value);
  if (const auto* range = value.get<Range>())
    for (const Value* bound : {range->lower, range->upper})
      out += bound == nullptr ? " unbounded" : " <" + rendered(*bound) + ">";
  return out;
}

// As src/pgtype has it.
inline Value decoded(const Column& column, const std::string& text, Arena& arena) {
  if (text == "NULL") return Null{};
  pgtype::TypeCatalog catalog([](std::uint32_t oid) -> Result<pgtype::TypeInfo> {
    pgtype::TypeInfo info;
    info.oid = oid;
    info.name = "hstore";
    return info;
  });
  const auto decoder = pgtype::decoder_for(column.type_oid, catalog);
  EXPECT_TRUE(decoder) << column.type_name;
  auto value = (*decoder)->decode(arena.copy(text), arena);
  EXPECT_TRUE(value) << column.type_name << ": " << (value ? "" : value.error().text());
  return value ? *value : Value();
}

inline ColumnFacts facts_of(const Column& column) {
  ColumnFacts facts{column.name, column.base_type_oid != 0 ? column.base_type_oid : column.type_oid,
                    column.type_modifier};
  if (const auto type = pgtype::builtin_type(facts.type); type && type->category == 'A')
    facts.element = type->element;
  facts.is_hstore = column.type_name == "hstore";
  facts.not_null = column.not_null;
  return facts;
}

inline TableFacts facts_of(const TableSchema& schema) {
  TableFacts facts;
  facts.schema = schema.table.schema;
  facts.table = schema.table.name;
  facts.key = schema.key;
  for (const Column& column : schema.columns) facts.columns.push_back(facts_of(column));
  return facts;
}

inline RecordBytes bytes_of(const std::string& key, const std::string& value) {
  return {std::string_view(key), std::string_view(value), {}};
}

}  // namespace penstock::envelope
