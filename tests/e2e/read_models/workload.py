"""Random transactions over the tables of a random schema: every statement hits values of small pools, so that rows come
before what they refer to, move, change their keys, go and come back."""

from e2e.read_models.schema_maker import payload_value, pool_value, quoted

SESSION = "SET session_replication_role = replica"  # the foreign keys are only there to be read


class Workload:
    def __init__(self, schema, dice):
        self._tables = schema.tables
        self._dice = dice

    def first_rows(self):
        """For each table some rows, of which many fit together."""
        for table in self._tables:
            for _ in range(self._dice.randint(0, 14)):
                yield self._insert(table)

    def transaction(self):
        """Its statements."""
        dice = self._dice
        if dice.random() < 0.015:
            yield self._truncate(dice.choice(self._tables))
        for _ in range(dice.choice([1, 1, 2, 3, 4, 6])):
            yield self._statement()
        if dice.random() < 0.1:
            yield "SAVEPOINT a"
            yield self._statement()
            yield "ROLLBACK TO a"
            yield self._statement()

    def _statement(self):
        kinds = ((self._insert, 34), (self._insert_many, 10), (self._update, 30), (self._move, 16), (self._change_key, 12),
                 (self._delete, 8), (self._update_unread, 6), (self._delete_and_insert, 4), (self._touch, 3))
        make = self._dice.choices([k for k, _ in kinds], [w for _, w in kinds])[0]
        return make(self._dice.choice(self._tables))

    # --- statements

    def _insert(self, table):
        names = ", ".join(quoted(c.name) for c in table.columns)
        values = ", ".join(self._value(c) for c in table.columns)
        return f"INSERT INTO {table.sql_name} ({names}) VALUES ({values}) ON CONFLICT DO NOTHING"

    def _insert_many(self, table):
        rows = [", ".join(self._value(c) for c in table.columns) for _ in range(self._dice.randint(3, 12))]
        names = ", ".join(quoted(c.name) for c in table.columns)
        return (f"INSERT INTO {table.sql_name} ({names}) VALUES {', '.join(f'({r})' for r in rows)} ON CONFLICT DO NOTHING")

    def _update(self, table):
        """Columns that are nobody's key."""
        columns = [c for c in table.columns if not c.pool]
        if not columns:
            return self._insert(table)
        chosen = self._dice.sample(columns, min(len(columns), self._dice.choice([1, 1, 2])))
        return f"UPDATE {table.sql_name} SET {self._assignments(chosen)} WHERE {self._some(table)}"

    def _move(self, table):
        """To another parent, or to none."""
        columns = [c for c in table.columns if c.pool and c.name not in table.key]
        if not columns:
            return self._update(table)
        chosen = self._dice.sample(columns, self._dice.randint(1, len(columns)))
        return f"UPDATE {table.sql_name} SET {self._assignments(chosen)} WHERE {self._some(table)}"

    def _change_key(self, table):
        """Only where the new key is free; at times other columns in the same statement."""
        dice = self._dice
        chosen = dice.sample(table.key, dice.randint(1, len(table.key)))
        new = {k: pool_value(table.column(k), self._number(table.column(k))) for k in chosen}
        same = " AND ".join(f"o.{quoted(k)} = {new.get(k, 't.' + quoted(k))}" for k in table.key)
        others = [c for c in table.columns if c.name not in table.key]
        also = dice.sample(others, min(len(others), dice.choice([0, 0, 1, 2])))
        assignments = [f"{quoted(k)} = {v}" for k, v in new.items()] + ([self._assignments(also)] if also else [])
        return (f"UPDATE {table.sql_name} AS t SET {', '.join(assignments)} WHERE {self._this(table, 't.')}"
                f" AND NOT EXISTS (SELECT FROM {table.sql_name} AS o WHERE {same})")

    def _delete(self, table):
        return f"DELETE FROM {table.sql_name} WHERE {self._some(table)}"

    def _delete_and_insert(self, table):
        """The same key within one transaction."""
        columns = {c.name: self._value(c) for c in table.columns}
        key = " AND ".join(f"{quoted(k)} = {columns[k]}" for k in table.key)
        names = ", ".join(map(quoted, columns))
        return (f"DELETE FROM {table.sql_name} WHERE {key};"
                f" INSERT INTO {table.sql_name} ({names}) VALUES ({', '.join(columns.values())})")

    def _update_unread(self, table):
        """An update that changes nothing: its row is sent all the same."""
        name = quoted(self._dice.choice(table.columns).name)
        return f"UPDATE {table.sql_name} SET {name} = {name} WHERE {self._some(table)}"

    def _touch(self, table):
        """Many rows at once."""
        columns = [c for c in table.columns if not c.pool]
        return f"UPDATE {table.sql_name} SET {self._assignments([self._dice.choice(columns)])}" if columns \
            else self._insert_many(table)

    def _truncate(self, table):
        return f"TRUNCATE {table.sql_name} CASCADE"

    # --- parts

    def _number(self, column):
        return self._dice.randrange(1, column.pool + 1)

    def _value(self, column):
        if column.nullable and self._dice.random() < 0.15:
            return f"NULL::{column.type}"
        if column.pool:
            return pool_value(column, self._number(column))
        return payload_value(column, self._dice)

    def _assignments(self, columns):
        return ", ".join(f"{quoted(c.name)} = {self._value(c)}" for c in columns)

    def _this(self, table, prefix=""):
        """One row, if it is there."""
        return " AND ".join(f"{prefix}{quoted(k)} = {pool_value(table.column(k), self._number(table.column(k)))}"
                            for k in table.key)

    def _some(self, table):
        """One row, or all with one value of a key or join column."""
        if self._dice.random() < 0.6:
            return self._this(table)
        column = self._dice.choice([c for c in table.columns if c.pool])
        return f"{quoted(column.name)} = {pool_value(column, self._number(column))}"
