// The cause of a change in records of the state.
#pragma once

#include "model/byte_io.h"
#include "projection/view/summary.h"

namespace penstock {

inline void write_cause(ByteWriter& writer, const Cause& cause) {
  writer.number(cause.position.commit_lsn.value);
  writer.number(cause.position.ordinal);
  writer.number(cause.position.through_lsn.value);
  writer.signed_number(cause.commit_micros);
}

inline Cause read_cause(ByteReader& reader) {
  Cause cause;
  cause.position.commit_lsn.value = reader.number();
  cause.position.ordinal = reader.number();
  cause.position.through_lsn.value = reader.number();
  cause.commit_micros = reader.signed_number();
  return cause;
}

}  // namespace penstock
