#include "envelope/column_form.h"

namespace penstock::envelope {
namespace {

// The scale of numeric(p,s); a negative one is a number of 11 bits (PostgreSQL source: numeric.c).
int scale_of(std::int32_t modifier) { return (((modifier - 4) & 0x7ff) ^ 1024) - 1024; }

ColumnForm numeric_form(std::int32_t modifier, DecimalMode mode) {
  switch (mode) {
    case DecimalMode::kDouble:
      return {Form::kDoubleDecimal};
    case DecimalMode::kString:
      return {Form::kText};
    case DecimalMode::kPrecise:
      break;
  }
  if (modifier < 4) return {Form::kVariableDecimal};
  return {Form::kFixedDecimal, scale_of(modifier)};
}

ColumnForm money_form(const Options& options) {
  if (options.decimals == DecimalMode::kDouble) return {Form::kDoubleDecimal};
  return {Form::kMoney, options.decimals == DecimalMode::kPrecise ? options.money_digits : -1};
}

bool is_short(std::int32_t modifier) { return modifier >= 0 && modifier <= 3; }

Form timestamp_form(std::int32_t modifier, TimeMode mode) {
  switch (mode) {
    case TimeMode::kConnect:
      return Form::kMillis;
    case TimeMode::kMicroseconds:
      return Form::kMicros;
    case TimeMode::kNanoseconds:
      return Form::kNanos;
    case TimeMode::kIsoString:
      return Form::kIsoTimestamp;
    case TimeMode::kAdaptive:
    case TimeMode::kAdaptiveMicroseconds:
      break;
  }
  return is_short(modifier) ? Form::kMillis : Form::kMicros;
}

Form time_form(std::int32_t modifier, TimeMode mode) {
  switch (mode) {
    case TimeMode::kConnect:
      return Form::kTimeMillis;
    case TimeMode::kAdaptiveMicroseconds:
    case TimeMode::kMicroseconds:
      return Form::kTimeMicros;
    case TimeMode::kNanoseconds:
      return Form::kTimeNanos;
    case TimeMode::kIsoString:
      return Form::kIsoTime;
    case TimeMode::kAdaptive:
      break;
  }
  return is_short(modifier) ? Form::kTimeMillis : Form::kTimeMicros;
}

// OIDs of built-in types never change (PostgreSQL source: pg_type.dat).
std::optional<ColumnForm> form_of_type(std::uint32_t type, std::int32_t modifier, const Options& options) {
  switch (type) {
    case 16:  // boolean
      return ColumnForm{Form::kBool};
    case 17:  // bytea
      return ColumnForm{Form::kBytes};
    case 20:  // bigint, smallint, integer, oid
    case 21:
    case 23:
    case 26:
      return ColumnForm{Form::kInteger};
    case 700:  // real, double precision
    case 701:
      return ColumnForm{Form::kFloat};
    case 1700:
      return numeric_form(modifier, options.decimals);
    case 790:
      return money_form(options);
    case 1082:
      return ColumnForm{options.times == TimeMode::kIsoString ? Form::kIsoDate : Form::kDate};
    case 1083:
      return ColumnForm{time_form(modifier, options.times)};
    case 1114:
      return ColumnForm{timestamp_form(modifier, options.times)};
    case 1184:
      return ColumnForm{Form::kZonedTimestamp};
    case 1266:
      return ColumnForm{Form::kZonedTime};
    case 1186:
      return ColumnForm{options.intervals == IntervalMode::kString ? Form::kIsoInterval
                                                                   : Form::kIntervalMicros};
    case 1560:  // bits, of which one alone is a bool
    case 1562:
      return ColumnForm{modifier == 1 ? Form::kBool : Form::kBits};
    case 600:
      return ColumnForm{Form::kPoint};
    case 18:  // "char", name, text, char(n), varchar, json, jsonb, uuid, xml, inet, cidr, macaddr, macaddr8,
              // tsvector
    case 19:
    case 25:
    case 1042:
    case 1043:
    case 114:
    case 3802:
    case 2950:
    case 142:
    case 869:
    case 650:
    case 829:
    case 774:
    case 3614:
    case 3904:  // ranges
    case 3906:
    case 3908:
    case 3910:
    case 3912:
    case 3926:
      return ColumnForm{Form::kText};
    default:
      return std::nullopt;
  }
}

}  // namespace

std::optional<ColumnForm> form_of(const ColumnFacts& column, const Options& options) {
  if (column.is_enum) return ColumnForm{Form::kText, 0, column.element != 0};
  if (column.is_hstore) return ColumnForm{Form::kHstore, 0, column.element != 0};
  if (column.element == 0) return form_of_type(column.type, column.modifier, options);
  auto form = form_of_type(column.element, column.modifier, options);
  if (form) form->list = true;
  return form;
}

}  // namespace penstock::envelope
