#include "model/civil_time.h"
#include "pgtype/decoders.h"

namespace penstock::pgtype {
namespace {

class DateDecoder final : public Decoder {
 public:
  Result<Value> decode(std::string_view text, Arena&) const override {
    const auto days = parse_date(text);
    if (!days) return bad_value(text, "date");
    return Value(Date{*days, text});
  }
};

class TimestampDecoder final : public Decoder {
 public:
  explicit TimestampDecoder(bool with_zone) : with_zone_(with_zone) {}
  Result<Value> decode(std::string_view text, Arena&) const override {
    const auto micros = parse_timestamp(text, with_zone_);
    if (micros) return Value(Timestamp{*micros, text, with_zone_});
    if (with_zone_) return bad_value(text, "timestamp with time zone", "with DateStyle ISO and TimeZone UTC");
    return bad_value(text, "timestamp without time zone", "with DateStyle ISO");
  }

 private:
  bool with_zone_;
};

bool starts_with_digit(std::string_view text) { return !text.empty() && text[0] >= '0' && text[0] <= '9'; }

class TimeDecoder final : public Decoder {
 public:
  Result<Value> decode(std::string_view text, Arena&) const override {
    if (text.size() < 8 || !starts_with_digit(text) || text[2] != ':' || text[5] != ':')
      return bad_value(text, "time");
    return Value(Time{text});
  }
};

class IntervalDecoder final : public Decoder {
 public:
  Result<Value> decode(std::string_view text, Arena&) const override {
    // PostgreSQL 17 has infinite intervals.
    const bool infinite = text == "infinity" || text == "-infinity";
    const bool signed_text = text.starts_with('-') || text.starts_with('+');
    if (!infinite && !starts_with_digit(text.substr(signed_text ? 1 : 0))) return bad_value(text, "interval");
    return Value(Interval{text});
  }
};

}  // namespace

DecoderPtr date_decoder() {
  static const DecoderPtr decoder = std::make_shared<DateDecoder>();
  return decoder;
}
DecoderPtr timestamp_decoder() {
  static const DecoderPtr decoder = std::make_shared<TimestampDecoder>(false);
  return decoder;
}
DecoderPtr timestamptz_decoder() {
  static const DecoderPtr decoder = std::make_shared<TimestampDecoder>(true);
  return decoder;
}
DecoderPtr time_decoder() {
  static const DecoderPtr decoder = std::make_shared<TimeDecoder>();
  return decoder;
}
DecoderPtr interval_decoder() {
  static const DecoderPtr decoder = std::make_shared<IntervalDecoder>();
  return decoder;
}

}  // namespace penstock::pgtype
