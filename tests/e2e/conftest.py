"""Real servers, started once for the session when the first test asks; each test has databases of its own."""

import itertools
import os

import pytest
from support import servers
from support.feed import Feed
from support.kafka import Connect, Kafka
from support.pipeline import BINARY, Pipeline

VERSIONS = [15, 18]
_postgres = {}
_numbers = itertools.count(1)


def pytest_generate_tests(metafunc):
    """A test that takes `postgres` (or `pipeline`) runs on each version, unless marked `on_one_postgres`."""
    if "postgres" in metafunc.fixturenames:
        one = metafunc.definition.get_closest_marker("on_one_postgres")
        metafunc.parametrize("postgres", VERSIONS[:1] if one else VERSIONS, indirect=True,
                             ids=[f"pg{v}" for v in (VERSIONS[:1] if one else VERSIONS)])


@pytest.hookimpl(tryfirst=True)  # before -m chooses
def pytest_collection_modifyitems(items):
    for item in items:
        if "kafka" in item.fixturenames:
            item.add_marker(pytest.mark.kafka)
        if item.module.__name__.rpartition(".")[2].startswith(("test_spark", "test_library")):
            item.add_marker(pytest.mark.spark)


def pytest_sessionstart(session):
    if not os.access(BINARY, os.X_OK):
        pytest.exit(f"{BINARY} is not there; build it with scripts/build.sh", returncode=1)


def new_name():
    return f"test_{os.getpid()}_{next(_numbers)}"


@pytest.fixture
def postgres(request):
    version = request.param
    if version not in _postgres:
        _postgres[version] = servers.start_postgres(version)
    return _postgres[version]


@pytest.fixture(scope="session")
def mongo():
    """A replica set of one member, shared."""
    return servers.start_replica_set(1, test_commands=True)


@pytest.fixture(scope="session")
def kafka():
    """A broker, shared, with a second listener that asks for TLS and SASL."""
    return Kafka(servers.run_folder(), secure=True).start()


@pytest.fixture(scope="session")
def connect(kafka):
    """Kafka Connect with Debezium and MongoDB's sink, shared: a test deletes the connectors it makes."""
    return Connect(servers.run_folder(), kafka).start()


@pytest.fixture
def feed(request, pipeline, kafka, connect):
    """feed(NAME, **SETTINGS): a Debezium connector of the pipeline's database, and a pipeline that applies its topics."""
    made = []

    def make(name, tables, collections=None, **settings):
        made.append(Feed(pipeline.beside(name), kafka, connect, tables, collections, **settings))
        return made[-1]

    yield make
    for one in made:
        _print_logs(one.pipeline, request)
        one.remove()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    setattr(item, f"report_{report.when}", report)
    return report


@pytest.fixture
def pipeline(request, tmp_path, postgres, mongo):
    made = Pipeline(tmp_path, postgres, mongo, new_name())
    yield made
    _print_logs(made, request)
    made.close()


@pytest.fixture
def own_servers():
    """For tests that stop, kill or configure servers: what they start is removed at the test's end."""
    started = []

    class Own:
        def postgres(self, version=15, **settings):
            number = next(_numbers)
            server = servers.start_postgres(version, settings=settings, name=f"postgresql-{version}-own-{number}")
            started.append(server.remove)
            return server

        def mongo(self, members=1, **options):
            number = next(_numbers)
            server = servers.start_replica_set(members, name=f"mongodb-own-{number}", **options)
            started.extend(member.remove for member in server.members)
            return server

        def standalone(self):
            server = servers.start_standalone(name=f"mongodb-alone-{next(_numbers)}")
            started.append(server.member.remove)
            return server

    yield Own()
    for remove in reversed(started):
        remove()


@pytest.fixture
def make_pipeline(request, tmp_path):
    """make_pipeline(postgres, mongo): a pipeline on servers of the test's own."""
    made = []

    def make(postgres, mongo):
        name = new_name()
        folder = tmp_path / name
        folder.mkdir()
        made.append(Pipeline(folder, postgres, mongo, name))
        return made[-1]

    yield make
    for pipeline in made:
        for runner in pipeline.runners:
            runner.end()
        _print_logs(pipeline, request)


def _print_logs(pipeline, request):
    report = getattr(request.node, "report_call", None)
    if report is not None and report.failed:
        for runner in pipeline.runners:
            print(f"--- {runner.log}\n{runner.text()[-3000:]}")
