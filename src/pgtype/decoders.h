// The decoders by family. Those of scalars are shared; those of containers are built from the decoders of
// their parts.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "pgtype/decoder.h"

namespace penstock::pgtype {

using DecoderPtr = std::shared_ptr<const Decoder>;

// scalars.cpp
DecoderPtr bool_decoder();
DecoderPtr int2_decoder();
DecoderPtr int4_decoder();
DecoderPtr int8_decoder();
DecoderPtr oid_decoder();
DecoderPtr float_decoder();  // real and double precision: the text read as a double
DecoderPtr numeric_decoder();
DecoderPtr text_decoder();  // any text
DecoderPtr json_decoder();  // not parsed here: the sink does, once
// binary.cpp
DecoderPtr bytea_decoder();
DecoderPtr uuid_decoder();
// datetime.cpp
DecoderPtr date_decoder();
DecoderPtr timestamp_decoder();
DecoderPtr timestamptz_decoder();
DecoderPtr time_decoder();
DecoderPtr interval_decoder();

// array.cpp
DecoderPtr make_array(DecoderPtr element, char delimiter);
DecoderPtr make_vector(DecoderPtr element);
// composite.cpp
struct AttributeDecoder {
  std::string name;
  DecoderPtr decoder;
};
DecoderPtr make_composite(std::vector<AttributeDecoder> attributes);
// hstore.cpp
DecoderPtr hstore_decoder();
// range.cpp
DecoderPtr make_range(DecoderPtr bound);
DecoderPtr make_multirange(DecoderPtr bound);

// kBadValue: `"abc…" is not what PostgreSQL prints for integer`; why may be empty.
tl::unexpected<Error> bad_value(std::string_view text, std::string_view type, std::string_view why = {});

}  // namespace penstock::pgtype
