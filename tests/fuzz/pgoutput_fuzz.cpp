// Any bytes are safe for the pgoutput decoder: it gives a message or an error, and its views lie inside the
// input.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "source/postgres/pgoutput.h"

namespace {

using penstock::postgres::PgOutputDecoder;
using penstock::postgres::Tuple;

void require_inside(std::string_view input, const Tuple& tuple) {
  for (const auto& cell : tuple) {
    if (cell.text.empty()) continue;
    const bool inside = cell.text.data() >= input.data() &&
                        cell.text.data() + cell.text.size() <= input.data() + input.size();
    if (!inside) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  PgOutputDecoder decoder;
  const auto message = decoder.decode(input);
  if (!message) return 0;
  if (const auto* row = std::get_if<penstock::postgres::RowMessage>(&*message)) {
    if (row->old_kind != 0) require_inside(input, decoder.old_tuple());
    if (row->has_new) require_inside(input, decoder.new_tuple());
  }
  return 0;
}
