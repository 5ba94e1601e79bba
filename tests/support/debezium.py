"""One database captured by real Debezium and by Penstock with the same connector settings."""

import json
import re

from support.process import wait_for
from support.debezium_shop import ROUTED
from support.records import differences, without_empty_transactions


def connector(pipeline, side, **settings):
    """A connector file's settings: `side` names slot, publication and prefix."""
    return {"connector.class": "io.debezium.connector.postgresql.PostgresConnector", "plugin.name": "pgoutput",
            "database.hostname": "127.0.0.1", "database.port": str(pipeline.postgres.port), "database.user": "postgres",
            "database.password": "none", "database.dbname": pipeline.name, "topic.prefix": side,
            "slot.name": f"{pipeline.name}_{side}", "publication.name": f"{pipeline.name}_{side}",
            "key.converter": "org.apache.kafka.connect.json.JsonConverter", "key.converter.schemas.enable": "false",
            "value.converter": "org.apache.kafka.connect.json.JsonConverter", "value.converter.schemas.enable": "false",
            **{name: str(value).replace("SIDE", side) for name, value in settings.items()}}


class Twins:
    """The same settings for both; their topics begin with theirs_NAME and ours_NAME."""

    def __init__(self, pipeline, kafka, connect, name, **settings):
        self._pipeline, self._kafka, self._connect = pipeline, kafka, connect
        self.name, self._theirs, self._ours = name, f"theirs_{name}", f"ours_{name}"
        self._present = None
        self._delimiter, self._beats = settings.get("topic.delimiter", "."), "heartbeat.interval.ms" in settings
        connect.create(self._theirs, connector(pipeline, self._theirs, **settings))
        file = pipeline.folder / f"{name}.json"
        file.write_text(json.dumps({"name": self._ours, "config": connector(pipeline, self._ours, **settings)}))
        self._runner = pipeline.start_bare("capture", "--connector", file, "--brokers", kafka.address)

    def wait_streaming(self, tables, seconds=90):
        """Until both have read what is there (ours: so many tables) and follow the stream."""
        slots = f"SELECT count(*) FROM pg_replication_slots WHERE active AND slot_name IN ('{self._slot(self._theirs)}', '{self._slot(self._ours)}')"
        wait_for(lambda: self._pipeline.sql(slots)[0][0] == 2, seconds, f"both captures of {self.name} to stream")
        wait_for(lambda: len(re.findall("rows loaded|read whole", self._runner.text())) >= tables, seconds, f"the loads of {self.name}")

    def _slot(self, side):
        return f"{self._pipeline.name}_{side}"

    def topics(self):
        """What both have, without the prefix."""
        return sorted({name for side in (self._theirs, self._ours) for name in self._named(side)})

    def _named(self, side):
        """The side's topics by their names without prefix, their parts joined by points. Routed rows share a topic."""
        named = {topic[len(side) + 1:].replace(self._delimiter, "."): topic for topic in self._present or self._kafka.topics()
                 if re.match(f"{side}[.-]", topic)}
        if self.name == "sorted":
            named[ROUTED] = ROUTED
        if self._beats:
            named["heartbeat"] = f"__debezium-heartbeat.{side}"
        return named

    def wait_for(self, topic, count, seconds=60):
        for side in (self._theirs, self._ours):
            wait_for(lambda side=side: topic in self._named(side) and len(self._kafka.records(self._named(side)[topic])) >= count,
                     seconds, f"{count} records in {topic} of {side}")

    def differences(self, topic):
        sides = [self._records(side, topic) for side in (self._theirs, self._ours)]
        if topic == "transaction":
            sides = [without_empty_transactions(side) for side in sides]
        return differences(*sides)

    def _records(self, side, topic):
        """The prefix in schemas' names is the same on both sides."""
        if topic not in self._named(side):
            return []
        records = [dict(record, **{part: record[part] and re.sub(f'"{side}(["._-])', r'"shop\1', record[part]) for part in ("key", "payload")})
                   for record in self._kafka.records(self._named(side)[topic])]
        if topic == ROUTED:
            return [record for record in records if side in record["headers"]]
        return records[:1] if topic == "heartbeat" else records

    def stop(self):
        """Nothing is written any more: the topics are those that are there now."""
        self._connect.delete(self._theirs)
        ended = self._runner.stop()
        self._present = self._kafka.topics()
        return ended
