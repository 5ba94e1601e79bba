"""Where Penstock's events are not Debezium's, and why: docs/debezium.md has the same list, which the tests hold to it."""

import re
from dataclasses import dataclass, field
from typing import Callable


@dataclass(frozen=True)
class Accepted:
    name: str  # as the documentation has it
    path: str
    holds: Callable = field(default=lambda theirs, ours: True)
    topic: str = ".*"
    modes: str = ".*"

    def explains(self, mode, topic, path, theirs, ours):
        return bool(re.fullmatch(self.modes, mode) and re.fullmatch(self.topic, topic) and re.fullmatch(self.path, path)
                    and self.holds(theirs, ours))


def _loaded_again(theirs, ours):
    return theirs is None and ours["value"]["op"] == "r"


def _one(value):
    """A value, or that of a list of one."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _infinite(value):
    return value is None or "infinity" in str(value) or value in (9223372036825200000, -9223372036832400000)


def _endless(theirs, ours):
    """Ours says infinity or nothing; theirs is a number or a date that is none."""
    return _infinite(_one(ours)) and theirs is not None


def _shifted(theirs, ours):
    """Both name a day, but not the same."""
    return not _infinite(_one(ours)) and type(_one(theirs)) is type(_one(ours))


def _default_for_null(theirs, ours):
    return ours is None and theirs is not None


_NAMES = {"NAN": "NaN", "POSITIVE_INFINITY": "Infinity", "NEGATIVE_INFINITY": "-Infinity"}
_SCHEMA_OF = r"value_schema\.(fields\.(before|after)\.)?fields\."

ACCEPTED = [
    Accepted("Place in the load", r"value\.source\.snapshot", lambda theirs, ours: ours == "true" and theirs != "false"),
    Accepted("Reload after a change of columns", "", _loaded_again, topic="public.composite"),
    Accepted("NULL with a default", r"value\.((before|after)\.)?\w+", _default_for_null, topic=r"public\.(defaults|outbox)"),
    Accepted("Defaults that are no literals", _SCHEMA_OF + r"(quoted\.default|made)",
             lambda theirs, ours: theirs == "x" and ours == "x'y" or theirs["default"] == "a" and "default" not in ours),
    Accepted("Source types in the load", _SCHEMA_OF + r"\w+\.parameters(\.__debezium\.source\.column\.type)?",
             lambda theirs, ours: theirs == "SERIAL" or theirs["__debezium.source.column.length"] == "0", modes="described"),
    Accepted("NaN and infinity as text", r"value\.after\.n2?", lambda theirs, ours: _NAMES.get(theirs) == ours,
             topic="public.odd", modes="text|described"),
    Accepted("NaN and infinity in arrays", r"value\.after\.na", lambda theirs, ours: theirs is None and ours is not None,
             topic="public.odd"),
    Accepted("numeric with a negative scale", f"(value\\.after\\.neg|{_SCHEMA_OF}neg\\.parameters.*)",
             lambda theirs, ours: (theirs, ours) == ("2046", "-2") or len(theirs) > 1000 and len(ours) < 10,
             topic="public.odd"),
    Accepted("Infinite and distant moments", r"value\.after\.(d|das|ts|ts3|tss|tzs)", _endless, topic="public.odd"),
    Accepted("Days before 1582", r"value\.after\.(d|das|ts|ts3|tss|tz|tzs)", _shifted, topic="public.odd"),
    Accepted("Arrays of two dimensions", r"value\.after\.(a2|t2)",
             lambda theirs, ours: isinstance(ours[0], list) and (theirs[0] is None or "[L" in theirs[0]), topic="public.odd"),
    Accepted("time in arrays", r"value\.after\.tms", topic="public.odd"),
    Accepted("varbit(1)", r"value\.after\.vb1", lambda theirs, ours: theirs is None and ours in (True, False), topic="public.odd"),
    Accepted("money in the load", r"value\.after\.mo", lambda theirs, ours: (theirs, ours) == ("3.0", "3.00"),
             topic="public.defaults", modes="text|described"),
    Accepted("24:00:00", r"value\.after\.tm", lambda theirs, ours: (theirs, ours) == ("00:00:00Z", "24:00:00Z"),
             modes="text|described"),
    Accepted("Unchanged bytea in base64", r"value\.after\.raw", lambda theirs, ours: theirs is None and len(ours) > 4,
             topic="public.toast", modes="connect|nanos|converted"),
    Accepted("Truncated placeholder", r"value\.after\.long",
             lambda theirs, ours: theirs == "__d" and ours == "__debezium_unavailable_value", modes="masked"),
    Accepted("Messages in transaction counts", r"value\.data_collections",
             lambda theirs, ours: [c["event_count"] for c in theirs] == [c["event_count"] for c in ours]
             and "LogicalDecodingMessageId@" in str(theirs), topic="transaction"),
    Accepted("Schemas of routed messages", r"value_schema\.name",
             lambda theirs, ours: theirs == "shop.public.outbox.Order.Value" and ours == "shop.public.outbox.Customer.Value",
             topic="Customer", modes="letters"),
]
