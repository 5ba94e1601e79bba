"""A mixed workload on one database, and a reader that watches what must hold at every moment."""

import random
import threading
import time

import psycopg
from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern

ACCOUNTS, TOTAL = 200, 200_000
BODY = "(SELECT string_agg(md5((i + {seed})::text), '') FROM generate_series(1, 200) i)"

SCHEMA = [
    "CREATE TABLE account (id int PRIMARY KEY, amount int NOT NULL, note text)",
    f"INSERT INTO account SELECT i, {TOTAL // ACCOUNTS}, 'n' FROM generate_series(1, {ACCOUNTS}) i",
    "CREATE TABLE item (id bigint PRIMARY KEY, n int, t text)",
    "CREATE TABLE page (shop text, id int, title text, body text, PRIMARY KEY (shop, id))",
    f"INSERT INTO page SELECT 's' || i % 5, i, 't', {BODY.format(seed=0)} FROM generate_series(1, 300) i",
    "CREATE TABLE volatile (id serial PRIMARY KEY, t text)",
    "CREATE SEQUENCE fresh START 10000000",
]
TABLES = ("account", "item", "page", "volatile")


def create(pipeline, rows):
    pipeline.sql(*SCHEMA, f"INSERT INTO item SELECT i, 0, md5(i::text) FROM generate_series(1, {rows}) i")
    pipeline.rows = rows
    return pipeline.configure({f"{t}s": f"public.{t}" for t in TABLES}, metadata={"change": "cdc_changed"},
                              load={"chunk_rows": 200}, groups={"rows": 200})


class Workload:
    """Writers in threads; each survives restarts of PostgreSQL."""

    def __init__(self, pipeline, writers=3, seed=0, pause=0.02):
        self._pipeline = pipeline
        self._pause = pause
        self._stop = threading.Event()
        self.transactions = 0
        self.errors = []
        self._threads = [threading.Thread(target=self._write, args=(random.Random(seed * 1000 + n),), daemon=True)
                         for n in range(writers)]
        for thread in self._threads:
            thread.start()

    def stop(self):
        self._stop.set()
        for thread in self._threads:
            thread.join(60)
        assert not self.errors, self.errors[0]

    def _write(self, dice):
        while not self._stop.is_set():
            try:
                with psycopg.connect(self._pipeline.postgres_url, connect_timeout=5) as connection:
                    self._session(connection, dice)
            except psycopg.OperationalError:  # the server restarts
                time.sleep(0.1)
            except Exception as error:  # noqa: BLE001: told by stop()
                self.errors.append(error)
                return

    def _session(self, connection, dice):
        while not self._stop.is_set():
            try:
                with connection.transaction():
                    for statement in self._transaction(dice):
                        connection.execute(statement)
                self.transactions += 1
            except (psycopg.errors.DeadlockDetected, psycopg.errors.UniqueViolation,
                    psycopg.errors.SerializationFailure):
                pass  # two writers met; the transaction is undone whole
            time.sleep(self._pause)

    def _transaction(self, dice):
        kinds = ((self._transfer, 40), (self._items, 25), (self._pages, 15), (self._move_account, 8),
                 (self._volatile, 8), (self._large, 1), (self._savepoints, 3))
        choice = dice.choices([k for k, _ in kinds], [w for _, w in kinds])[0]
        return choice(dice)

    def _some_account(self, dice):
        return f"(SELECT id FROM account ORDER BY id OFFSET {dice.randrange(ACCOUNTS)} LIMIT 1)"

    def _transfer(self, dice):
        amount = dice.randint(1, 50)
        yield "SELECT pg_advisory_xact_lock(1)"
        yield f"UPDATE account SET amount = amount - {amount} WHERE id = {self._some_account(dice)}"
        yield f"UPDATE account SET amount = amount + {amount} WHERE id = {self._some_account(dice)}"

    def _move_account(self, dice):
        yield "SELECT pg_advisory_xact_lock(1)"
        yield f"UPDATE account SET id = nextval('fresh'), note = 'moved' WHERE id = {self._some_account(dice)}"

    def _items(self, dice):
        key = dice.randint(1, self._pipeline.rows)
        yield f"INSERT INTO item SELECT nextval('fresh'), i, 'new' FROM generate_series(1, {dice.randint(1, 20)}) i"
        yield f"UPDATE item SET n = n + 1 WHERE id BETWEEN {key} AND {key + 10}"
        yield f"DELETE FROM item WHERE id = {dice.randint(1, self._pipeline.rows)}"
        if dice.random() < 0.3:
            yield f"UPDATE item SET id = nextval('fresh') WHERE id = {dice.randint(1, self._pipeline.rows)}"
        if dice.random() < 0.2:  # a key that was used comes back
            yield (f"INSERT INTO item VALUES ({dice.randint(1, self._pipeline.rows)}, -1, 'again')"
                   " ON CONFLICT (id) DO UPDATE SET n = -2")

    def _pages(self, dice):
        page = f"(shop, id) = ('s{dice.randrange(5)}', {dice.randint(1, 300)})"
        statement = dice.choice([
            f"UPDATE page SET title = 'u{dice.random()}' WHERE {page}",  # the body is unchanged TOAST
            f"UPDATE page SET id = id + 1000 * (1 - 2 * (id > 1000)::int), title = 'm' WHERE {page}",
            f"UPDATE page SET body = {BODY.format(seed=dice.randrange(10**6))} WHERE {page}",
            f"UPDATE page SET title = 'both', shop = shop WHERE shop = 's{dice.randrange(5)}'",
        ])
        yield statement

    def _volatile(self, dice):
        if dice.random() < 0.2:
            yield "TRUNCATE volatile"
        yield f"INSERT INTO volatile (t) SELECT 'v' FROM generate_series(1, {dice.randint(1, 30)})"

    def _large(self, dice):
        """More rows than a group holds."""
        key = dice.randint(1, self._pipeline.rows)
        yield f"UPDATE item SET n = n + 1 WHERE id BETWEEN {key} AND {key + 500}"

    def _savepoints(self, dice):
        key = dice.randint(1, self._pipeline.rows)
        yield f"UPDATE item SET t = 'outer' WHERE id = {key}"
        yield "SAVEPOINT a"
        yield f"DELETE FROM item WHERE id BETWEEN {key} AND {key + 5}"
        yield "ROLLBACK TO a"
        yield f"UPDATE item SET t = 'after' WHERE id = {key + 1}"


class SumWatcher:
    """Snapshot reads of all accounts, from when it is started: count and sum never change."""

    def __init__(self, pipeline):
        self._collection = pipeline.mongo.client()[pipeline.name].get_collection(
            "accounts", read_concern=ReadConcern("snapshot"))
        self._stop = threading.Event()
        self.reads = 0
        self.wrong = []
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self):
        while not self._stop.is_set():
            try:
                amounts = [d["amount"] for d in self._collection.find({}, {"amount": 1})]
            except PyMongoError:  # an election is under way
                time.sleep(0.05)
                continue
            self.reads += 1
            if (len(amounts), sum(amounts)) != (ACCOUNTS, TOTAL):
                self.wrong.append((time.strftime("%H:%M:%S"), len(amounts), sum(amounts)))

    def stop(self):
        self._stop.set()
        self._thread.join(60)
        assert not self.wrong, f"{len(self.wrong)} of {self.reads} reads saw a broken sum: {self.wrong[:5]}"
