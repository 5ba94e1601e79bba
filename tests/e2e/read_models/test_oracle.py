"""Random schemas, definitions, transactions and kills: the documents are always those that PostgreSQL computes.

PENSTOCK_SEED=N PENSTOCK_SCHEMAS=1 repeats one; PENSTOCK_SCHEMAS, PENSTOCK_ROUNDS and PENSTOCK_JOBS say how much."""

import os
import random
from concurrent.futures import ThreadPoolExecutor

import pytest
from support.pipeline import Pipeline

from e2e.read_models.schema_run import SchemaRun

FIRST = int(os.environ.get("PENSTOCK_SEED") or random.randrange(10**6))
COUNT = int(os.environ.get("PENSTOCK_SCHEMAS", "50"))
JOBS = int(os.environ.get("PENSTOCK_JOBS", "2"))
SOAK = int(os.environ.get("PENSTOCK_SOAK_SCHEMAS", "1000"))


def run_schema(seed, folder, postgres, mongo, deep=False):
    """The run, or the exception it ended with; the databases go in any case."""
    folder = folder / f"schema-{seed}"
    folder.mkdir(parents=True, exist_ok=True)
    pipeline = Pipeline(folder, postgres, mongo, f"oracle_{os.getpid()}_{seed}")
    try:
        run = SchemaRun(seed, pipeline, deep)
        run.run()
        return run
    except Exception as error:
        error.add_note(f"PENSTOCK_SEED={seed}")
        raise
    finally:
        pipeline.close(alone=False)


class Pool:
    """Runs the schemas of all selected tests, several at a time; each test then waits for its own."""

    def __init__(self):
        self._executor = ThreadPoolExecutor(JOBS)
        self._runs = {}

    def result(self, seed, seeds, *place):
        for one in seeds:
            if one not in self._runs:
                self._runs[one] = self._executor.submit(run_schema, one, *place)
        return self._runs[seed].result()

    def close(self):
        self._executor.shutdown(cancel_futures=True)


@pytest.fixture(scope="module")
def pool():
    made = Pool()
    yield made
    made.close()


def selected_seeds(request):
    return [i.callspec.params["seed"] for i in request.session.items
            if getattr(i, "originalname", "") == request.node.originalname]


@pytest.mark.on_one_postgres
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("seed", range(FIRST, FIRST + COUNT))
def test_documents_are_what_postgresql_computes(request, pool, tmp_path_factory, postgres, mongo, seed):
    run = pool.result(seed, selected_seeds(request), tmp_path_factory.getbasetemp(), postgres, mongo)
    print(f"seed {seed}: {run.checks} checks, {run.kills} kills, {run.documents} documents")
    assert run.checks > 1


# What each seed once found, with trees of any depth.
FORMER = {
    "nulls_sort_last_also_when_descending": 754218,
    "a_dropped_column_that_nothing_else_reads": 754224,
    "softly_deleted_documents_outlive_a_lost_state": 754190,
    "a_group_that_came_before_a_kill_and_went_after_it": 880008,
    "a_group_of_two_keys_that_went_after_a_kill": 880024,
}
# Found since trees have at most four levels.
FORMER_SHALLOW = {
    "ties_in_an_aggregates_order_go_by_keys": 840550,
    "a_group_that_only_a_fan_out_saw_before_a_kill": 840558,
}


@pytest.mark.on_one_postgres
@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", [*FORMER, *FORMER_SHALLOW])
def test_seeds_that_once_failed(tmp_path, postgres, mongo, name):
    seed = FORMER.get(name) or FORMER_SHALLOW[name]
    assert run_schema(seed, tmp_path, postgres, mongo, deep=name in FORMER).checks > 1


@pytest.mark.soak
@pytest.mark.on_one_postgres
@pytest.mark.timeout(24 * 3600)
def test_documents_are_what_postgresql_computes_long(tmp_path, postgres, mongo):
    """As many schemas as PENSTOCK_SOAK_SCHEMAS says; all that fail are told."""
    failed = []
    with ThreadPoolExecutor(JOBS) as executor:
        seeds = range(FIRST, FIRST + SOAK)
        runs = {seed: executor.submit(run_schema, seed, tmp_path, postgres, mongo) for seed in seeds}
        for seed, future in runs.items():
            if (error := future.exception()) is not None:
                failed.append(f"--- seed {seed}: {type(error).__name__} {error}")
                print(failed[-1])
    documents = sum(f.result().documents for f in runs.values() if not f.exception())
    print(f"soak: {len(runs)} schemas from seed {FIRST}, {documents} documents compared, {len(failed)} failed")
    assert not failed, "\n".join(failed)
