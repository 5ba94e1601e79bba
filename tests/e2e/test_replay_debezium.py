"""`penstock replay` from the topics of real Debezium."""

import pytest
from support.replayed import expect_replayed, now, raw, replay

pytestmark = pytest.mark.on_one_postgres


def test_what_debezium_writes(pipeline, feed):
    """Its marks of a load, the order of its transactions, a value that an update left alone: with a placeholder, and as null."""
    pipeline.sql("CREATE TABLE toast (id int PRIMARY KEY, n int, long text, digits numeric)", "CREATE TABLE none (id int PRIMARY KEY)",
                 "ALTER TABLE toast ALTER long SET STORAGE EXTERNAL, ALTER digits SET STORAGE EXTERNAL",
                 "INSERT INTO toast SELECT i, 0, repeat(md5(i::text), 300), CASE WHEN i < 20 THEN i END FROM generate_series(1, 20) i")
    topics = feed("replayed", ["toast", "none"])
    shop = topics.pipeline
    topics.apply()
    pipeline.sql("UPDATE toast SET n = 1", "DELETE FROM toast WHERE id = 3", "INSERT INTO none VALUES (1)")
    topics.wait_sent()
    shop.until(lambda: not shop.differences(), 60, "equal documents")
    then, lsn, moment = {name: raw(shop, name) for name in ("toast", "none")}, shop.lsn(), now(pipeline)
    pipeline.sql("UPDATE toast SET n = 2, digits = repeat('7', 9000)::numeric WHERE id > 10", "UPDATE toast SET id = 100, long = 's' WHERE id = 5",
                 "UPDATE toast SET digits = NULL WHERE id = 12")
    topics.wait_sent()
    shop.until(lambda: not shop.differences(), 60, "equal documents")
    assert "column digits of the row (12) of public.toast is null" in shop.penstock("replay", "toast", expect=1).stderr
    pipeline.sql("UPDATE toast SET digits = 1")
    topics.wait_sent()
    shop.until(lambda: not shop.differences(), 60, "equal documents")
    for as_of, expected in ((None, {name: raw(shop, name) for name in then}), (lsn, then), (moment, then)):
        replay(shop, *then, as_of=as_of)
        expect_replayed(shop, expected)
    refused = shop.penstock("replay", "toast", "--as-of", "0/1000", expect=1).stderr
    assert "cannot prove what public.toast held as of 0/1000" in refused and "complete since" in refused


def test_topics_without_a_load_are_refused(pipeline, feed):
    pipeline.sql("CREATE TABLE item (id int PRIMARY KEY)", "INSERT INTO item VALUES (1)")
    topics = feed("unloaded", ["item"], **{"snapshot.mode": "no_data"})
    pipeline.sql("INSERT INTO item VALUES (2)")
    topics.wait_sent()
    topics.pipeline.penstock("apply", "--until-current")
    assert "they hold no load of it" in topics.pipeline.penstock("replay", "item", expect=1).stderr
