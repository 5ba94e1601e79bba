"""spark/stream.py with real Spark: the documents of `penstock apply`, exactly once, whoever is killed."""

import itertools
import json
import os
import random
import re
import signal
import subprocess
import time

import pytest
from e2e.test_apply import COLLECTIONS as CHANGING_COLLECTIONS
from e2e.test_apply import SHOP as CHANGING
from e2e.test_apply import change
from e2e.test_types import PREPARE, TYPES, fill
from support.ecommerce import MODELS
from support.pipeline import Background
from support.places import ROOT
from support.spark import CLUSTER, start_job

pytestmark = pytest.mark.on_one_postgres

SHOP = {"products": "public.products", "orders": "public.orders", "order_details": "public.order_details"}


def ended(runner, seconds=180):
    """The counts that a stream says at its end."""
    assert runner.wait(seconds) == 0, runner.text()[-5000:]
    return {name: int(number) for name, number in re.findall(r'"(\w+)": (\d+)', runner.text().split("the stream ended")[-1])}


def by_id(pipeline, collection):
    """Documents as texts; of a dead letter without the moment when it was parked."""
    return {str(d["_id"]): str({**d, "at": None} if collection.endswith("dead_letters") else d) for d in pipeline.documents(collection)}


def expect_same_documents(pipeline, other):
    for collection in other.database.list_collection_names():
        if not collection.startswith("penstock_"):
            assert by_id(pipeline, collection) == by_id(other, collection), collection


def expect_shown(events, counts):
    """In Spark's pages, which are made of this log: each job by name, and the counts in the progress of the query."""
    lines = [json.loads(line) for file in events.iterdir() for line in file.read_text().splitlines()]
    jobs = [line.get("Properties", {}).get("spark.job.description", "") for line in lines if line["Event"] == "SparkListenerJobStart"]
    assert any(": batch 0" in job for job in jobs) and any(": documents of read models, " in job for job in jobs), jobs
    observed = [line["progress"]["observedMetrics"]["penstock"] for line in lines if line["Event"].endswith("QueryProgressEvent")]
    named = [dict(zip((field["name"] for field in one["schema"]["fields"]), one["values"])) for one in observed]
    assert {what: sum(one[what] for one in named) for what in ("records", "applied")} == {what: counts[what] for what in ("records", "applied")}, named


def test_the_type_zoo_and_the_shop_from_debezium_are_those_of_apply(pipeline, kafka, feed):
    columns = ", ".join(f"c{n} {kind}" for n, kind in enumerate(TYPES))
    pipeline.sql(*PREPARE, f"CREATE TABLE zoo (id int PRIMARY KEY, {columns})")
    schema = (ROOT / "examples" / "ecommerce" / "schema.sql").read_text()
    subprocess.run(["psql", "-qX", "-v", "ON_ERROR_STOP=1", pipeline.postgres_url], input=schema, text=True, check=True, capture_output=True)
    fill(pipeline, "zoo")
    collections = {"zoo": "public.zoo", **SHOP, **MODELS}
    topics = feed("topics", ["zoo", *SHOP], collections, **{"decimal.handling.mode": "string", "interval.handling.mode": "string"})
    given = json.loads(topics.pipeline.file.read_text())
    settings = {"kafka": given["kafka"], "errors": "dead_letter"}
    spark, apply = (pipeline.beside(name).configure(collections, source=given["source"], **settings) for name in ("spark", "apply"))
    checkpoint = pipeline.folder / "checkpoint"
    events = pipeline.folder / "events"
    events.mkdir()
    first = ended(start_job(spark, "stream.py", "--trigger", "available now", "--checkpoint", checkpoint,
                            conf={"spark.eventLog.enabled": "true", "spark.eventLog.dir": events}))
    expect_shown(events, first)
    assert first["applied"] + first["dead_letters"] == first["records"] > 190 and first["documents"] > 10
    warned = spark.runners[-1].log.with_name("spark.log").read_text()
    assert warned.count("UninterruptibleThread") < 10, "a line in an executor's log for each record"
    pipeline.sql("UPDATE products SET price = price + 1", "DELETE FROM order_details WHERE order_detail_id % 3 = 0",
                 "UPDATE zoo SET c0 = 7 WHERE id % 2 = 0", "UPDATE zoo SET id = 5000 WHERE id = 1")
    topics.wait_sent()
    resumed = start_job(spark, "stream.py", "--trigger", "available now", "--checkpoint", checkpoint, "--no-arrow")
    second = ended(resumed)
    assert "is ahead" not in resumed.text()
    assert 0 < second["applied"] < first["applied"] and second["lost"] == 0
    apply.penstock("apply", "--until-current")
    expect_same_documents(spark, apply)
    spark.expect_equal(*(view for view in spark.views if view.collection != "zoo"))
    spark.configure(collections, source=given["source"], kafka=given["kafka"])  # errors: stop
    subprocess.run(["kcat", "-b", kafka.address, "-P", "-t", topics.topic("products")], input=b"no event at all", check=True)
    # Without a checkpoint it begins where MongoDB says.
    poisoned = start_job(spark, "stream.py", "--trigger", "available now")
    assert poisoned.wait(120) == 4
    said = poisoned.text().splitlines()[-3:]
    assert f"ERROR the stream has failed: {topics.topic('products')}[0] offset {topics.end_offset('products') - 1}" in "\n".join(said), said


def executors_of(runner):
    """Process ids: Spark's local cluster starts them below the driver."""
    listed = subprocess.run(["pgrep", "-P", str(runner.pid), "-f", "CoarseGrainedExecutorBackend"], capture_output=True, text=True, check=False)
    return [int(pid) for pid in listed.stdout.split()]


# Tasks that run for longer than others get a twin at once.
EAGER = {"spark.speculation": "true", "spark.speculation.interval": "20ms", "spark.speculation.multiplier": "1.0",
         "spark.speculation.quantile": "0.1", "spark.speculation.minTaskRuntime": "1ms", "spark.task.maxFailures": "50"}


def test_kills_of_executors_and_of_the_driver_lose_and_double_nothing(pipeline, kafka):
    pipeline.sql(*CHANGING)
    for table in ("products", "orders", "lines"):
        kafka.create_topic(f"{pipeline.name}.public.{table}", 2)
    pipeline.configure(CHANGING_COLLECTIONS, kafka={"brokers": kafka.address, "prefix": pipeline.name})

    def start():
        return start_job(pipeline, "stream.py", "--checkpoint", pipeline.folder / "checkpoint", "--max-records", 1000,
                         master=CLUSTER, conf=EAGER)

    def is_writing(stream):
        return "batch" in stream.text()

    capture, stream = pipeline.start(verb="capture"), start()
    chance, steps = random.Random(5), itertools.count(10_000)
    workload = Background(lambda: change(pipeline, chance, next(steps)))
    victims = random.Random(8)
    for turn in range(3):
        pipeline.until(lambda: is_writing(stream) and executors_of(stream), 150, "a micro-batch")
        time.sleep(victims.uniform(0.2, 1.5))
        if turn == 1:
            stream.kill()
            stream = start()
            continue
        for pid in victims.sample(executors_of(stream), 1):
            os.kill(pid, signal.SIGKILL)
    workload.stop()
    assert "equal" in pipeline.penstock("verify").stdout  # waits for the stream, which is in no group
    assert capture.stop() == 0
    pipeline.penstock("capture", "--until-current")
    pipeline.wait(seconds=90)
    pipeline.expect_equal()
    assert stream.alive()
