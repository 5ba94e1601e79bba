"""What `errors: dead_letter` parked: seen, taken up again by the running pipeline, removed."""

import json
import subprocess

import pytest
from support.pipeline import BINARY

TOO_LARGE = 2**40  # for `as: int`
NARROW = {"items": {"from": "public.item", "fields": {"*": True, "n": {"as": "int"}}}}
WIDE = {"items": {"from": "public.item", "fields": {"*": True, "n": {"as": "long"}}}}
LETTER_KEYS = {"id", "collection", "table", "columns", "key", "lsn", "ordinal", "topic", "partition", "offset", "at",
               "kind", "error", "remedy", "waiting"}


def letters(pipeline, action, *arguments, expect=0):
    done = subprocess.run([BINARY, "dead-letters", action, str(pipeline.file), *map(str, arguments)], timeout=120,
                          capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    assert done.returncode == expect, f"{done.returncode}: {done.stdout}\n{done.stderr}\n{pipeline.last_words()}"
    return done.stdout


def listed(pipeline, *arguments):
    return json.loads(letters(pipeline, "list", "--json", *arguments))


@pytest.fixture
def items(pipeline):
    pipeline.sql("CREATE TABLE item (id int PRIMARY KEY, n bigint)", "INSERT INTO item VALUES (1, 1)")
    return pipeline


@pytest.mark.on_one_postgres
def test_a_letter_goes_with_the_write_of_its_row_and_stays_while_that_fails(items):
    items.configure(NARROW, errors="dead_letter").start_and_wait()
    items.sql(f"INSERT INTO item VALUES (2, {TOO_LARGE})", f"INSERT INTO item VALUES (3, {TOO_LARGE})")
    items.wait()
    found = listed(items)
    assert found["dead_letters"] == 2 and items.status()["dead_letters"] == 2
    assert [(s["collection"], s["kind"], s["letters"]) for s in found["summary"]] == [("items", "bad_value", 2)]
    two = next(letter for letter in found["letters"] if letter["key"] == ["2"])
    assert set(two) == LETTER_KEYS
    assert (two["collection"], two["table"], two["columns"]) == ("items", "public.item", ["id"])
    assert two["lsn"] and two["topic"] is None and str(TOO_LARGE) in two["error"]

    said = letters(items, "retry", "--id", two["id"], expect=1)
    assert f"{two['id']}  items: public.item (2): failed again" in said
    again = listed(items, "--id", two["id"])["letters"][0]
    assert again["at"] > two["at"] and not again["waiting"]
    assert again["row"] == {"id": "2", "n": str(TOO_LARGE)} and again["record"] is None
    assert listed(items)["dead_letters"] == 2 and items.document("items", 2) is None

    # Mended in PostgreSQL: its document comes with the change, the letter goes with a retry, the other stays.
    items.sql("UPDATE item SET n = 2 WHERE id = 2", "DELETE FROM item WHERE id = 3")
    items.wait()
    assert "(2): written" in letters(items, "retry", "--id", two["id"])
    assert items.document("items", 2)["n"] == 2
    assert [letter["key"] for letter in listed(items)["letters"]] == [["3"]]
    assert "(3): gone" in letters(items, "retry", "--all")
    assert listed(items) == {"pipeline": items.name, "dead_letters": 0, "summary": [], "letters": []}


@pytest.mark.on_one_postgres
def test_a_definition_that_was_corrected_takes_up_what_it_could_not_write(items):
    """Also the letters of the first load, and a retry that was asked for while nothing ran."""
    items.sql(f"INSERT INTO item SELECT i, {TOO_LARGE} FROM generate_series(2, 30) i")
    runner = items.configure(NARROW, errors="dead_letter").start_and_wait()
    items.sql(f"UPDATE item SET n = n + 1 WHERE id = 2")
    items.wait()
    runner.stop()
    assert "30 letters" in letters(items, "list")
    assert [d["_id"] for d in items.documents("items")] == [1]
    assert letters(items, "retry", "--all").count("taken up when the pipeline starts") == 30
    assert all(letter["waiting"] for letter in listed(items, "--limit", 0)["letters"])
    items.configure(WIDE, errors="dead_letter").start_and_wait()
    items.until(lambda: items.status()["rereads_pending"] == 0, 30, "the rows to be read again")
    assert items.document("items", 2)["n"] == TOO_LARGE + 1 and len(items.documents("items")) == 30
    assert listed(items)["dead_letters"] == 0


@pytest.mark.on_one_postgres
def test_a_read_model_takes_up_the_letters_of_its_roots(pipeline):
    pipeline.sql("CREATE TABLE part (id int PRIMARY KEY, n int)", "INSERT INTO part VALUES (1, 1), (2, 0), (3, 0)")
    definition = {"parts": {"from": "public.part", "fields": {"inverse": "1.0 / n"}}}
    pipeline.configure(definition, errors="dead_letter").start_and_wait()
    assert listed(pipeline)["dead_letters"] == 2
    assert letters(pipeline, "retry", "--all", expect=1).count("failed again") == 2
    assert listed(pipeline)["dead_letters"] == 2
    pipeline.sql("UPDATE part SET n = 4 WHERE id = 2")
    pipeline.wait()
    said = letters(pipeline, "retry", "--all", expect=1)
    assert "(2): written" in said and "(3): failed again" in said
    assert [letter["key"] for letter in listed(pipeline)["letters"]] == [["3"]]


@pytest.mark.on_one_postgres
def test_letters_are_dropped_only_when_meant(items):
    runner = items.configure(NARROW, errors="dead_letter").start_and_wait()
    items.sql(f"INSERT INTO item SELECT i, {TOO_LARGE} FROM generate_series(2, 4) i")
    items.wait()
    runner.stop()
    letters(items, "drop", "--yes", expect=2)
    assert "3 letters would be removed" in letters(items, "drop", "--all")
    one = listed(items)["letters"][0]["id"]
    assert "1 letters were removed" in letters(items, "drop", "--id", one, "--yes")
    letters(items, "drop", "--id", one, "--yes", expect=2)
    assert "2 letters were removed" in letters(items, "drop", "--collection", "items", "--all", "--yes")
    assert listed(items)["dead_letters"] == 0
