"""`penstock apply` of tables that change under real Debezium."""

import pytest

pytestmark = pytest.mark.on_one_postgres


def test_columns_that_change_and_a_table_that_is_renamed_under_debezium(pipeline, feed):
    """With schemas in the records and without, while apply runs and while it is away."""
    pipeline.sql("CREATE TABLE item (id int PRIMARY KEY, n int, gone text, kind text)",
                 "INSERT INTO item SELECT i, i, 'g', 'k' FROM generate_series(1, 50) i")
    schemas = {"key.converter.schemas.enable": "true", "value.converter.schemas.enable": "true"}
    feeds = [feed(name, ["item"], **settings) for name, settings in (("plain", {}), ("schemas", schemas))]
    runners = [one.apply() for one in feeds]
    pipeline.sql("ALTER TABLE item ADD COLUMN added text", "UPDATE item SET added = 'a' || id WHERE id <= 25",
                 "ALTER TABLE item ALTER n TYPE numeric(12,2)", "UPDATE item SET n = n + 0.5",
                 "ALTER TABLE item DROP COLUMN gone", "INSERT INTO item VALUES (51, 1.25, 'k', 'new')", "UPDATE item SET kind = 'K'")
    for one in feeds:
        one.wait_sent()
        one.pipeline.until(lambda one=one: not one.pipeline.differences(), 60, "equal documents")
    assert [runner.stop() for runner in runners] == [0, 0]
    pipeline.sql("ALTER TABLE item ADD COLUMN brief int", "UPDATE item SET brief = 7", "ALTER TABLE item RENAME COLUMN kind TO sort",
                 "UPDATE item SET sort = sort || brief", "ALTER TABLE item DROP COLUMN brief", "ALTER TABLE item ALTER n TYPE text",
                 "UPDATE item SET n = n || '!'",
                 "ALTER TABLE item RENAME TO renamed", "UPDATE renamed SET sort = 'meanwhile'", "ALTER TABLE renamed RENAME TO item",
                 "UPDATE item SET sort = 'back'")
    for one in feeds:
        one.apply()
        one.expect_equal()
