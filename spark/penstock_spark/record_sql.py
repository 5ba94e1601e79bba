"""Spark's SQL for a record of Kafka's source, and for a row of texts, as the core takes them (PSR1 and PSW1 in src/library/penstock.h): the
JVM packs them, and Python has one binary value of each to hand on. A number's bytes come in big-endian order from a cast, so they are turned round before: without
spark.sql.ansi.enabled, which knows no such cast."""


def _turned(number):
    return (f"cast(shiftleft({number} & 255, 24) | shiftleft({number} & 65280, 8) | (shiftrightunsigned({number}, 8) & 65280)"
            f" | shiftrightunsigned({number}, 24) AS binary)")


def _long(number):
    return f"{_turned(f'cast({number} AS int)')}, {_turned(f'cast(shiftrightunsigned({number}, 32) AS int)')}"


def _size(value):
    return f"if({value} IS NULL, X'FFFFFFFF', {_turned(f'octet_length({value})')})"


def _bytes(value):
    return f"coalesce({value}, X'')"


_HEADERS = ("if(headers IS NULL, X'', aggregate(headers, X'', (all, one) -> concat(all, "
            f"{_turned('octet_length(one.key)')}, {_size('one.value')}, cast(one.key AS binary), {_bytes('one.value')})))")
_COUNT = _turned("if(headers IS NULL, 0, size(headers))")

# Of Kafka's source with includeHeaders.
PACKED = (f"concat({_long('offset')}, {_long('unix_millis(timestamp)')}, {_size('key')}, {_size('value')}, {_COUNT}, "
          f"{_bytes('key')}, {_bytes('value')}, {_HEADERS})")
RECORD = ("topic", "partition", f"{PACKED} AS record")
# The same for Arrow, which the core reads as it is (penstock_apply_arrow): nothing is packed in the JVM.
COLUMNS = ("topic", "partition", "offset", "unix_millis(timestamp) AS millis", "key", "value", "headers")

# Spark's source warns at each record that it is not read by a thread of Spark's own, as none is that goes to Python (KAFKA-1894): a line
# in the executor's log for each of them, which took more CPU than to read it. The first record in an executor whose offset is a multiple of 64
# turns that off there. Always true, which the optimizer cannot know.
_SWITCH = "reflect('java.lang.System', '{method}', 'penstock.warnings', '{value}')"
QUIETLY = (f"(offset & 63) > 0 OR {_SWITCH.format(method='getProperty', value='on')} = 'off' OR concat_ws('', "
           "reflect('org.apache.logging.log4j.core.config.Configurator', 'setLevel',"
           " 'org.apache.spark.sql.kafka010.consumer.KafkaDataConsumer', 'ERROR'), "
           f"{_SWITCH.format(method='setProperty', value='off')}) <> 'loud'")


def packed_row(columns):
    """Of texts."""
    return "concat(" + ", ".join(part for column in columns for part in (_size(column), _bytes(f"cast({column} AS binary)"))) + ")"
