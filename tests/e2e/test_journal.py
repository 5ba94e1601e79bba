"""The journal: everything that was streamed and loaded is kept, and collections can be made anew from it."""

import json
import random
import time

import bson
import bson.raw_bson
import pytest
from support import chaos, compare

EVERY_TYPE = """CREATE TABLE every (id int PRIMARY KEY, a bool, b smallint, c bigint, d real, e float8, f numeric(20,6),
 g varchar(9), h char(5), i bytea, j date, k timestamp, l timestamptz, m time, n timetz, o interval, p uuid, q jsonb,
 r json, s int[], t text[][], u int4range, v inet, w bit varying, x money, y point, z tsvector)"""
EVERY_ROW = """INSERT INTO every VALUES ({id}, true, -5, 9007199254740993, 0.1, -1e300, 12345.678900, 'grün', 'ab', '\\x00ff',
 '2024-02-29', '2024-01-31 23:59:59.123456', '0044-03-15 01:02:03+00 BC', '23:59:59.5', '10:00:00+07', '1 mon -2 days',
 '00112233-4455-6677-8899-aabbccddeeff', '{{"a": [1, 2.50, null]}}', '{{"b":  1}}', '{{1,NULL,3}}', '{{{{x,y}},{{"",z}}}}',
 '[1,9)', '10.0.0.1/8', B'101', 12.5, '(1,2)', 'fat:2A cat')"""
SCHEMA = [
    EVERY_TYPE, EVERY_ROW.format(id=1), "INSERT INTO every (id) VALUES (2)",
    "INSERT INTO every (id, j, k, l) VALUES (3, 'infinity', '-infinity', 'infinity')",
    "CREATE TABLE line (n bigint PRIMARY KEY, account int NOT NULL, amount numeric(12,2) NOT NULL)",
    "CREATE INDEX ON line (account)",
]
READ_MODELS = {
    "statements": {"from": "public.account",
                   "fields": {"*": True, "total": "sum(lines.amount)::numeric(14,2)"},
                   "embed": {"lines": {"many": "public.line", "join": {"account": "id"}, "order_by": "n"}}},
    "by_shop": {"from": "public.page", "group_by": "shop", "fields": {"pages": "count(*)", "longest": "max(length(body))"}},
}
COLLECTIONS = {**{f"{t}s": f"public.{t}" for t in (*chaos.TABLES, "every", "line")}, **READ_MODELS}


@pytest.fixture
def journaled(pipeline):
    return create(pipeline)


def create(pipeline, rows=2000, **journal):
    chaos.create(pipeline, rows)
    pipeline.sql(*SCHEMA)
    return pipeline.configure(COLLECTIONS, journal=journal or True, load={"chunk_rows": 200}, groups={"rows": 200})


def raw(pipeline, collection):
    """The documents' bytes, by `_id`."""
    options = compare.CODEC.with_options(document_class=bson.raw_bson.RawBSONDocument)
    found = pipeline.database.get_collection(collection, codec_options=options).find()
    return {bson.encode({"": d["_id"]}): d.raw for d in found}


def expect_replayed(pipeline, collections, suffix="_replay"):
    for name in collections:
        live, replayed = raw(pipeline, name), raw(pipeline, name + suffix)
        assert live.keys() == replayed.keys(), f"{name}: {len(live)} documents, {len(replayed)} replayed"
        differing = [bson.decode(k) for k in live if live[k] != replayed[k]]
        assert not differing, f"{name}: {differing[:5]} differ: {pipeline.document(name, differing[0][''])}"


def replay(pipeline, *collections, **options):
    options.setdefault("as_of", pipeline.lsn())  # a running pipeline's journal is a little behind
    arguments = [a for name, value in options.items() for a in ("--" + name.replace("_", "-"), value)]
    for name in collections:
        pipeline.penstock("replay", name, *arguments)


def mixed_changes(pipeline, dice, number):
    """What chaos.Workload leaves out."""
    pipeline.transaction(
        EVERY_ROW.format(id=100 + number),
        "UPDATE every SET f = f + 1, l = '2024-05-05 05:05:05.5+02', s = s || 7 WHERE id = 1",
        f"INSERT INTO line SELECT {number} * 100 + i, i, i * 1.25 FROM generate_series(1, 40) i",
        f"UPDATE line SET account = account + 1 WHERE n % 7 = {dice.randrange(7)}",
        f"DELETE FROM line WHERE n % 13 = {dice.randrange(13)}")


def run_and_kill(pipeline, kills, dice):
    workload = chaos.Workload(pipeline, writers=2, seed=dice.randrange(1000))
    runner = pipeline.start()
    for number in range(kills):
        time.sleep(dice.uniform(0.3, 1.2))
        mixed_changes(pipeline, dice, number + pipeline.rows)
        runner.kill()
        runner = pipeline.start()
    workload.stop()
    pipeline.wait_loaded()
    return runner


@pytest.mark.on_one_postgres
def test_a_replay_equals_what_the_pipeline_made(journaled):
    """Load and stream under a mixed workload, killed again and again."""
    dice = random.Random(7)
    runner = run_and_kill(journaled, 4, dice)
    snapshot = journaled.lsn()
    journaled.wait(snapshot)
    then = {name: raw(journaled, name) for name in COLLECTIONS}
    run_of_changes = chaos.Workload(journaled, writers=2, seed=9)
    mixed_changes(journaled, dice, 50000)
    time.sleep(1)
    run_of_changes.stop()
    journaled.sql("TRUNCATE volatile")
    now = journaled.lsn()
    journaled.wait(now)
    journaled.expect_equal_now()
    assert runner.stop() == 0
    for name in COLLECTIONS:
        journaled.penstock("replay", name)
    expect_replayed(journaled, COLLECTIONS)
    replay(journaled, *COLLECTIONS, as_of=snapshot)
    for name, documents in then.items():
        replayed = raw(journaled, name + "_replay")
        assert documents.keys() == replayed.keys(), name
        assert documents == replayed, name
    left = [name for name in journaled.database.list_collection_names() if name.startswith("penstock_replay_")]
    assert not left
    assert not list(journaled.database.penstock_positions.find({"pipeline": {"$regex": "/replay/"}}))


@pytest.mark.on_one_postgres
def test_one_document_as_it_was(journaled):
    runner = journaled.start_and_wait()
    journaled.sql("INSERT INTO line VALUES (1, 1, 5)")
    before = journaled.lsn()
    journaled.sql("INSERT INTO line VALUES (2, 1, 2.5)", "UPDATE account SET note = 'later' WHERE id = 1")
    journaled.wait()
    shown = json.loads(journaled.penstock("replay", "statements", "--key", 1, "--as-of", before).stdout)
    assert shown["note"] == "n" and shown["total"] == {"$numberDecimal": "5.00"}
    shown = json.loads(journaled.penstock("replay", "statements", "--key", 1, "--as-of", journaled.lsn()).stdout)
    assert shown["note"] == "later" and shown["total"] == {"$numberDecimal": "7.50"}
    replay(journaled, "statements", key=1, into="one")
    assert journaled.documents("one") == journaled.documents("statements", _id=1)
    said = journaled.penstock("replay", "statements", "--key", 10**6, expect=1)
    assert "has no document (1000000) as of then" in said.stderr
    said = journaled.penstock("replay", "statements", "--into", "accounts", expect=2)
    assert "the pipeline itself keeps the collection \"accounts\"" in said.stderr
    assert runner.stop() == 0


@pytest.mark.on_one_postgres
def test_a_pruned_journal_refuses_until_the_tables_are_loaded_again(pipeline):
    create(pipeline, keep_bytes="1MiB")
    runner = pipeline.start_and_wait()
    folder = pipeline.folder / "state" / "journal"
    first = min(folder.iterdir())
    status = pipeline.status()["journal"]
    assert status["tables"]["public.account"]["complete_since"] is not None
    for seed in range(60):
        if not first.exists():
            break
        pipeline.sql("UPDATE page SET body = (SELECT string_agg(md5((i + page.id * 1000)::text || shop), '') FROM"
                     f" generate_series({seed} * 1000000, {seed} * 1000000 + 200) i)")
        pipeline.wait()
    assert not first.exists(), sorted(folder.iterdir())
    assert sum(f.stat().st_size for f in folder.iterdir()) < 2 << 20
    said = pipeline.penstock("replay", "accounts", expect=1).stderr
    assert "cannot prove what public.account held" in said and "penstock resync PIPELINE --table public.account" in said
    assert pipeline.status()["journal"]["tables"]["public.account"]["complete_since"] is None
    early = pipeline.lsn()
    pipeline.penstock("resync", "--table", "public.account")
    pipeline.until(lambda: pipeline.status()["journal"]["tables"]["public.account"]["complete_since"], 60, "the load")
    since = pipeline.status()["journal"]["tables"]["public.account"]["complete_since"]
    said = pipeline.penstock("replay", "accounts", "--as-of", early, expect=1).stderr
    assert f"use --as-of {since} or later" in said
    replay(pipeline, "accounts")
    expect_replayed(pipeline, ["accounts"])
    assert runner.stop() == 0


@pytest.mark.on_one_postgres
def test_a_journal_that_was_off_says_what_it_lacks(journaled):
    assert journaled.start_and_wait().stop() == 0
    journaled.configure(COLLECTIONS, journal=False)
    runner = journaled.start_and_wait()
    journaled.sql("UPDATE account SET note = 'unseen' WHERE id = 1")
    journaled.wait()
    journaled.until(lambda: journaled.slot_row()["behind"] == 0, 30, "the slot to be advanced")
    assert runner.stop() == 0
    journaled.configure(COLLECTIONS, journal=True)
    runner = journaled.start_and_wait()
    assert "does not go on where it ended" in runner.text()
    said = journaled.penstock("replay", "accounts", expect=1).stderr
    assert "cannot prove" in said
    journaled.penstock("resync")
    runner.stop()
    runner = journaled.start_and_wait()
    replay(journaled, "accounts", "by_shop")
    expect_replayed(journaled, ["accounts", "by_shop"])
    assert runner.stop() == 0


@pytest.mark.on_one_postgres
def test_deleted_documents_are_kept_where_the_pipeline_keeps_them(pipeline):
    chaos.create(pipeline, 200)
    soft = {"accounts": {"from": "public.account", "deletes": "soft"}}
    pipeline.configure(soft, journal=True, metadata={"change": "changed"})
    runner = pipeline.start_and_wait()
    pipeline.sql("DELETE FROM account WHERE id < 50", "UPDATE account SET note = 'u' WHERE id > 150",
                 "INSERT INTO account VALUES (7, 1, 'again')", "UPDATE account SET id = -id WHERE id = 99")
    pipeline.wait()
    replay(pipeline, "accounts")
    assert {d["_id"]: d for d in pipeline.documents("accounts")} == {d["_id"]: d for d in pipeline.documents("accounts_replay")}
    assert runner.stop() == 0


@pytest.mark.on_one_postgres
def test_a_journal_that_cannot_be_made_stops_the_pipeline_and_teardown_removes_it(journaled):
    folder = journaled.folder / "state" / "journal"
    folder.parent.mkdir(exist_ok=True)
    folder.write_text("in the way")
    runner = journaled.start()
    assert runner.wait() == 2 and 'name another one under "journal.folder"' in runner.text()
    journaled.sql("UPDATE account SET note = 'meanwhile' WHERE id = 1")
    folder.unlink()
    runner = journaled.start_and_wait()
    replay(journaled, "accounts")
    expect_replayed(journaled, ["accounts"])
    assert runner.stop() == 0
    assert f"the journal in {folder}" in journaled.penstock("teardown", expect=2).stderr
    said = journaled.penstock("teardown", "--yes").stdout
    assert "-- removed the journal" in said and not folder.exists()
