"""Topics that real Debezium writes, and the pipeline that makes documents of them with `penstock apply`."""

import json

from support.debezium import connector
from support.pipeline import Runner
from support.process import wait_for

# What an applying pipeline must know of the connector's settings, where the topics themselves do not say it.
FORMS = ("decimal.handling.mode", "time.precision.mode", "binary.handling.mode", "hstore.handling.mode",
         "interval.handling.mode", "unavailable.value.placeholder")


class Feed:
    """A connector for `tables` (and the table `done`, which it makes), its topics, and `pipeline`, which reads them.
    `collections` as for Pipeline.configure; a plain copy of each table unless given."""

    def __init__(self, pipeline, kafka, connect, tables, collections=None, **settings):
        self.pipeline, self._kafka, self._connect = pipeline, kafka, connect
        self.prefix = pipeline.target
        pipeline.sql("CREATE TABLE IF NOT EXISTS done (id serial PRIMARY KEY)")
        included = ",".join(f"public.{table}" for table in (*tables, "done"))
        self.settings = connector(pipeline, self.prefix, **{"table.include.list": included, "publication.autocreate.mode": "filtered",
                                                            **settings})
        self.slot = self.settings["slot.name"]
        pipeline.configure(collections or {table: f"public.{table}" for table in tables},
                           source={"slot": self.slot, "publication": self.settings["publication.name"]},
                           kafka={"brokers": kafka.address, "prefix": self.prefix,
                                  "events": {name: settings[name] for name in FORMS if name in settings}})
        self.start()

    def start(self):
        """Until Debezium follows the stream, its snapshot in the topics."""
        self._connect.create_and_wait(self.prefix, self.settings)
        active = f"SELECT active FROM pg_replication_slots WHERE slot_name = '{self.slot}'"
        wait_for(lambda: self.pipeline.sql(active) == [(True,)], 60, "Debezium to stream")
        self.wait_sent()
        return self

    def stop(self):
        self._connect.delete(self.prefix)
        wait_for(lambda: not self.pipeline.slot_row()["active"], 60, "Debezium to let go of its slot")

    def remove(self):
        if self.prefix in self._connect.request("GET", "/connectors"):
            self.stop()

    def pause(self):
        """Debezium keeps its offsets and lets go of its slot."""
        self._connect.stop(self.prefix)
        wait_for(lambda: not self.pipeline.slot_row()["active"], 60, "Debezium to let go of its slot")

    def resume(self):
        self._connect.resume(self.prefix)
        wait_for(lambda: self.pipeline.slot_row()["active"], 60, "Debezium to stream")

    def kill_connect(self):
        """kill -9 of Debezium with all of Kafka Connect, and its next start."""
        self._connect.kill()
        self._connect.start()
        self.start()

    def topic(self, table):
        return f"{self.prefix}.public.{table}"

    def end_offset(self, table):
        return self._kafka.end_offset(self.topic(table)) if self.topic(table) in self._kafka.topics() else 0

    def events(self, table):
        """What the topic holds, parsed; a tombstone is None."""
        if self.topic(table) not in self._kafka.topics():
            return []
        return [record["payload"] and json.loads(record["payload"]) for record in self._kafka.records(self.topic(table))]

    def wait_sent(self, seconds=60):
        """Until Debezium has written everything that is committed now."""
        number, = self.pipeline.sql("INSERT INTO done DEFAULT VALUES RETURNING id")[0]
        def sent():
            return self.topic("done") in self._kafka.topics() and \
                any(json.loads(r["key"])["id"] == number for r in map(_without_schema, self._kafka.records(self.topic("done"))))
        wait_for(sent, seconds, f"row {number} of the table done in its topic", poll=0.2)

    def apply(self, *arguments):
        return self.pipeline.start(*arguments, verb="apply")

    def expect_equal(self, *views, seconds=60):
        """All that is committed is in the topics, and what runs makes equal documents of it; so they stay when it begins again."""
        self.wait_sent(seconds)
        for runner in filter(Runner.alive, self.pipeline.runners):
            try:
                self.pipeline.until(lambda: not self.pipeline.differences(*views), seconds, "equal documents")
            except AssertionError:
                self.pipeline.expect_equal(*views)  # says what differs
                raise
            finally:
                assert runner.stop() == 0, runner.text()[-3000:]
        self.pipeline.penstock("apply", "--until-current")
        self.pipeline.expect_equal(*views)


def _without_schema(record):
    key = json.loads(record["key"])
    return dict(record, key=json.dumps(key["payload"])) if "schema" in key else record
