#include "envelope/absent_value.h"

#include <algorithm>

namespace penstock::envelope {
namespace {

// "0.00"
std::string zero_text(int digits) {
  std::string zero = R"("0)";
  if (digits > 0) zero += '.';
  zero.append(static_cast<std::size_t>(std::max(digits, 0)), '0');
  zero += '"';
  return zero;
}

}  // namespace

std::string absent_value(const ColumnFacts& column, const ColumnForm& form, const Options& options) {
  if (form.form == Form::kText && column.type == 1700)
    return zero_text(column.modifier < 4 ? 0 : (column.modifier - 4) & 0x3ff);
  switch (form.form) {
    case Form::kBool:
      return "false";
    case Form::kFloat:
    case Form::kDoubleDecimal:
      return "0.0";
    case Form::kText:
    case Form::kBytes:
    case Form::kBits:
      return R"("")";
    case Form::kIsoInterval:
      return R"("P0Y0M0DT0H0M0S")";
    case Form::kFixedDecimal:
      return R"("AA==")";
    case Form::kVariableDecimal:
      return R"({"scale":0,"value":"AA=="})";
    case Form::kMoney:
      return form.scale < 0 ? zero_text(options.money_digits) : R"("AA==")";
    case Form::kIsoDate:
      return R"("1970-01-01Z")";
    case Form::kIsoTimestamp:
    case Form::kZonedTimestamp:
      return R"("1970-01-01T00:00:00Z")";
    case Form::kIsoTime:
    case Form::kZonedTime:
      return R"("00:00:00Z")";
    case Form::kPoint:
      return R"({"x":0.0,"y":0.0,"wkb":"AQEAAAAAAAAAAAAAAAAAAAAAAAAA","srid":null})";
    case Form::kHstore:
      return options.hstore == HstoreMode::kMap ? "{}" : R"("{}")";
    default:
      return "0";
  }
}

}  // namespace penstock::envelope
