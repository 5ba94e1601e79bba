"""A pipeline under test: its database, its file, and the penstock processes that work on it."""

import copy
import json
import os
import re
import signal
import subprocess
import threading
import time

import psycopg
import pymongo
from psycopg import sql

from support import compare
from support.places import ROOT
from support.process import wait_for

BINARY = os.environ.get("PENSTOCK_BINARY", str(ROOT / "build" / "release" / "penstock"))
COMMAND_SECONDS = 120


class Runner:
    """A `penstock run` in the background, its log in a file."""

    def __init__(self, command, log, environment):
        self.log = log
        with open(log, "ab") as out:
            self._popen = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                           env=environment)

    @property
    def pid(self):
        return self._popen.pid

    def alive(self):
        return self._popen.poll() is None

    def text(self):
        return self.log.read_text(errors="replace")

    def kill(self):
        """kill -9, as a power cut would."""
        self._popen.kill()
        self._popen.wait()

    def send_signal(self, number):
        self._popen.send_signal(number)

    def stop(self, seconds=30):
        """SIGTERM: drains; gives the exit code."""
        self._popen.send_signal(signal.SIGTERM)
        return self.wait(seconds)

    def wait(self, seconds=60):
        try:
            return self._popen.wait(seconds)
        except subprocess.TimeoutExpired as error:
            raise TimeoutError(f"penstock did not end within {seconds} s:\n{self.text()[-4000:]}") from error

    def end(self):
        if self.alive():
            self._popen.send_signal(signal.SIGCONT)
            self.kill()

    def rss_kib(self):
        with open(f"/proc/{self.pid}/status") as status:
            return int(re.search(r"VmRSS:\s+(\d+)", status.read())[1])


class Pipeline:
    """Database `name` in both servers, `target` in MongoDB if another. `postgres` is support.postgres.Postgres, `mongo` has
    url() and client()."""

    def __init__(self, folder, postgres, mongo, name):
        self.folder, self.postgres, self.mongo, self.name, self.target = folder, postgres, mongo, name, name
        self.file = folder / "pipeline.yaml"
        self.slot, self.publication = f"{name}_slot", f"{name}_pub"
        self.environment = {}
        self.runners = []
        self.views = []
        self.companions = []
        postgres.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        self.client = mongo.client()
        self.database = self.client[name]

    def beside(self, name):
        """Another pipeline of the same tables, with documents, file and state of its own; ends with this one."""
        made = copy.copy(self)
        made.folder, made.target, made.runners, made.views, made.companions = self.folder / name, f"{self.name}_{name}", [], [], []
        made.folder.mkdir()
        made.file, made.database = made.folder / "pipeline.yaml", self.client[made.target]
        self.companions.append(made)
        return made

    # --- the two sides

    @property
    def postgres_url(self):
        return self.postgres.url(self.name)

    def connect(self, **options):
        return psycopg.connect(self.postgres_url, autocommit=True, **options)

    def sql(self, *statements):
        """Each statement a transaction of its own; gives the rows of the last one."""
        with self.connect() as connection:
            for statement in statements:
                cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def transaction(self, *statements):
        with self.connect() as connection, connection.transaction():
            for statement in statements:
                connection.execute(statement)

    def documents(self, collection, **query):
        majority = pymongo.read_concern.ReadConcern("majority")
        return list(self.database.get_collection(collection, codec_options=compare.CODEC,
                                                 read_concern=majority).find(query))

    def document(self, collection, identity):
        found = self.documents(collection, _id=identity)
        return found[0] if found else None

    # --- the pipeline file

    def configure(self, collections, **settings):
        """Writes the file (JSON is YAML). `collections`: name -> definition, or table name for a plain copy."""
        definition = {
            "pipeline": self.name,
            "source": {"postgres": self.postgres_url, **settings.pop("source", {})},
            "sink": {"mongodb": self.mongo.url(), "database": self.target, **settings.pop("sink", {})},
            "state": str(self.folder / "state"),
            **settings,
            "collections": {n: {"from": c} if isinstance(c, str) else c for n, c in collections.items()},
        }
        self.slot = definition["source"].get("slot", self.slot)
        self.file.write_text(json.dumps(definition, indent=2, ensure_ascii=False))
        self.views = [compare.View(table=c["from"], collection=n) for n, c in definition["collections"].items()
                      if set(c) <= {"from", "indexes"}]
        for view in self.views:
            view.ignore = tuple(settings.get("metadata", {}).values())
        return self

    # --- penstock

    def command(self, verb, *arguments):
        return [BINARY, verb, str(self.file), *map(str, arguments)]

    def _environment(self):
        return dict(os.environ, **self.environment)

    def penstock(self, verb, *arguments, expect=0, timeout=COMMAND_SECONDS):
        """Runs a command to its end; `expect` is the exit code it must have (None: any)."""
        done = subprocess.run(self.command(verb, *arguments), capture_output=True, text=True, timeout=timeout,
                              stdin=subprocess.DEVNULL, env=self._environment(), check=False)
        with open(self.folder / "commands.log", "a") as log:
            log.write(f"$ penstock {verb} {arguments} -> {done.returncode}\n{done.stdout}{done.stderr}\n")
        assert expect is None or done.returncode == expect, \
            f"penstock {verb} exited with {done.returncode}, not {expect}:\n{done.stdout}\n{done.stderr}"
        return done

    def start(self, *arguments, verb="run"):
        return self.start_bare(verb, self.file, *arguments)

    def start_bare(self, verb, *arguments):
        """A command without the pipeline file."""
        log = self.folder / f"{verb}-{len(self.runners)}.log"
        runner = Runner([BINARY, verb, *map(str, arguments)], log, self._environment())
        self.runners.append(runner)
        return runner

    def run_until_current(self, timeout=COMMAND_SECONDS, **options):
        return self.penstock("run", "--until-current", timeout=timeout, **options)

    def lsn(self):
        return self.sql("SELECT pg_current_wal_insert_lsn()::text")[0][0]

    def wait(self, lsn=None, seconds=60):
        """Read your own writes: everything committed until now is in MongoDB afterwards."""
        process = subprocess.Popen(self.command("wait", "--lsn", lsn or self.lsn(), "--timeout", f"{seconds}s"),
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=self._environment())
        try:
            wait_for(lambda: process.poll() is not None or self.none_alive(), seconds + 30, "penstock wait", poll=0.01)
        finally:
            if process.poll() is None:
                process.kill()
            said = process.communicate()[0]
        assert process.returncode == 0, f"penstock wait: {process.returncode} {said}\n{self.last_words()}"

    def status(self):
        return json.loads(self.penstock("status", "--json").stdout)

    def none_alive(self):
        """Whether all runners have ended, so that nothing will ever come."""
        return bool(self.runners) and not any(r.alive() for r in self.runners)

    def last_words(self):
        return "\n".join(r.text()[-3000:] for r in self.runners[-2:])

    def until(self, condition, seconds, what):
        """Waits for condition(), at most as long as a runner lives."""
        def holds():
            return condition() or (self.none_alive() and "ended")
        try:
            outcome = wait_for(holds, seconds, what)
        except TimeoutError as error:
            raise AssertionError(f"{error}\n{self.last_words()}") from error
        assert outcome != "ended", f"penstock ended while waiting for {what}:\n{self.last_words()}"

    def wait_streaming(self, seconds=60):
        """Until a runner's walsender is connected: the publication and the slot are there."""
        self.until(lambda: self.slot_row()["active"], seconds, "the slot to be read")

    def start_and_wait(self):
        """A runner that has loaded everything."""
        runner = self.start()
        self.wait_streaming()
        self.wait_loaded()
        return runner

    def wait_loaded(self, seconds=60):
        """Until no table is loading."""
        def loaded():
            tables = self.status()["tables"]
            return tables and all(t["state"] == "loaded" for t in tables)
        self.until(loaded, seconds, "the first load to end")
        self.wait(seconds=seconds)

    def slot_row(self):
        with self.postgres.connect() as connection:
            cursor = connection.execute(
                "SELECT active, active_pid, confirmed_flush_lsn::text, restart_lsn::text,"
                " pg_current_wal_lsn() - restart_lsn AS retained, pg_current_wal_lsn() - confirmed_flush_lsn AS behind"
                " FROM pg_replication_slots WHERE slot_name = %s", (self.slot,))
            row = cursor.fetchone()
            return dict(zip([c.name for c in cursor.description], row)) if row else {"active": False}

    # --- what must hold

    def differences(self, *views):
        return compare.differences(self.postgres_url, self.mongo.url(), self.target, views or self.views)

    def expect_equal(self, *views):
        found = self.differences(*views)
        assert not found, "\n".join(found)

    def expect_equal_now(self, *views):
        """After a `wait`."""
        self.wait()
        self.expect_equal(*views)

    def expect_equal_soon(self, *views, seconds=30):
        """A reload is under way: nothing says when it is over but equality, which must then stay."""
        self.until(lambda: not self.differences(*views), seconds, "both sides to be equal")
        self.expect_equal_now(*views)

    def log_text(self):
        """All that penstock ever printed here."""
        return "".join(p.read_text(errors="replace") for p in sorted(self.folder.glob("*.log")))

    def state_text(self):
        """All that penstock keeps in MongoDB, as text."""
        return "".join(str(d) for name in self.database.list_collection_names() if name.startswith("penstock_")
                       for d in self.database[name].find())

    def close(self, alone=True):
        """`alone`: no other pipeline uses the server now."""
        for one in (self, *self.companions):
            for runner in one.runners:
                runner.end()
        if alone:  # a transaction that a killed writer left open would hold the drop up until MongoDB ends it, for a minute
            self.client.admin.command({"killAllSessions": []})
        for one in (self, *self.companions):
            self.client.drop_database(one.target)
        self.client.close()
        self.drop_database()

    def drop_database(self):
        with self.postgres.connect() as connection:
            connection.execute("SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots"
                               " WHERE database = %s AND active", (self.name,))
            deadline = time.monotonic() + 10
            while time.monotonic() < deadline:
                try:
                    connection.execute("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots"
                                       " WHERE database = %s", (self.name,))
                    break
                except psycopg.errors.ObjectInUse:
                    time.sleep(0.05)
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(self.name)))


class Background:
    """A function called again and again in a thread until stop(); its exception is raised there."""

    def __init__(self, function):
        self._stop = threading.Event()
        self._error = None
        self._thread = threading.Thread(target=self._run, args=(function,), daemon=True)
        self._thread.start()

    def _run(self, function):
        try:
            while not self._stop.is_set():
                function()
        except BaseException as error:  # noqa: BLE001: handed to the test's thread
            self._error = error

    def stop(self):
        self._stop.set()
        self._thread.join(60)
        if self._error:
            raise self._error
