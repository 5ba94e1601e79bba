"""Several `penstock apply` workers share the topics' partitions: documents equal to PostgreSQL, whoever dies or sleeps."""

import json
import os
import random
import signal
import time

import pytest
from support import servers
from support.compare import View
from support.kafka import Kafka
from support.process import wait_for

pytestmark = pytest.mark.on_one_postgres

PARTITIONS = 12
SHOP = ["CREATE TABLE orders (id int PRIMARY KEY, customer text, status text NOT NULL, note text)",
        "ALTER TABLE orders ALTER note SET STORAGE EXTERNAL",
        "CREATE TABLE lines (id int PRIMARY KEY, order_id int NOT NULL, quantity int NOT NULL)",
        "INSERT INTO orders SELECT i, 'customer ' || i % 17, 'new', repeat(md5(i::text), 100) FROM generate_series(1, 300) i",
        "INSERT INTO lines SELECT i, 1 + i % 300, i % 7 FROM generate_series(1, 900) i"]
PLAIN = {"orders_flat": "public.orders", "lines": "public.lines"}
MODELS = {"orders": {"from": "public.orders",
                     "fields": {"id": True, "customer": True, "status": True, "total": "sum(lines.quantity)"},
                     "embed": {"lines": {"many": "public.lines", "join": {"order_id": "id"}, "order_by": "id"}}}}
VIEWS = [View(table="public.orders", collection="orders_flat"), View(table="public.lines", collection="lines")]
QUICK = {"session.timeout.ms": "6000", "heartbeat.interval.ms": "1000"}


@pytest.fixture(scope="module")
def kafka():
    return Kafka(servers.run_folder(), name="kafka-lanes", settings={"num.partitions": PARTITIONS,
                                                                    "group.min.session.timeout.ms": 1000}).start()


@pytest.fixture
def shop(pipeline, kafka):
    pipeline.sql(*SHOP)
    pipeline.kafka_settings = {"brokers": kafka.address, "prefix": pipeline.name, "share": True, "settings": QUICK}
    pipeline.configure(PLAIN, kafka=pipeline.kafka_settings)
    return pipeline


def worker(shop):
    return shop.start(verb="apply")


def change(shop, chance, next_id):
    order, line = chance.randint(1, 300), chance.randint(1, 900)
    shop.transaction(*chance.choice([
        [f"INSERT INTO orders VALUES ({next_id}, 'new customer', 'new', repeat('n', 5000))", f"INSERT INTO lines VALUES ({next_id}, {next_id}, 3)"],
        [f"UPDATE orders SET status = 'paid {next_id}' WHERE id = {order}"],
        [f"UPDATE lines SET quantity = quantity + 1 WHERE id = {line}"],
        [f"DELETE FROM lines WHERE id = {line}"],
        [f"DELETE FROM lines WHERE order_id = {order}", f"DELETE FROM orders WHERE id = {order}"],
        [f"UPDATE orders SET id = {next_id} WHERE id = {order}", f"UPDATE lines SET order_id = {next_id} WHERE order_id = {order}"],
        [f"UPDATE lines SET id = {next_id} WHERE id = {line}"],
    ]))


def shares(shop):
    """Which worker has which partitions, by what MongoDB says."""
    owned = {}
    for place in shop.database["penstock_offsets"].find({"_id.shared": True}):
        owned.setdefault(place["worker"].rsplit(":", 1)[1], []).append((place["_id"]["topic"], place["_id"]["partition"]))
    return {int(pid): sorted(partitions) for pid, partitions in owned.items()}


def shared_by(shop, workers):
    """All of these have partitions, and nobody else."""
    owned = shares(shop)
    return set(owned) == {w.pid for w in workers} and sum(map(len, owned.values())) == 2 * PARTITIONS


def captured(shop):
    shop.penstock("capture", "--until-current")


def expect_equal_soon(shop, seconds=90):
    """Nothing says when the workers are done but equality."""
    shop.until(lambda: not shop.differences(*VIEWS), seconds, "both sides to be equal")


def test_workers_share_the_partitions_and_one_that_comes_or_goes_moves_them(shop):
    captured(shop)
    workers = [worker(shop)]
    expect_equal_soon(shop)
    workers += [worker(shop), worker(shop)]
    wait_for(lambda: shared_by(shop, workers), 60, "three workers to share the partitions")
    for partitions in shares(shop).values():  # equal numbers of all topics go together
        numbers = [{number for topic, number in partitions if topic.endswith(table)} for table in ("orders", "lines")]
        assert numbers[0] == numbers[1]
    chance = random.Random(1)
    for step in range(100):
        change(shop, chance, 10000 + step)
    captured(shop)
    expect_equal_soon(shop)
    assert workers.pop(0).stop() == 0
    wait_for(lambda: shared_by(shop, workers), 60, "two workers to share the partitions")
    for step in range(100):
        change(shop, chance, 20000 + step)
    captured(shop)
    expect_equal_soon(shop)
    assert [w.stop() for w in workers] == [0, 0]


def test_a_worker_that_slept_while_others_took_its_partitions_writes_nothing_and_joins_anew(shop):
    captured(shop)
    workers = [worker(shop), worker(shop)]
    wait_for(lambda: shared_by(shop, workers), 60, "two workers to share the partitions")
    expect_equal_soon(shop)
    sleeper, other = workers
    # It falls asleep in the middle of changes.
    capture = shop.start(verb="capture")
    for number in range(30):
        shop.sql(f"UPDATE orders SET status = 'status {number}'")
        if number == 15:
            sleeper.send_signal(signal.SIGSTOP)
    assert capture.stop() == 0
    wait_for(lambda: shared_by(shop, [other]), 60, "the other worker to take all partitions over")
    shop.sql("UPDATE orders SET status = 'third'", "DELETE FROM lines WHERE id % 3 = 0")
    captured(shop)
    expect_equal_soon(shop)
    moved_backwards = []
    with shop.database["orders_flat"].watch() as changes:
        sleeper.send_signal(signal.SIGCONT)
        wait_for(lambda: shared_by(shop, workers), 60, "the worker to join again")
        for _ in range(10):
            if (event := changes.try_next()) is not None:
                moved_backwards.append(event)
    assert moved_backwards == []
    shop.sql("UPDATE orders SET status = 'fourth'")
    captured(shop)
    expect_equal_soon(shop)
    assert [w.stop() for w in workers] == [0, 0]


def test_kills_pauses_and_broker_restarts_lose_and_double_nothing(shop, kafka):
    chance = random.Random(int(os.environ.get("PENSTOCK_TEST_WORKERS_SEED", "7")))
    seconds = int(os.environ.get("PENSTOCK_TEST_WORKERS_SECONDS", "75"))
    capture = shop.start(verb="capture")
    workers = [worker(shop) for _ in range(3)]
    asleep = {}
    end, step, next_fault = time.monotonic() + seconds, 0, time.monotonic() + 4
    done = set()
    while time.monotonic() < end:
        change(shop, chance, 10000 + step)
        step += 1
        time.sleep(chance.uniform(0, 0.05))
        for index in [i for i, until in asleep.items() if until < time.monotonic()]:
            workers[index].send_signal(signal.SIGCONT)
            del asleep[index]
        if time.monotonic() < next_fault:
            continue
        next_fault = time.monotonic() + chance.uniform(2, 6)
        fault = chance.choice(["kill", "kill", "sleep", "sleep", "broker"])
        done.add(fault)
        awake = [i for i in range(3) if i not in asleep]
        if fault == "broker":
            kafka.kill()
            kafka.start()
        elif fault == "sleep" and len(awake) > 1:
            index = chance.choice(awake)
            workers[index].send_signal(signal.SIGSTOP)
            asleep[index] = time.monotonic() + chance.choice([1, 9])
        elif fault == "kill":
            index = chance.randrange(3)
            workers[index].kill()
            asleep.pop(index, None)
            workers[index] = worker(shop)
    for index in asleep:
        workers[index].send_signal(signal.SIGCONT)
    assert done == {"kill", "sleep", "broker"}
    if capture.alive():
        assert capture.stop(60) == 0, capture.text()[-3000:]
    captured(shop)
    expect_equal_soon(shop, seconds=120)
    assert [w.alive() for w in workers] == [True] * 3, "\n".join(w.text()[-2000:] for w in workers if not w.alive())
    assert [w.stop() for w in workers] == [0, 0, 0]


def test_read_models_are_written_by_one_worker_at_a_time(shop):
    captured(shop)
    workers = []
    for number in range(3):  # each with a state directory of its own
        shop.configure({**PLAIN, **MODELS}, kafka=shop.kafka_settings)
        definition = json.loads(shop.file.read_text())
        definition["state"] = str(shop.folder / f"state-{number}")
        file = shop.folder / f"worker-{number}.yaml"
        file.write_text(json.dumps(definition))
        workers.append(shop.start_bare("apply", file))

    def models_equal():
        rows = shop.sql("SELECT o.id, o.status, (SELECT sum(quantity) FROM lines WHERE order_id = o.id), "
                        "(SELECT count(*) FROM lines WHERE order_id = o.id) FROM orders o")
        shown = {(d["_id"], d["status"], d["total"], len(d["lines"])) for d in shop.documents("orders")}
        return shown == set(rows)

    expect_equal_soon(shop)
    shop.until(models_equal, 60, "the read models")
    chance = random.Random(5)
    for step in range(100):
        change(shop, chance, 10000 + step)
    leader = next(w for w in workers if "writes the read models" in w.text())
    leader.kill()
    for step in range(100):
        change(shop, chance, 20000 + step)
    captured(shop)
    expect_equal_soon(shop)
    shop.until(models_equal, 90, "the read models")
    workers.remove(leader)
    assert [w.stop() for w in workers] == [0, 0]


def test_a_truncate_of_several_partitions_is_refused_and_left_out_when_asked_for(shop):
    captured(shop)
    shop.sql("TRUNCATE lines")
    captured(shop)
    refused = shop.penstock("apply", expect=2)
    assert "a TRUNCATE of a topic with 12 partitions" in refused.stderr
    shop.sql("INSERT INTO lines VALUES (5001, 1, 1)")
    captured(shop)
    skips = shop.start("--skip-truncates", verb="apply")
    shop.until(lambda: shop.document("lines", 5001) and shop.document("lines", 900), 60, "the rows around the TRUNCATE")
    assert skips.stop() == 0


def test_one_process_and_workers_are_not_taken_for_each_other(shop):
    captured(shop)
    first = worker(shop)
    expect_equal_soon(shop)
    assert first.stop() == 0
    alone = {**shop.kafka_settings, "share": False}
    shop.configure(PLAIN, kafka=alone)
    assert "workers share the pipeline" in shop.penstock("apply", "--until-current", expect=2).stderr
    shop.penstock("teardown", "--yes")
    shop.penstock("apply", "--until-current")
    shop.configure(PLAIN, kafka=shop.kafka_settings)
    assert "was applied by one process" in shop.penstock("apply", expect=2).stderr
