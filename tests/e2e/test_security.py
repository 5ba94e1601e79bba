"""Secrets stay where they belong, and secured servers are spoken to."""

import pytest
from support.mongo import PASSWORD

SECRET = "t0p-s3cret-pa55"


@pytest.fixture(scope="session")
def secure_mongo():
    from support import servers
    return servers.start_replica_set(1, secure=True, name="mongodb-secure")


def secured(pipeline, secure_mongo):
    role = pipeline.name + "_role"
    pipeline.sql("CREATE TABLE item (id int PRIMARY KEY, n int)", "INSERT INTO item SELECT i, 0 FROM generate_series(1, 1000) i",
                 f"CREATE ROLE {role} LOGIN REPLICATION PASSWORD '{SECRET}'", f"GRANT SELECT ON item TO {role}",
                 "CREATE PUBLICATION p FOR TABLE item")
    pipeline.mongo = secure_mongo
    pipeline.client.close()
    pipeline.client = secure_mongo.client()
    pipeline.database = pipeline.client[pipeline.name]
    url = pipeline.postgres_url.replace("postgres@", f"{role}:{SECRET}@")
    pipeline.configure({"items": "public.item"}, source={"postgres": url, "publication": "p"})
    return role


def test_tls_and_scram(pipeline, secure_mongo):
    role = secured(pipeline, secure_mongo)
    try:
        pipeline.penstock("check")
        pipeline.start_and_wait()
        pipeline.sql("UPDATE item SET n = 1 WHERE id % 2 = 0", "DELETE FROM item WHERE id % 3 = 0")
        pipeline.expect_equal_now()
    finally:
        clean(pipeline, role)


def test_passwords_never_reach_logs_status_or_state(pipeline, secure_mongo):
    role = secured(pipeline, secure_mongo)
    try:
        pipeline.penstock("check", "--explain", "--log-level", "debug")
        runner = pipeline.start("--log-level", "debug")
        pipeline.wait_streaming()
        pipeline.wait_loaded()
        pipeline.penstock("status")
        pipeline.penstock("status", "--json")
        pipeline.penstock("setup", "--log-level", "debug", expect=None)
        assert runner.stop() == 0
        definition = pipeline.file.read_text()
        pipeline.file.write_text(definition.replace(SECRET, SECRET + "-wrong").replace("127.0.0.1", "localhost"))
        pipeline.penstock("check", "--log-level", "debug", expect=None)
        pipeline.file.write_text(definition.replace(PASSWORD, PASSWORD + "-wrong"))
        refused = pipeline.penstock("check", "--log-level", "debug", expect=None)
        assert refused.returncode in (1, 3)
        pipeline.file.write_text(definition.replace("authSource", "authSorce"))
        pipeline.penstock("check", "--log-level", "debug", expect=None)
        pipeline.file.write_text(definition.replace("postgresql://", "postgresql:/"))
        pipeline.penstock("run", "--until-current", "--log-level", "debug", expect=None)
        for secret in (SECRET, PASSWORD):
            assert secret not in pipeline.log_text()
            assert secret not in pipeline.state_text()
    finally:
        clean(pipeline, role)


def clean(pipeline, role):
    for runner in pipeline.runners:
        runner.end()
    pipeline.sql(f"DROP OWNED BY {role}", f"DROP ROLE {role}")
