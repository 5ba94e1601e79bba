"""docs/migrate.md, walked: what was equal to PostgreSQL before a step is equal after it. Its third step is test_capture_takeover.py."""

import random

import pytest
from support.mongodb_sink import mongodb_sink
from support.process import wait_for

pytestmark = pytest.mark.on_one_postgres

SCHEMA = ["CREATE TABLE item (id int PRIMARY KEY, n int, price numeric(10,2), long text)", "ALTER TABLE item ALTER long SET STORAGE EXTERNAL",
          "INSERT INTO item SELECT i, 0, i * 1.25, repeat(i::text, 4000) FROM generate_series(1, 60) i"]


def change(pipeline, chance, first, steps=40):
    for step in range(first, first + steps):
        one = chance.randint(1, 60)
        pipeline.sql(chance.choice([f"UPDATE item SET n = n + 1 WHERE id = {one}", f"DELETE FROM item WHERE id = {one}",
                                    f"INSERT INTO item VALUES ({1000 + step}, {step}, 1.5, repeat('x', 5000))", f"UPDATE item SET id = {2000 + step} WHERE id = {one}"]))


def test_apply_beside_a_sink_and_direct_beside_both(pipeline, feed, connect):
    chance = random.Random(4)
    pipeline.sql(*SCHEMA)
    topics = feed("shop", ["item"], **{"decimal.handling.mode": "double"})
    old_sink = f"{pipeline.name}_sink"
    connect.create_and_wait(old_sink, mongodb_sink(pipeline.mongo.url(), pipeline.name, {topics.topic("item"): "item"}))

    topics.apply()  # step 1: beside the sink, which is not touched
    change(pipeline, chance, 0)
    topics.expect_equal()
    wait_for(lambda: {d["_id"]["id"] for d in pipeline.documents("item")} == {key for key, in pipeline.sql("SELECT id FROM item")}, 30, "the sink")

    connect.pause(old_sink)  # step 2, and back
    change(pipeline, chance, 100)
    connect.resume(old_sink)
    wait_for(lambda: {d["_id"]["id"] for d in pipeline.documents("item")} == {key for key, in pipeline.sql("SELECT id FROM item")}, 30, "the sink")
    connect.delete(old_sink)

    direct = pipeline.beside("direct")  # step 4
    direct.configure({"item": "public.item"}, source={"slot": f"{pipeline.name}_direct", "publication": topics.settings["publication.name"]})
    direct.start()
    direct.wait_streaming()
    change(pipeline, chance, 600)
    direct.wait_loaded()
    direct.expect_equal_now()
    direct.penstock("verify")
    topics.expect_equal()
