"""`penstock capture` in the place of a running Debezium connector, and back: nothing lost, nothing loaded again."""

import json
import re
import subprocess

import pytest
from support import servers
from support.debezium import connector
from support.kafka import Connect, Kafka
from support.process import wait_for

COPIED = 120000
pytestmark = pytest.mark.on_one_postgres


@pytest.fixture(scope="module")
def kafka():
    return Kafka(servers.run_folder(), name="kafka-takeover").start()


@pytest.fixture(scope="module")
def connect(kafka):
    return Connect(servers.run_folder(), kafka, name="connect-takeover").start()


class Shop:
    """A connector of Debezium's and the same file for penstock. `n` of row 1 counts the updates."""

    def __init__(self, pipeline, kafka, connect, **settings):
        self.pipeline, self.kafka, self.connect = pipeline, kafka, connect
        self.name = pipeline.name
        self.updates = 0
        pipeline.sql("CREATE TABLE shop (id int PRIMARY KEY, n int)", "INSERT INTO shop SELECT i, 0 FROM generate_series(1, 50) i")
        self.config = connector(pipeline, self.name, **{"message.prefix.exclude.list": "penstock", **settings})
        self.file = pipeline.folder / "connector.json"
        self.file.write_text(json.dumps({"name": self.name, "config": self.config}))
        pipeline.slot = f"{self.name}_{self.name}"

    def start_connector(self):
        self.connect.create(self.name, self.config)
        self.wait_streaming()

    def wait_flushed(self):
        wait_for(lambda: self.connect.offsets.exists() and b"lsn_proc" in self.connect.offsets.read_bytes(), 60, "flushed offsets")

    def stop_connector(self):
        """In good order: its last offsets are flushed."""
        self.connect.request("PUT", f"/connectors/{self.name}/stop")
        wait_for(lambda: not self.pipeline.slot_row()["active"], 30, "the connector to stop")

    def wait_streaming(self):
        wait_for(lambda: self.pipeline.slot_row()["active"], 60, "the slot to be read")

    def update(self, count=10):
        for _ in range(count):
            self.pipeline.sql("UPDATE shop SET n = n + 1 WHERE id = 1")
        self.updates += count
        self.wait_for_updates()

    def values(self):
        topic = f"{self.name}.public.shop"
        records = self.kafka.records(topic) if topic in self.kafka.topics() else []
        return [json.loads(record["payload"]) for record in records if record["payload"]]

    def wait_for_updates(self, seconds=60):
        wait_for(lambda: any(v["op"] == "u" and v["after"]["n"] == self.updates for v in self.values()), seconds,
                 f"update {self.updates} in the topic")

    def capture(self, *arguments):
        return self.pipeline.start_bare("capture", "--connector", self.file, "--brokers", self.kafka.address, *arguments)

    def take_over(self, offsets=None):
        return self.capture("--take-over", offsets or self.connect.offsets)

    def hand_back(self):
        runner = self.capture("--offsets")
        assert runner.wait() == 0, runner.text()
        return json.loads(runner.text().splitlines()[-1])

    def expect_once(self):
        """Each row loaded once, each change written once, in the order of `source.sequence`."""
        values = self.values()
        assert sorted(v["after"]["id"] for v in values if v["op"] == "r") == list(range(1, 51))
        assert [v["after"]["n"] for v in values if v["op"] == "u"] == list(range(1, self.updates + 1))
        order = [tuple(int(part or 0) for part in json.loads(v["source"]["sequence"])) for v in values if v["op"] != "r"]
        assert order == sorted(order), order


def test_a_connector_is_taken_over_and_given_back(pipeline, kafka, connect):
    shop = Shop(pipeline, kafka, connect)
    shop.start_connector()
    shop.update()
    shop.wait_flushed()
    refused = shop.take_over()
    assert refused.wait() == 3
    assert re.search(r"still read by PostgreSQL process \d+.*\n.*PUT /connectors/NAME/stop", refused.text())
    refused = shop.capture()
    assert refused.wait() == 3
    assert "--take-over OFFSETS" in refused.text()
    assert shop.connect.state(shop.name) == ["RUNNING"]
    shop.stop_connector()
    refused = shop.capture()
    assert refused.wait() == 4
    assert "was read by somebody before" in refused.text() and "--take-over OFFSETS" in refused.text()

    runner = shop.take_over()
    shop.update()
    assert runner.stop() == 0
    again = shop.take_over()
    shop.update()
    assert again.stop() == 0
    assert "is not older than the offset" in again.text()
    third = shop.capture()
    shop.update()
    assert third.stop() == 0

    connect.request("PATCH", f"/connectors/{shop.name}/offsets", shop.hand_back())
    connect.request("PUT", f"/connectors/{shop.name}/resume")
    shop.update()
    shop.stop_connector()
    shop.expect_once()

    fourth = shop.take_over()
    shop.update()
    assert fourth.stop() == 0
    shop.expect_once()
    connect.delete(shop.name)


def test_a_connector_that_stopped_inside_a_transaction(pipeline, kafka, connect):
    """Rows of COPY share LSNs: which of them are written is not in the offset. Read from an offsets topic."""
    shop = Shop(pipeline, kafka, connect, **{"max.batch.size": "100", "max.queue.size": "200"})
    shop.start_connector()
    shop.update(1)
    with pipeline.connect() as connection, connection.cursor().copy("COPY shop FROM STDIN") as copy:
        for key in range(1001, 1001 + COPIED):
            copy.write(f"{key}\t0\n")
    wait_for(lambda: kafka.end(f"{shop.name}.public.shop") > 500, 30, "some of the rows", poll=0.01)
    shop.stop_connector()
    written = [v["after"]["id"] for v in shop.values() if v["op"] == "c"]
    assert len(written) < COPIED, "the connector was not stopped inside of the transaction"
    topic = f"{shop.name}-offsets"
    key, value = re.search(rb'(\["%s",\{[^}]*\}\]).*?(\{"[^}]*\})' % shop.name.encode(), connect.offsets.read_bytes(), re.S).groups()
    subprocess.run(["kcat", "-b", kafka.address, "-P", "-t", topic, "-K", "\t"], input=key + b"\t" + value + b"\n", check=True)
    runner = shop.take_over(f"topic:{topic}")
    shop.update(1)
    assert runner.stop() == 0, runner.text()
    assert [v["after"]["id"] for v in shop.values() if v["op"] == "c"] == list(range(1001, 1001 + COPIED))
    shop.expect_once()
    connect.delete(shop.name)


def test_after_a_kill_of_connect_what_it_had_not_flushed_comes_again_as_it_was(pipeline, kafka):
    """Debezium itself would repeat it too. Nothing is lost."""
    connect = Connect(servers.run_folder(), kafka, name="connect-killed", settings={"offset.flush.interval.ms": 6000}).start()
    shop = Shop(pipeline, kafka, connect)
    shop.start_connector()
    shop.update(1)
    shop.wait_flushed()
    shop.update(20)
    connect.kill()
    wait_for(lambda: not pipeline.slot_row()["active"], 30, "the walsender to end")
    runner = shop.take_over()
    shop.update(5)
    assert runner.stop() == 0, runner.text()
    changes = [(v["after"]["n"], v["source"]["lsn"], v["source"]["sequence"], v["source"]["txId"]) for v in shop.values() if v["op"] == "u"]
    repeated = {change for change in changes if changes.count(change) > 1}
    assert repeated, "the connector had flushed everything: the test shows nothing"
    assert sorted({change[0] for change in changes}) == list(range(1, 27))
    assert len(set(changes)) == 26, "a change came again with another sequence"
    connect.remove()


def test_offsets_that_cannot_be_taken_over_are_refused(pipeline, kafka, connect):
    shop = Shop(pipeline, kafka, connect)
    shop.start_connector()
    shop.update(1)
    shop.stop_connector()
    for path, said in (("/nowhere", "cannot be read"), (shop.file, "no offsets of Kafka Connect"),
                       ("topic:none", "there is no topic none")):
        runner = shop.take_over(path)
        assert runner.wait() == 2 and said in runner.text(), runner.text()
    stored = connect.offsets.read_bytes()
    early = pipeline.folder / "early"
    early.write_bytes(stored.replace(b'"lsn_commit":', b'"lsn_was_commit":').replace(b'"lsn_proc":', b'"lsn":1,"lsn_was_proc":'))
    # The lengths no longer fit.
    runner = shop.take_over(early)
    assert runner.wait() == 2, runner.text()
    value = {"lsn": 24, "lsn_proc": 24, "lsn_commit": 24, "txId": 1, "messageType": "COMMIT"}
    topic = f"{shop.name}-gap"
    for offset, code, said in ((value, 4, "has moved on to"), ({"lsn": 24, "snapshot": "INITIAL", "last_snapshot_record": False}, 2,
                                                              "stopped within its first load")):
        record = json.dumps([shop.name, {"server": shop.name}]) + "\t" + json.dumps(offset) + "\n"
        subprocess.run(["kcat", "-b", kafka.address, "-P", "-t", topic, "-K", "\t"], input=record.encode(), check=True)
        runner = shop.take_over(f"topic:{topic}")
        assert runner.wait() == code and said in runner.text(), runner.text()
    other = pipeline.folder / "other.json"
    other.write_text(json.dumps({"name": "another", "config": shop.config}))
    runner = pipeline.start_bare("capture", "--connector", other, "--brokers", kafka.address, "--take-over", connect.offsets)
    assert runner.wait() == 2 and f'"{shop.name}" with topic.prefix "{shop.name}"' in runner.text(), runner.text()
    connect.delete(shop.name)
