"""Workers whose partitions come and go step by step: cooperative assignment, and KIP-848's, where the brokers assign."""

import pytest
from support import servers
from support.kafka import Kafka

pytestmark = pytest.mark.on_one_postgres

PARTITIONS = 6
QUICK = {"topic.metadata.refresh.interval.ms": "1000"}
BY_CLIENTS = {"partition.assignment.strategy": "cooperative-sticky", "session.timeout.ms": "4000", "heartbeat.interval.ms": "500"}
BY_BROKERS = {"group.protocol": "consumer"}
BROKER = {"num.partitions": PARTITIONS, "group.min.session.timeout.ms": 1000,
          "group.consumer.min.session.timeout.ms": 1000, "group.consumer.session.timeout.ms": 4000,
          "group.consumer.min.heartbeat.interval.ms": 100, "group.consumer.heartbeat.interval.ms": 500}


@pytest.fixture(scope="module")
def kafka():
    return Kafka(servers.run_folder(), name="kafka-assignments", settings=BROKER).start()


def shares(pipeline):
    """How many partitions each worker has, by what MongoDB says; by its process."""
    owned = {}
    for place in pipeline.database["penstock_offsets"].find({"_id.shared": True, "worker": {"$exists": True}}):
        pid = int(place["worker"].rsplit(":", 1)[1])
        owned[pid] = owned.get(pid, 0) + 1
    return owned


def all_share(pipeline, workers):
    def shared():
        owned = shares(pipeline)
        return set(owned) == {w.pid for w in workers} and sum(owned.values()) == PARTITIONS
    pipeline.until(shared, 60, f"{len(workers)} workers to share the partitions")


@pytest.mark.parametrize("settings", [BY_CLIENTS, BY_BROKERS], ids=["by the clients", "by the brokers"])
def test_workers_come_go_and_die_while_partitions_move_step_by_step(pipeline, kafka, settings):
    pipeline.sql("CREATE TABLE lines (id int PRIMARY KEY, n int NOT NULL)", "INSERT INTO lines SELECT i, 0 FROM generate_series(1, 400) i")
    pipeline.configure({"lines": "public.lines"}, kafka={"brokers": kafka.address, "prefix": pipeline.name, "share": True,
                                                         "settings": {**QUICK, **settings}})

    def change():
        pipeline.sql(*[f"UPDATE lines SET n = n + 1 WHERE id % 4 = {i}" for i in range(4)], "DELETE FROM lines WHERE id = (SELECT max(id) FROM lines)",
                     "INSERT INTO lines SELECT min(id) - 1, 0 FROM lines")

    pipeline.penstock("capture", "--until-current")
    pipeline.start(verb="capture")
    workers = [pipeline.start(verb="apply"), pipeline.start(verb="apply")]
    all_share(pipeline, workers)
    change()
    workers.append(pipeline.start(verb="apply"))
    change()
    all_share(pipeline, workers)
    change()
    pipeline.expect_equal_now()
    assert {(w["in_group"], w["lag"]) for w in pipeline.status()["workers"]} == {(True, 0)}
    workers.pop(0).kill()
    change()
    assert workers.pop(0).stop() == 0
    change()
    all_share(pipeline, workers)
    change()
    pipeline.expect_equal_now()
    pipeline.penstock("verify")
    assert "1 workers of the pipeline are running" in pipeline.penstock("teardown", "--yes", expect=3).stderr
    assert workers[0].stop() == 0
