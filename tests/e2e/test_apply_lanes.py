"""Several `penstock apply` workers share the topics' partitions: documents equal to PostgreSQL, whoever dies or sleeps."""

import json
import os
import random
import signal
import subprocess
import time

import pytest
from support import servers
from support.compare import View
from support.kafka import Kafka
from support.pipeline import BINARY, Background
from support.process import wait_for

pytestmark = pytest.mark.on_one_postgres

PARTITIONS = 12
SHOP = ["CREATE TABLE orders (id int PRIMARY KEY, customer text, status text NOT NULL, note text)",
        "ALTER TABLE orders ALTER note SET STORAGE EXTERNAL",
        "CREATE TABLE lines (id int PRIMARY KEY, order_id int NOT NULL, quantity int NOT NULL, version int NOT NULL DEFAULT 0)",
        "INSERT INTO orders SELECT i, 'customer ' || i % 17, 'new', repeat(md5(i::text), 100) FROM generate_series(1, 300) i",
        "INSERT INTO lines SELECT i, 1 + i % 300, i % 7 FROM generate_series(1, 900) i"]
PLAIN = {"orders_flat": "public.orders", "lines": "public.lines"}
MODELS = {"orders": {"from": "public.orders",
                     "fields": {"id": True, "customer": True, "status": True, "total": "sum(lines.quantity)"},
                     "embed": {"lines": {"many": "public.lines", "join": {"order_id": "id"}, "order_by": "id"}}}}
VIEWS = [View(table="public.orders", collection="orders_flat"), View(table="public.lines", collection="lines")]
QUICK = {"session.timeout.ms": "4000", "heartbeat.interval.ms": "500", "topic.metadata.refresh.interval.ms": "1000"}


@pytest.fixture(scope="module")
def kafka():
    return Kafka(servers.run_folder(), name="kafka-lanes", settings={"num.partitions": PARTITIONS,
                                                                    "group.min.session.timeout.ms": 1000}).start()


@pytest.fixture
def shop(pipeline, kafka):
    pipeline.sql(*SHOP)
    pipeline.kafka_settings = {"brokers": kafka.address, "prefix": pipeline.name, "share": True, "settings": QUICK}
    return pipeline.configure(PLAIN, kafka=pipeline.kafka_settings)


def worker(shop, *arguments):
    return shop.start(*arguments, verb="apply")


def change(shop, chance, next_id):
    if chance.random() < 0.02:  # more than is written at once
        return shop.transaction(*["UPDATE lines SET quantity = quantity + 1, version = version + 1"] * 10)
    order, line = chance.randint(1, 300), chance.randint(1, 900)
    return shop.transaction(*chance.choice([
        [f"INSERT INTO orders VALUES ({next_id}, 'new customer', 'new', repeat('n', 5000))", f"INSERT INTO lines VALUES ({next_id}, {next_id}, 3)"],
        [f"UPDATE orders SET status = 'paid {next_id}' WHERE id = {order}"],
        [f"UPDATE lines SET quantity = quantity + 1, version = version + 1 WHERE id = {line}"],
        [f"UPDATE lines SET quantity = quantity + 1, version = version + 1 WHERE id % 90 = {line} % 90"],
        [f"UPDATE lines SET order_id = {chance.randint(1, 300)}, version = version + 1 WHERE id = {line}"],
        [f"DELETE FROM lines WHERE id = {line}"],
        [f"DELETE FROM lines WHERE order_id = {order}", f"DELETE FROM orders WHERE id = {order}"],
        [f"UPDATE orders SET id = {next_id} WHERE id = {order}",
         f"UPDATE lines SET order_id = {next_id}, version = version + 1 WHERE order_id = {order}"],
        [f"UPDATE lines SET id = {next_id}, version = version + 1 WHERE id = {line}"],
    ]))


def shares(shop):
    """Which worker has which partitions, by what MongoDB says."""
    owned = {}
    for place in shop.database["penstock_offsets"].find({"_id.shared": True, "worker": {"$exists": True}}):
        owned.setdefault(int(place["worker"].rsplit(":", 1)[1]), []).append((place["_id"]["topic"], place["_id"]["partition"]))
    return owned


def shared_by(shop, workers, partitions=2 * PARTITIONS):
    """All of these have partitions, and nobody else."""
    owned = shares(shop)
    return set(owned) == {w.pid for w in workers} and sum(map(len, owned.values())) == partitions


def all_share(shop, workers, partitions=2 * PARTITIONS):
    shop.until(lambda: shared_by(shop, workers, partitions), 60, f"{len(workers)} workers to share the partitions")


def numbers(partitions, table):
    return {number for topic, number in partitions if topic.endswith(table)}


def captured(shop):
    shop.penstock("capture", "--until-current")


def start_capture(shop):
    return shop.start(verb="capture")


def expect_equal(shop, *views, seconds=60):
    """Once everything committed until now went through the topics."""
    shop.wait(seconds=seconds)
    shop.expect_equal(*(views or VIEWS))


class Versions:
    """Watches a collection: no document is ever written with a version that it had, or with an older one."""

    def __init__(self, collection):
        self.seen, self.backwards = {}, []
        self._changes = collection.watch(max_await_time_ms=100)
        self._thread = Background(self._look)

    def _look(self):
        event = self._changes.try_next()
        if event is None:
            return
        key = event["documentKey"]["_id"]
        if event["operationType"] == "delete":
            self.seen.pop(key, None)
        elif event["operationType"] in ("insert", "replace"):
            self._note(key, event["fullDocument"]["version"])
        elif "version" in event["updateDescription"]["updatedFields"]:
            self._note(key, event["updateDescription"]["updatedFields"]["version"])

    def _note(self, key, version):
        if version <= self.seen.get(key, -1):
            self.backwards.append((key, self.seen[key], version))
        self.seen[key] = version

    def __enter__(self):
        return self

    def __exit__(self, *error):
        time.sleep(0.3)  # what was written last
        self._thread.stop()
        self._changes.close()


def put_record(kafka, topic, partition, key, value):
    subprocess.run(["kcat", "-b", kafka.address, "-P", "-t", topic, "-p", str(partition), "-k", key], input=value, text=True, check=True, timeout=30)


def test_workers_share_the_partitions_and_one_that_comes_or_goes_moves_them(shop, kafka):
    shop.configure(PLAIN, kafka=shop.kafka_settings, errors="dead_letter")
    captured(shop)
    start_capture(shop)
    workers = [worker(shop)]
    expect_equal(shop)
    workers += [worker(shop), worker(shop)]
    all_share(shop, workers)
    shop.until(lambda: all(numbers(p, "orders") == numbers(p, "lines") for p in shares(shop).values()), 30, "equal numbers to lie together")
    chance = random.Random(1)
    for step in range(60):
        change(shop, chance, 10000 + step)
    put_record(kafka, f"{shop.name}.public.lines", 3, "x", "no event")
    expect_equal(shop)
    status = shop.status()
    assert (status["phase"], status["lag"]["records"], status["writer"]) == ("streaming", 0, None)
    assert {t["state"] for t in status["tables"]} == {"shared"}
    assert {int(w["worker"].rsplit(":", 1)[1]): (w["partitions"], w["lag"], w["in_group"]) for w in status["workers"]} == {
        w.pid: (2 * PARTITIONS // 3, 0, True) for w in workers}
    assert all(p["worker"] for t in status["topics"] for p in t["partitions"])
    assert shop.penstock("status").stdout.count("8 partitions") == 3
    assert workers.pop(0).stop() == 0
    workers.pop(0).kill()
    all_share(shop, workers)
    for step in range(60):
        change(shop, chance, 20000 + step)
    expect_equal(shop)
    shop.penstock("verify")
    letters = list(shop.database["lines_dead_letters"].find())
    assert [(one["_id"]["topic"], one["_id"]["partition"]) for one in letters] == [(f"{shop.name}.public.lines", 3)]
    retried = subprocess.run([BINARY, "dead-letters", "retry", str(shop.file), "--all"], capture_output=True, text=True, timeout=60, check=False)
    assert retried.returncode != 0 and "workers write its collection" in retried.stdout + retried.stderr
    refused = shop.penstock("teardown", "--yes", expect=3).stderr
    assert "1 workers of the pipeline are running" in refused
    assert workers[0].stop() == 0


def test_a_worker_that_slept_while_others_took_its_partitions_writes_nothing_and_joins_anew(shop):
    captured(shop)
    start_capture(shop)
    workers = [worker(shop), worker(shop)]
    all_share(shop, workers)
    expect_equal(shop)
    sleeper, other = workers
    before = {place["_id"]["partition"]: place["next"] for place in shop.database["penstock_offsets"].find({"_id.topic": f"{shop.name}.public.lines"})}

    def applies():
        mine = shop.database["penstock_offsets"].find({"_id.topic": f"{shop.name}.public.lines", "worker": {"$regex": f":{sleeper.pid}$"}})
        return sum(place["next"] - before[place["_id"]["partition"]] for place in mine) > 1000

    # It falls asleep with thousands of records received and not written.
    with Versions(shop.database["lines"]) as versions:
        shop.transaction(*["UPDATE lines SET version = version + 1"] * 60)
        wait_for(applies, 60, "the sleeper to be in the middle", poll=0.001)
        sleeper.send_signal(signal.SIGSTOP)
        all_share(shop, [other])
        shop.sql("UPDATE orders SET status = 'last'", "DELETE FROM lines WHERE id % 3 = 0")
        expect_equal(shop)
        with shop.database.watch(max_await_time_ms=100) as changes:
            sleeper.send_signal(signal.SIGCONT)
            all_share(shop, workers)
            written = [event["ns"]["coll"] for event in iter(changes.try_next, None)]
            assert not {"lines", "orders_flat"} & set(written), "the sleeper wrote"
        assert "joins the group anew" in sleeper.text()
        shop.sql("UPDATE orders SET status = 'after'", "UPDATE lines SET version = version + 1")
        expect_equal(shop)
    assert not versions.backwards
    assert [w.stop() for w in workers] == [0, 0]


class Faults:
    """kill -9, SIGSTOP and SIGCONT of three workers, and broker restarts, at random."""

    def __init__(self, shop, kafka, chance):
        self.shop, self.kafka, self.chance = shop, kafka, chance
        self.workers = [worker(shop) for _ in range(3)]
        self.asleep, self.done = {}, {"kill": 0, "sleep": 0, "broker": 0}

    def wake(self, all_of_them=False):
        for index in [i for i, until in self.asleep.items() if all_of_them or until < time.monotonic()]:
            self.workers[index].send_signal(signal.SIGCONT)
            del self.asleep[index]

    def strike(self):
        fault = self.chance.choice(["kill", "kill", "sleep", "sleep", "broker"])
        awake = [i for i in range(3) if i not in self.asleep]
        if fault == "broker":
            self.kafka.kill()
            self.kafka.start()
        elif fault == "sleep" and len(awake) > 1:
            index = self.chance.choice(awake)
            self.workers[index].send_signal(signal.SIGSTOP)
            self.asleep[index] = time.monotonic() + self.chance.choice([1, 7])
        elif fault == "kill":
            index = self.chance.randrange(3)
            self.workers[index].kill()
            self.asleep.pop(index, None)
            self.workers[index] = worker(self.shop)
        self.done[fault] += 1


def test_kills_pauses_and_broker_restarts_lose_double_and_turn_back_nothing(shop, kafka):
    seed = int(os.environ.get("PENSTOCK_TEST_WORKERS_SEED", random.randrange(1 << 30)))
    seconds = int(os.environ.get("PENSTOCK_TEST_WORKERS_SECONDS", "90"))
    print(f"PENSTOCK_TEST_WORKERS_SEED={seed}")  # pytest shows it when the test fails
    chance = random.Random(seed)
    capture = start_capture(shop)
    faults = Faults(shop, kafka, chance)
    shop.until(lambda: shop.document("lines", 900) and shop.document("orders_flat", 300), 60, "the first documents")
    step, writes = 0, random.Random(seed + 1)

    def write():
        nonlocal step
        step += 1
        change(shop, writes, 10000 + step)
        time.sleep(writes.uniform(0, 0.03))

    with Versions(shop.database["lines"]) as versions:
        writer = Background(write)
        end, next_fault = time.monotonic() + seconds, time.monotonic() + 3
        while time.monotonic() < end or not all(faults.done.values()):
            faults.wake()
            time.sleep(0.05)
            if time.monotonic() > next_fault:
                faults.strike()
                next_fault = time.monotonic() + chance.uniform(1, 4)
        writer.stop()
        faults.wake(all_of_them=True)
        assert capture.alive(), capture.text()[-3000:]
        expect_equal(shop, seconds=120)
    assert not versions.backwards
    assert [w.alive() for w in faults.workers] == [True] * 3, "\n".join(w.text()[-2000:] for w in faults.workers if not w.alive())
    print(f"soak: {step} transactions, {faults.done}, seed {seed}: {len(versions.seen)} documents never turned back")
    assert [w.stop() for w in faults.workers] == [0, 0, 0]
    assert capture.stop() == 0


def race(shop):
    """Two sessions, one deletes what the other inserts: in the WAL a DELETE can stand after an INSERT that committed after it."""
    chance = random.Random(4)
    sides = [Background(lambda: shop.sql(f"DELETE FROM lines WHERE id = {5000 + chance.randint(1, 3)}")),
             Background(lambda: shop.sql(f"INSERT INTO lines VALUES ({5000 + chance.randint(1, 3)}, {chance.randint(1, 300)}, 1) ON CONFLICT DO NOTHING"))]
    time.sleep(2)
    for side in sides:
        side.stop()


def test_read_models_are_written_by_one_worker_at_a_time(shop):
    """Lines with the default replica identity: neither a deleted one nor the former order of a moved one is in the events."""
    captured(shop)
    start_capture(shop)
    workers = []
    for number in range(3):  # each with a state directory of its own
        shop.configure({**PLAIN, **MODELS}, kafka=shop.kafka_settings)
        definition = json.loads(shop.file.read_text())
        definition["state"] = str(shop.folder / f"state-{number}")
        file = shop.folder / f"worker-{number}.yaml"
        file.write_text(json.dumps(definition))
        workers.append(shop.start_bare("apply", file))

    def lines_of(order):
        return {line["id"] for line in shop.document("orders", order)["lines"]}

    expect_equal(shop)
    all_share(shop, workers)
    assert lines_of(8) == {7, 307, 607}
    shop.sql("UPDATE lines SET order_id = 8 WHERE id = 1", "DELETE FROM lines WHERE id = 307", "UPDATE lines SET order_id = 9, id = 9000 WHERE id = 607")
    race(shop)
    expect_equal(shop)
    assert (lines_of(8), lines_of(2), lines_of(9)) == ({7, 1}, {301, 601}, {8, 308, 608, 9000})
    chance = random.Random(5)
    for step in range(60):
        change(shop, chance, 10000 + step)
    leader = next(w for w in workers if "writes the read models" in w.text())
    assert shop.status()["writer"]["pid"] == leader.pid
    leader.kill()
    workers.remove(leader)
    for step in range(60):
        change(shop, chance, 20000 + step)
    expect_equal(shop)
    assert " 0 missing" not in (told := shop.penstock("verify").stdout) and "orders: " in told
    assert shop.penstock("status").stdout.count("read models") == 1
    assert [w.stop() for w in workers] == [0, 0]


def test_a_worker_without_partitions_stands_by_and_partitions_that_come_are_shared_out(shop, kafka):
    shop.sql("CREATE TABLE notes (id int PRIMARY KEY, text text)", "INSERT INTO notes SELECT i, 'x' FROM generate_series(1, 50) i")
    shop.configure({"notes": "public.notes"}, kafka=shop.kafka_settings)
    notes = View(table="public.notes", collection="notes")
    topic = f"{shop.name}.public.notes"
    kafka.create_topic(topic, 2)
    captured(shop)
    capture = start_capture(shop)
    workers = [worker(shop) for _ in range(3)]
    shop.until(lambda: len(shop.status()["workers"]) == 3, 60, "three workers in the group")
    shop.until(lambda: len(shares(shop)) == 2, 60, "two of them to have a partition")
    idle = next(w for w in workers if w.pid not in shares(shop))
    assert "stands by" in shop.penstock("status").stdout
    busy = [w for w in workers if w is not idle]
    busy[0].kill()
    all_share(shop, [busy[1], idle], 2)
    expect_equal(shop, notes)
    assert capture.stop() == 0
    shop.sql("UPDATE notes SET text = 'w'")
    captured(shop)
    expect_equal(shop, notes)  # nobody reads the slot now, the capture says what it has written
    kafka.grow_topic(topic, 5)
    start_capture(shop)
    shop.sql("INSERT INTO notes SELECT i, 'y' FROM generate_series(51, 200) i", "UPDATE notes SET text = 'z'", "DELETE FROM notes WHERE id % 3 = 0")
    expect_equal(shop, notes)
    all_share(shop, [busy[1], idle], 5)
    assert min(len(partitions) for partitions in shares(shop).values()) == 2
    assert [w.stop() for w in (busy[1], idle)] == [0, 0]


def test_a_truncate_of_several_partitions_is_refused_and_left_out_when_asked_for(shop):
    captured(shop)
    shop.sql("TRUNCATE lines")
    captured(shop)
    refused = shop.penstock("apply", expect=2)
    assert "a TRUNCATE of a topic with 12 partitions" in refused.stderr
    shop.sql("INSERT INTO lines VALUES (5001, 1, 1)")
    captured(shop)
    skips = worker(shop, "--skip-truncates")
    shop.until(lambda: shop.document("lines", 5001) and shop.document("lines", 900), 60, "the rows around the TRUNCATE")
    assert skips.stop() == 0


def test_workers_adopt_a_group_and_are_not_taken_for_one_process(shop, kafka):
    captured(shop)
    group = "connect-" + shop.name
    for table in ("orders", "lines"):
        subprocess.run(["kcat", "-b", kafka.address, "-G", group, "-X", "auto.offset.reset=earliest", "-q", "-e", f"{shop.name}.public.{table}"],
                       check=True, capture_output=True, timeout=30)
    shop.sql("UPDATE lines SET version = 7 WHERE id <= 40", "UPDATE orders SET note = 'short' WHERE id <= 40")
    workers = [worker(shop, "--adopt", group) for _ in range(2)]
    capture = start_capture(shop)
    shop.wait()
    assert {d["_id"] for d in shop.documents("lines")} == set(range(1, 41)), "what the group had read was read again"
    assert [w.stop() for w in (capture, *workers)] == [0, 0, 0]
    assert "--until-current" in shop.penstock("apply", "--until-current", expect=2).stderr
    assert "do not see such requests" in shop.penstock("resync", expect=2).stderr
    assert "do not see rows to be repaired" in shop.penstock("verify", "--repair", expect=2).stderr
    shop.configure(PLAIN, kafka={**shop.kafka_settings, "share": False})
    assert "workers share the pipeline" in shop.penstock("apply", "--until-current", expect=2).stderr
    shop.penstock("teardown", "--yes")
    shop.penstock("apply", "--until-current")
    shop.configure(PLAIN, kafka=shop.kafka_settings)
    assert "was applied by one process" in shop.penstock("apply", expect=2).stderr
