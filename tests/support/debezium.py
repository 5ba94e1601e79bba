"""One database captured by real Debezium and by Penstock with the same connector settings."""

import json
import re

from support.process import wait_for
from support.records import differences, without_empty_transactions


def connector(pipeline, side, **settings):
    """A connector file's settings: `side` names slot, publication and prefix."""
    return {"connector.class": "io.debezium.connector.postgresql.PostgresConnector", "plugin.name": "pgoutput",
            "database.hostname": "127.0.0.1", "database.port": str(pipeline.postgres.port), "database.user": "postgres",
            "database.password": "none", "database.dbname": pipeline.name, "topic.prefix": side,
            "slot.name": f"{pipeline.name}_{side}", "publication.name": f"{pipeline.name}_{side}",
            "key.converter": "org.apache.kafka.connect.json.JsonConverter", "key.converter.schemas.enable": "false",
            "value.converter": "org.apache.kafka.connect.json.JsonConverter", "value.converter.schemas.enable": "false",
            **settings}


class Twins:
    """The same settings for both; their topics begin with theirs_NAME and ours_NAME."""

    def __init__(self, pipeline, kafka, connect, name, **settings):
        self._pipeline, self._kafka, self._connect = pipeline, kafka, connect
        self.name, self._theirs, self._ours = name, f"theirs_{name}", f"ours_{name}"
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
        return sorted({topic.split(".", 1)[1] for topic in self._kafka.topics()
                       if topic.split(".", 1)[0] in (self._theirs, self._ours)})

    def wait_for(self, topic, count, seconds=60):
        for side in (self._theirs, self._ours):
            wait_for(lambda name=f"{side}.{topic}": name in self._kafka.topics() and len(self._kafka.records(name)) >= count,
                     seconds, f"{count} records in {side}.{topic}")

    def differences(self, topic):
        present = self._kafka.topics()
        sides = [self._kafka.records(f"{side}.{topic}") if f"{side}.{topic}" in present else []
                 for side in (self._theirs, self._ours)]
        if topic == "transaction":
            sides = [without_empty_transactions(side) for side in sides]
        return differences(*sides)

    def stop(self):
        self._connect.delete(self._theirs)
        return self._runner.stop()
