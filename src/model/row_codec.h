// Rows as bytes: the number of their layout, then each value, lossless and short.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "model/arena.h"
#include "model/value.h"

namespace penstock {

// Appends. Equal values give equal bytes. The texts of finite dates and timestamps are left out, as they
// follow from the numbers.
void encode_row(std::string& out, std::uint64_t layout, const Value* values, std::size_t count);
void encode_value(std::string& out, const Value& value);

// Reads rows as encode_row() wrote them. Values borrow from `bytes` and from the arena.
class RowDecoder {
 public:
  RowDecoder(std::string_view bytes, Arena& arena);
  std::uint64_t layout() const { return layout_; }
  // The next value; Unchanged after the last. Dates have their text again, timestamps that are finite have
  // none (to_text() gives it).
  Value next();
  // False: the bytes are no row, and what was read is worth nothing.
  bool ok() const { return ok_; }

 private:
  Value read(int depth);
  Value read_date();
  Value read_array(int depth);
  Value read_struct(int depth);
  Value read_range(std::uint8_t tag, int depth);
  const Value* kept(const Value& value);
  std::uint64_t number();
  std::int64_t signed_number();
  template <class T>
  bool read_raw(T& raw);
  std::string_view text();

  const char* at_;
  const char* end_;
  Arena& arena_;
  std::uint64_t layout_ = 0;
  bool ok_ = true;
};

}  // namespace penstock
