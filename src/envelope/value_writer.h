// Values as Debezium's JSON.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "envelope/column_form.h"
#include "model/value.h"

namespace penstock::envelope {

// Of one column. Thread-compatible: as many threads as have an output of their own.
class ValueWriter {
 public:
  ValueWriter(ColumnFacts column, const ColumnForm& form, const Options& options);

  const ColumnFacts& column() const { return column_; }
  const ColumnForm& form() const { return form_; }
  // Appends JSON. An Unchanged value becomes the placeholder in the column's own shape, null where it has
  // none. kBadValue: the form cannot hold the value (NaN in bytes), with the setting that can.
  Status append(std::string& out, const Value& value) const;
  // What stands for a value that PostgreSQL did not send of an old row: null, or nothing's value ("", 0)
  // where the column may not be null.
  void append_absent(std::string& out) const;

 private:
  Status append_one(std::string& out, const Value& value) const;
  Status append_decimal(std::string& out, std::string_view text) const;
  Status append_variable(std::string& out, std::string_view text) const;
  Status append_moment(std::string& out, const Value& value) const;
  Status append_time(std::string& out, std::string_view text) const;
  Status append_interval(std::string& out, std::string_view text) const;
  void append_bytes(std::string& out, std::string_view bytes) const;
  Status append_point(std::string& out, std::string_view text) const;
  void append_hstore(std::string& out, const Struct& value) const;
  void append_null(std::string& out) const;
  void append_placeholder(std::string& out) const;
  tl::unexpected<Error> refuse(std::string_view text, const std::string& setting) const;

  ColumnFacts column_;
  ColumnForm form_;
  Options options_;
};

std::string text_of_bytes(std::string_view bytes, BinaryMode mode);

// Appends a JSON string with its quotes.
void append_json_string(std::string& out, std::string_view text);

}  // namespace penstock::envelope
