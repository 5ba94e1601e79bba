"""Operating `penstock capture`: status, wait, resync, teardown, tables that come and go, what a topic does not take."""

import json

import pytest
from support import servers
from support.debezium import connector
from support.kafka import Kafka
from support.process import wait_for

pytestmark = pytest.mark.on_one_postgres


@pytest.fixture(scope="module")
def kafka():
    return Kafka(servers.run_folder(), name="kafka-operation").start()


class Captured:
    def __init__(self, pipeline, kafka, **settings):
        self.pipeline, self.kafka, self.name = pipeline, kafka, pipeline.name
        pipeline.slot = f"{self.name}_{self.name}"
        self.publication = pipeline.slot
        self.file = pipeline.folder / "connector.json"
        self.file.write_text(json.dumps({"name": self.name, "config": connector(pipeline, self.name, **settings)}))

    @property
    def target(self):
        return ("--connector", self.file, "--brokers", self.kafka.address)

    def start(self):
        return self.pipeline.start_bare("capture", *self.target)

    def command(self, verb, *arguments, expect=0, seconds=60):
        done = self.pipeline.start_bare(verb, *self.target, *arguments)
        assert done.wait(seconds) == expect, done.text()
        return done.text()

    def status(self, expect=0):
        return json.loads(self.command("status", "--json", expect=expect).splitlines()[-1 if expect == 0 else 0])

    def table(self, name):
        return next((t for t in self.status()["tables"] if t["table"] == name), {})

    def wait(self, seconds=30):
        self.command("wait", "--lsn", self.pipeline.lsn(), "--timeout", f"{seconds}s", seconds=seconds + 30)

    def values(self, table, operation=None):
        topic = f"{self.name}.{table}"
        records = self.kafka.records(topic) if topic in self.kafka.topics() else []
        values = [json.loads(record["payload"]) for record in records if record["payload"]]
        return [v for v in values if operation is None or v["op"] == operation]


@pytest.fixture
def captured(pipeline, kafka):
    pipeline.sql("CREATE TABLE a (id int PRIMARY KEY, t text)", "INSERT INTO a SELECT i, 'x' FROM generate_series(1, 20) i",
                 "CREATE TABLE keyless (n int)", "INSERT INTO keyless VALUES (1)")
    return Captured(pipeline, kafka, **{"publication.autocreate.mode": "filtered"})


def test_status_wait_and_teardown(captured, kafka):
    assert captured.status()["phase"] == "never ran"
    assert "the capture never ran" in captured.command("wait", "--lsn", "0/1", "--timeout", "1s", expect=1)
    runner = captured.start()
    captured.pipeline.wait_streaming()
    captured.pipeline.sql("INSERT INTO a VALUES (100, 'new')")
    captured.wait()
    assert len(captured.values("public.a", "c")) == 1
    status = captured.status()
    assert status["phase"] == "streaming" and status["trouble"] is None
    assert status["writer"]["pid"] == runner.pid
    assert status["lag"]["bytes"] is not None and status["lag"]["seconds"] is not None
    assert [(t["table"], t["state"]) for t in status["tables"]] == [("public.a", "loaded"), ("public.keyless", "loaded")]
    topics = {t["topic"]: t for t in status["kafka"]["topics"]}
    assert topics[f"{captured.name}.public.a"]["records"] >= 21 and topics[f"penstock.{captured.name}.state"]["exists"]
    assert f"table        public.a: loaded\n" in captured.command("status")
    assert "the capture is running" in captured.command("teardown", "--yes", expect=3)
    assert runner.stop() == 0
    assert captured.status()["writer"] is None
    assert "add --yes" in captured.command("teardown", expect=2)
    said = captured.command("teardown", "--yes")
    assert f"topic {captured.name}.public.a stays" in said
    assert captured.pipeline.sql("SELECT count(*) FROM pg_replication_slots WHERE database = current_database()") == [(0,)]
    assert captured.pipeline.sql("SELECT count(*) FROM pg_publication") == [(0,)]
    assert captured.status()["phase"] == "never ran"


def test_status_of_a_pipeline_file(pipeline, kafka):
    pipeline.sql("CREATE TABLE a (id int PRIMARY KEY)", "INSERT INTO a VALUES (1)")
    pipeline.configure({"a": "public.a"}, kafka={"brokers": kafka.address, "prefix": pipeline.name})
    assert pipeline.penstock("capture", "--until-current").returncode == 0
    status = json.loads(pipeline.penstock("status", "--capture", "--json").stdout)
    assert [(t["table"], t["state"]) for t in status["tables"]] == [("public.a", "loaded")]


def test_resync_reads_a_table_again_while_the_capture_runs_and_at_its_next_start(captured):
    runner = captured.start()
    captured.pipeline.wait_streaming()
    captured.wait()
    assert "is not captured" in captured.command("resync", "--table", "public.b", expect=2)
    said = captured.command("resync", "--table", "public.a", "--table", "public.keyless")
    assert "The running capture now loads these tables again" in said
    wait_for(lambda: len(captured.values("public.a", "r")) == 40, 30, "the table to be read again")
    wait_for(lambda: len(captured.values("public.keyless", "r")) == 2, 30, "the table without a key to be read again")
    captured.pipeline.sql("INSERT INTO keyless VALUES (2)", "INSERT INTO a VALUES (21, 'y')")
    captured.wait()
    assert runner.stop() == 0
    assert "The next start of the capture loads this table again" in captured.command("resync", "--table", "public.a")
    runner = captured.start()
    wait_for(lambda: len(captured.values("public.a", "r")) == 61, 30, "the table to be read again")
    captured.wait()
    assert runner.stop() == 0
    runner = captured.start()
    captured.wait()
    assert runner.stop() == 0
    assert len(captured.values("public.a", "r")) == 61, "the request was not forgotten"
    assert len(captured.values("public.keyless", "c")) == 1 and len(captured.values("public.a", "c")) == 1
    captured.pipeline.sql(f"SELECT pg_drop_replication_slot('{captured.pipeline.slot}')")
    runner = captured.start()
    assert runner.wait() == 4 and "resync" in runner.text()
    assert "takes a new position" in captured.command("resync")
    runner = captured.start()
    wait_for(lambda: len(captured.values("public.a", "r")) == 82, 30, "everything to be loaded anew")
    assert runner.stop() == 0


def test_tables_that_come_while_the_capture_runs_are_loaded_and_followed(pipeline, kafka):
    pipeline.sql("CREATE TABLE a (id int PRIMARY KEY)", "CREATE TABLE out_of_it (id int PRIMARY KEY)")
    captured = Captured(pipeline, kafka, **{"publication.autocreate.mode": "all_tables", "table.exclude.list": "public.out.*"})
    runner = captured.start()
    pipeline.wait_streaming()
    captured.wait()
    with pipeline.connect() as open_transaction:
        open_transaction.execute("BEGIN; INSERT INTO a VALUES (1)")
        pipeline.sql("CREATE TABLE later (id int PRIMARY KEY, t text)", "INSERT INTO later SELECT i, 'x' FROM generate_series(1, 5000) i",
                     "CREATE TABLE later_keyless (n int)", "INSERT INTO later_keyless VALUES (1), (2)", "CREATE TABLE out_too (id int PRIMARY KEY)")
        for key in range(5001, 5101):
            pipeline.sql(f"INSERT INTO later VALUES ({key}, 'y')", f"INSERT INTO later_keyless VALUES ({key})",
                         f"UPDATE later SET t = 'z{key}' WHERE id = {key % 5000 + 1}", f"INSERT INTO out_too VALUES ({key})")
        open_transaction.execute("COMMIT")
    wait_for(lambda: captured.table("public.later").get("state") == "loaded", 60, "the new table to be loaded")
    wait_for(lambda: captured.table("public.later_keyless").get("state") == "loaded", 60, "the new table without a key to be read")
    pipeline.sql("INSERT INTO later VALUES (6000, 'last')", "INSERT INTO later_keyless VALUES (6000)")
    captured.wait()
    rows = {v["after"]["id"]: v["after"]["t"] for v in captured.values("public.later")}
    assert sorted(rows.items()) == pipeline.sql("SELECT id, t FROM later ORDER BY id")
    keyless = sorted(v["after"]["n"] for v in captured.values("public.later_keyless"))
    assert keyless == [n for n, in pipeline.sql("SELECT n FROM later_keyless ORDER BY n")]
    assert len(captured.values("public.a")) == 1
    assert not [t for t in kafka.topics() if t.startswith(f"{captured.name}.public.out")]
    assert runner.stop() == 0


def test_a_table_that_goes_says_so_in_status_and_stops_nothing_else(captured):
    pipeline = captured.pipeline
    pipeline.sql("CREATE TABLE b (id int PRIMARY KEY)", "CREATE TABLE c (id int PRIMARY KEY)", "INSERT INTO c VALUES (1)",
                 "INSERT INTO b VALUES (1)")
    runner = captured.start()
    pipeline.wait_streaming()
    captured.wait()
    pipeline.sql("ALTER TABLE a RENAME TO a_renamed", "INSERT INTO a_renamed VALUES (1000, 'while renamed')", "DROP TABLE b",
                 f"ALTER PUBLICATION {captured.publication} DROP TABLE c", "INSERT INTO c VALUES (2)", "INSERT INTO keyless VALUES (2)")
    wait_for(lambda: "was renamed to public.a_renamed" in captured.table("public.a").get("problem", ""), 30, "the renamed table in status")
    wait_for(lambda: "does not exist any more" in captured.table("public.b").get("problem", ""), 30, "the dropped table in status")
    wait_for(lambda: "has left the publication" in captured.table("public.c").get("problem", ""), 30, "the table that left in status")
    captured.wait()
    assert len(captured.values("public.keyless", "c")) == 1
    pipeline.sql("ALTER TABLE a_renamed RENAME TO a", f"ALTER PUBLICATION {captured.publication} ADD TABLE c")
    wait_for(lambda: any(v["after"]["id"] == 1000 for v in captured.values("public.a", "r")), 40, "the table that is back to be loaded")
    wait_for(lambda: any(v["after"]["id"] == 2 for v in captured.values("public.c", "r")), 40, "the table that is back to be loaded")
    assert "problem" not in captured.table("public.a")
    pipeline.sql("INSERT INTO a VALUES (1001, 'back')")
    captured.wait()
    assert [v["after"]["id"] for v in captured.values("public.a", "c")] == [1001]
    assert runner.stop() == 0


def test_a_record_that_its_topic_does_not_take_is_waited_for(captured, kafka):
    runner = captured.start()
    captured.pipeline.wait_streaming()
    captured.wait()
    captured.pipeline.sql("INSERT INTO a SELECT 77, string_agg(md5(random()::text), '') FROM generate_series(1, 65536)",
                          "INSERT INTO a VALUES (78, 'behind it')")
    wait_for(lambda: captured.status()["trouble"], 30, "the trouble in status")
    trouble = captured.status()["trouble"]
    assert f"topic {captured.name}.public.a does not take the record with key {{\"id\":77}}: it has 209" in trouble["message"]
    assert "max.message.bytes=" in trouble["remedy"]
    assert runner.alive()
    assert "does not take the record" in captured.command("wait", "--lsn", captured.pipeline.lsn(), "--timeout", "1s", expect=1)
    kafka.configure_topic(f"{captured.name}.public.a", "max.message.bytes=4000000")
    captured.wait(60)
    assert captured.status()["trouble"] is None
    assert [v["after"]["id"] for v in captured.values("public.a", "c")] == [77, 78]
    captured.pipeline.sql("UPDATE a SET t = repeat(t, 5) WHERE id = 77")
    assert runner.wait() == 4
    assert "-X message.max.bytes=" in runner.text() and '{"id":77}' in runner.text()
    assert "-X message.max.bytes=" in captured.status()["trouble"]["remedy"]


def test_batches_fit_a_topic_that_takes_little(captured, kafka):
    runner = captured.start()
    captured.pipeline.wait_streaming()
    captured.wait()
    kafka.configure_topic(f"{captured.name}.public.a", "max.message.bytes=20000")
    captured.pipeline.sql("INSERT INTO a SELECT i, md5(i::text) || md5((i + 1)::text) FROM generate_series(1000, 3000) i")
    captured.wait(60)
    assert [v["after"]["id"] for v in captured.values("public.a", "c")] == list(range(1000, 3001))
    assert runner.stop() == 0


def test_a_topic_that_is_deleted_is_made_again(captured, kafka):
    runner = captured.start()
    captured.pipeline.wait_streaming()
    captured.wait()
    kafka.delete_topic(f"{captured.name}.public.a")
    captured.pipeline.sql("INSERT INTO a VALUES (50, 'y')")
    captured.wait(60)
    assert [v["after"]["id"] for v in captured.values("public.a")] == [50]
    assert runner.stop() == 0
