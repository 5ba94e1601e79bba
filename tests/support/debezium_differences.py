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


ACCEPTED = [
    Accepted("Place in the load", r"value\.source\.snapshot", lambda theirs, ours: ours == "true" and theirs != "false"),
    Accepted("Reload after a change of columns", "", _loaded_again, topic="public.composite"),
    Accepted("24:00:00", r"value\.after\.tm", lambda theirs, ours: (theirs, ours) == ("00:00:00Z", "24:00:00Z"), modes="text"),
    Accepted("Unchanged bytea in base64", r"value\.after\.raw", lambda theirs, ours: theirs is None and len(ours) > 4,
             topic="public.toast", modes="connect|nanos"),
    Accepted("Truncated placeholder", r"value\.after\.long",
             lambda theirs, ours: theirs == "__d" and ours == "__debezium_unavailable_value", modes="masked"),
    Accepted("Messages in transaction counts", r"value\.data_collections",
             lambda theirs, ours: [c["event_count"] for c in theirs] == [c["event_count"] for c in ours]
             and "LogicalDecodingMessageId@" in str(theirs), topic="transaction"),
]
