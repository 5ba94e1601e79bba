"""One random schema from beginning to end: tables, definitions, rounds of transactions with kills in between, and after
each round the comparison."""

import json
import os
import random
import shutil
import time

from support.compare import canonical, read_session

from e2e.read_models import comparison, definition_text
from e2e.read_models.comparison import ExpectedDocuments
from e2e.read_models.definition_maker import DefinitionMaker
from e2e.read_models.schema_maker import SchemaMaker
from e2e.read_models.sql_oracle import SqlOracle
from e2e.read_models.workload import SESSION, Workload

CHANGE_FIELD = "cdc_changed"
ROUNDS = int(os.environ.get("PENSTOCK_ROUNDS", "20"))
ONLY = os.environ.get("PENSTOCK_COLLECTION")  # while looking for a defect: this collection alone


class SchemaRun:
    """Everything random comes from the seed; streams of their own keep the transactions the same when the definitions
    are others."""

    def __init__(self, seed, pipeline, deep=False):
        self.seed, self.pipeline = seed, pipeline
        self.schema = SchemaMaker(self._dice("schema")).make()
        self.collections = [c for c in DefinitionMaker(self.schema, self._dice("definition"), deep).make()
                            if ONLY in (None, c.name)]
        self._workload = Workload(self.schema, self._dice("workload"))
        self._trouble = self._dice("trouble")
        self._soft = any(c.soft for c in self.collections)
        self._queries = {c.name: SqlOracle().query(c) for c in self.collections}
        self._writer = None
        self._runner = None
        self._once_shown = {c.name: set() for c in self.collections if c.soft}
        self.checks = self.documents = self.kills = 0

    def _dice(self, purpose):
        return random.Random(f"{self.seed} {purpose}")

    # --- the run

    def run(self, rounds=ROUNDS):
        self._create()
        self._configure()
        self._start()
        if self._trouble.random() < 0.3:  # while it loads
            self._kill(after=self._trouble.uniform(0, 0.5))
        try:
            self.pipeline.wait_streaming()
            self.pipeline.wait_loaded()
            self._check("the first load")
            for number in range(1, rounds + 1):
                self._round(number)
                self._check(f"round {number}")
        finally:
            self._writer.close()

    def _create(self):
        self._writer = self.pipeline.connect()
        for statement in self.schema.create():
            self._writer.execute(statement)
        self._writer.execute(SESSION)
        for statement in self._workload.first_rows():
            self._writer.execute(statement)

    def _configure(self):
        """Small groups and chunks now and then, so that fan-outs are stepped and loads take many chunks."""
        dice = self._dice("settings")
        settings = {"metadata": {"change": CHANGE_FIELD}} if self._soft else {}
        if dice.random() < 0.5:
            settings["groups"] = {"rows": dice.choice([1, 3, 10, 50])}
        if dice.random() < 0.5:
            settings["load"] = {"chunk_rows": dice.choice([1, 3, 10])}
        self.pipeline.configure({c.name: definition_text.collection(c) for c in self.collections}, **settings)

    def _round(self, number):
        kill_at = self._trouble.randrange(6) if number % 10 == 0 else None
        for transaction in range(self._trouble.randint(3, 7)):
            if transaction == kill_at:
                self._kill(after=self._trouble.choice([0, 0.01, 0.1]))
            with self._writer.transaction():
                for statement in self._workload.transaction():
                    self._writer.execute(statement)
        if kill_at is None and self._trouble.random() < 0.03:
            assert (code := self._runner.stop()) == 0, f"SIGTERM: exit code {code}\n{self.pipeline.last_words()}"
            self._start()

    def _start(self):
        self._runner = self.pipeline.start()

    def _kill(self, after):
        """kill -9 after so many seconds, and a new start; at times the state is lost too."""
        time.sleep(after)
        assert self._runner.alive(), self.pipeline.last_words()
        self._runner.kill()
        self.kills += 1
        if self._trouble.random() < 0.2:
            shutil.rmtree(self.pipeline.folder / "state", ignore_errors=True)
        self._start()

    # --- what must hold

    def _check(self, when):
        self.pipeline.wait()
        found = []
        with read_session(self.pipeline.postgres_url) as connection:
            connection.execute("SET jit = off")  # compiling these queries takes a thousand times longer than running them
            expected = ExpectedDocuments(connection)
            for collection in self.collections:
                found += self._differences(collection, expected.of(self._queries[collection.name]))
        self.checks += 1
        assert not found, self._told(when, found)

    def _differences(self, collection, wanted):
        self.documents += len(wanted)
        documents = self.pipeline.documents(collection.name)
        found = comparison.differences(collection.name, wanted, documents, (CHANGE_FIELD,) if self._soft else (),
                                       CHANGE_FIELD if collection.soft else None)
        if collection.soft:
            kept = {canonical(d["_id"]) for d in documents}
            self._once_shown[collection.name] |= set(wanted)
            found += [f"{collection.name}: the document of a deleted row is gone: {identity}"
                      for identity in self._once_shown[collection.name] - kept]
        return found

    def _told(self, when, found):
        """Enough to repeat it and to read it."""
        names = {line.split()[0].rstrip(":").split("[")[0] for line in found}
        definitions = {c.name: definition_text.collection(c) for c in self.collections if c.name in names}
        return "\n".join([f"after {when} ({self.kills} kills) of PENSTOCK_SEED={self.seed} PENSTOCK_SCHEMAS=1:", *found[:10],
                          json.dumps(definitions, indent=1, ensure_ascii=False), self.pipeline.last_words()[-1500:]])
