"""The type table: the document value that a PostgreSQL value must become, worked out from the catalog and the value's
text by the tests' own code."""

import math
import json
import re
from decimal import Decimal
from fractions import Fraction

from bson import Binary, DatetimeMS, Decimal128, Int64, SON

from support import literals

SESSION = {
    "DateStyle": "ISO, MDY", "IntervalStyle": "postgres", "TimeZone": "UTC", "extra_float_digits": "1",
    "bytea_output": "hex", "lc_monetary": "C", "client_encoding": "UTF8", "search_path": "pg_catalog",
}
MOMENT = re.compile(r"^(\d{4,})-(\d\d)-(\d\d)(?: (\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?)?(\+00)?( BC)?$")


def _days(year, month, day):
    """Days since 1970-01-01 of a proleptic Gregorian date; year 0 is 1 BC."""
    year -= month <= 2
    era, of_era = divmod(year, 400)
    of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719468


def micros(text):
    """Microseconds since 1970 UTC, or None for the infinities."""
    if text in ("infinity", "-infinity"):
        return None
    match = MOMENT.match(text)
    if not match:
        raise ValueError(f"not a date or timestamp: {text!r}")
    year, month, day, hour, minute, second = (int(match[i] or 0) for i in range(1, 7))
    year = 1 - year if match[9] else year
    seconds = (_days(year, month, day) * 24 + hour) * 3600 + minute * 60 + second
    return seconds * 1_000_000 + int((match[7] or "0").ljust(6, "0"))


def moment(text):
    value = micros(text)
    return text if value is None else DatetimeMS(value // 1000)


def number(text):
    try:
        return Decimal128(text)
    except ArithmeticError:
        return text


def integer32(value):
    return value if -2**31 <= value < 2**31 else Int64(value)


def shortest_is(number, digits):
    """Whether PostgreSQL prints the double as this number. Its shortest text never lies on the border between two
    doubles, as 1e23 does: select 1e23::float8 gives 9.999999999999999e+22."""
    if math.isinf(number) or Decimal(repr(number)) != Decimal(digits):
        return False
    exact = Fraction(Decimal(digits))
    borders = [(Fraction(number) + Fraction(math.nextafter(number, to))) / 2 for to in (math.inf, -math.inf)]
    return exact not in borders


def json_value(text):
    def whole(digits):
        value = int(digits)
        return integer32(value) if -2**63 <= value < 2**63 else broken(digits)

    def broken(digits):
        as_double = float(digits)
        if shortest_is(as_double, digits):
            return as_double
        return Decimal128(digits)

    return json.loads(text, parse_int=whole, parse_float=broken, object_pairs_hook=SON)


SCALARS = {
    "int2": int, "int4": int, "int8": lambda t: Int64(t), "oid": lambda t: Int64(t),
    "float4": float, "float8": float, "numeric": number, "bool": lambda t: t == "t",
    "bytea": lambda t: bytes.fromhex(t[2:]), "uuid": lambda t: Binary(bytes.fromhex(t.replace("-", "")), 4),
    "date": moment, "timestamp": moment, "timestamptz": moment, "json": json_value, "jsonb": json_value,
    "hstore": literals.hstore,
}


class TypeTable:
    """Types as one connection's catalog has them; conversions are made once per type OID."""

    QUERY = """
        SELECT t.typname, t.typtype::text, t.typbasetype, t.typelem, t.typdelim::text, t.typrelid,
               t.typcategory = 'A' AND t.typsubscript = 'array_subscript_handler'::regproc,
               (SELECT rngsubtype FROM pg_range WHERE rngtypid = t.oid),
               (SELECT rngtypid FROM pg_range WHERE rngmultitypid = t.oid)
        FROM pg_type t WHERE t.oid = %s"""

    def __init__(self, connection):
        self._connection = connection
        self._known = {}

    def conversion(self, oid):
        if oid not in self._known:
            self._known[oid] = self._make(oid)
        return self._known[oid]

    def convert(self, oid, text):
        return None if text is None else self.conversion(oid)(text)

    def _make(self, oid):
        name, kind, base, element, delimiter, relation, is_array, subtype, in_multirange = \
            self._connection.execute(self.QUERY, (oid,)).fetchone()
        if kind == "d":
            return self.conversion(base)
        if is_array:
            item_delimiter = self._connection.execute("SELECT typdelim::text FROM pg_type WHERE oid = %s",
                                                      (element,)).fetchone()[0]
            return self._array(element, item_delimiter)
        if kind == "c":
            return self._composite(relation)
        if kind == "r":
            return lambda text: self._range(subtype, literals.value_range(text))
        if kind == "m":
            bound = self._connection.execute("SELECT rngsubtype FROM pg_range WHERE rngtypid = %s",
                                             (in_multirange,)).fetchone()[0]
            return lambda text: [self._range(bound, r) for r in literals.multirange(text)]
        return SCALARS.get(name, str)

    def _array(self, element, delimiter):
        def items(value):
            if isinstance(value, list):
                return [items(v) for v in value]
            return self.convert(element, value)
        return lambda text: items(literals.array(text, delimiter))

    def _composite(self, relation):
        fields = self._connection.execute(
            "SELECT attname, atttypid FROM pg_attribute WHERE attrelid = %s AND attnum > 0 AND NOT attisdropped"
            " ORDER BY attnum", (relation,)).fetchall()
        return lambda text: SON((name, self.convert(oid, part))
                                for (name, oid), part in zip(fields, literals.composite(text), strict=True))

    def _range(self, subtype, bounds):
        lower, upper, lower_inclusive, upper_inclusive = bounds or (None, None, False, False)
        return SON(lower=self.convert(subtype, lower), upper=self.convert(subtype, upper),
                   lower_inclusive=lower_inclusive, upper_inclusive=upper_inclusive, empty=bounds is None)


def iso(text):
    """A timestamp of a key: UTC ISO text with six digits."""
    value = micros(text)
    if value is None or value % 1000 == 0:
        return moment(text)
    match = MOMENT.match(text)
    year = 1 - int(match[1]) if match[9] else int(match[1])
    shown = f"{year:04d}" if 0 <= year <= 9999 else f"{year:+05d}"
    return f"{shown}-{match[2]}-{match[3]}T{match[4]}:{match[5]}:{match[6]}.{match[7].ljust(6, '0')}Z"
