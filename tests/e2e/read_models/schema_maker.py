"""Random tables that can be joined into trees: references, composite keys, link tables, self-references, and columns of
many types. Values of a key come from small pools, so that keys are met, moved and used again all the time."""

import re
from dataclasses import dataclass, field

PLAIN = re.compile(r"^[a-z_][a-z0-9_]*$")
RESERVED = {"order", "user", "select", "group", "from", "where", "limit", "end", "desc", "table"}
KEY_TYPES = ["integer", "bigint", "text", "uuid", "date", "integer", "text", "bigint", "timestamptz", "numeric"]
PAYLOAD_TYPES = ["integer", "integer", "bigint", "smallint", "numeric(12,2)", "numeric(12,2)", "text", "text", "varchar(30)",
                 "boolean", "date", "timestamp", "timestamptz", "double precision", "jsonb", "uuid", "bytea", "text[]",
                 "char(4)", "time"]
ODD_NAMES = ["Unit Price", "order", "y", "Größe", "parentId", "user", "no"]
WORDS = ["", "a", "B", "apple", "Zoë", "ärger", "x y", "b%c", "10", "9.5", "Đỗ", "ab-cd-ef", "it''s", "Apple", "_", "null"]
MOMENTS = ["1969-12-31 23:59:59.999999", "2024-01-15 10:20:30", "2024-01-15 10:20:30.123456", "2024-02-29 00:00:00",
           "2023-12-31 23:30:00.5", "2024-01-31 12:00:00"]


def kind_of(type_name):
    """What expressions may do with it: 'int', 'text', ..."""
    base = type_name.split("(")[0]
    return {"integer": "int", "smallint": "int", "bigint": "int", "numeric": "numeric", "text": "text", "varchar": "text",
            "char": "char", "double precision": "float", "boolean": "bool"}.get(base, base)


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def in_expression(name):
    """A name as it must be written inside an expression."""
    return name if PLAIN.match(name) and name not in RESERVED else quoted(name)


@dataclass
class Column:
    name: str
    type: str
    nullable: bool = True
    pool: int = 0           # > 0: a key or join column with that many values
    large: bool = False     # its values are stored out of line

    @property
    def kind(self):
        return kind_of(self.type)


@dataclass
class Link:
    """Columns of this table that hold values of columns of another."""
    target: "Table"
    pairs: list             # [(column here, column of target)]
    foreign_key: bool = False


@dataclass
class Table:
    schema: str
    name: str
    columns: list = field(default_factory=list)
    key: list = field(default_factory=list)      # names, in the key's order
    links: list = field(default_factory=list)
    is_link: bool = False                        # many-to-many between its two links

    @property
    def full_name(self):
        return f"{self.schema}.{self.name}"

    @property
    def sql_name(self):
        return f"{quoted(self.schema)}.{quoted(self.name)}"

    def column(self, name):
        return next(c for c in self.columns if c.name == name)

    def create(self):
        columns = [f"{quoted(c.name)} {c.type}{'' if c.nullable else ' NOT NULL'}" for c in self.columns]
        columns.append(f"PRIMARY KEY ({', '.join(map(quoted, self.key))})")
        yield f"CREATE TABLE {self.sql_name} ({', '.join(columns)})"
        for column in self.columns:
            if column.large:
                yield f"ALTER TABLE {self.sql_name} ALTER {quoted(column.name)} SET STORAGE EXTERNAL"

    def foreign_keys(self):
        """They are in the catalog for joins to be found by; the workload does not obey them."""
        for link in self.links:
            if link.foreign_key:
                here = ", ".join(quoted(a) for a, _ in link.pairs)
                there = ", ".join(quoted(b) for _, b in link.pairs)
                yield (f"ALTER TABLE {self.sql_name} ADD FOREIGN KEY ({here})"
                       f" REFERENCES {link.target.sql_name} ({there})")


@dataclass
class Schema:
    tables: list

    def create(self):
        for name in sorted({t.schema for t in self.tables} - {"public"}):
            yield f"CREATE SCHEMA {quoted(name)}"
        for table in self.tables:
            yield from table.create()
        for table in self.tables:
            yield from table.foreign_keys()


def literal(text, type_name):
    return f"'{text}'::{type_name}"


def pool_value(column, number):
    """The number-th value of a key's pool, as SQL; the same for all types that are joined with each other."""
    kind = column.kind
    if kind == "text":
        return literal(("k" if number % 3 else "K") + str(number), column.type)
    if kind == "uuid":
        return literal(f"a0eebc99-9c0b-4ef8-bb6d-{number:012x}", "uuid")
    if kind == "date":
        return f"('2024-01-01'::date + {number})"
    if kind == "timestamptz":
        return f"('2024-01-01 00:00:00Z'::timestamptz + {number} * interval '1 microsecond')"
    return literal(str(number), column.type)


def payload_value(column, dice):
    if column.large:
        return f"repeat(md5('{dice.randrange(10**6)}'), {dice.randint(70, 75)})"
    makers = {
        "int": lambda: str(dice.choice([dice.randint(-5, 20), dice.randint(-5, 20), 150, 0])),
        "numeric": lambda: dice.choice(["0.10", "12.50", "-3.33", "1000000.01", "0", str(dice.randint(-9, 99)), "NaN"]),
        "text": lambda: dice.choice(WORDS), "char": lambda: dice.choice(["", "a", "abcd", "Ä"]),
        "float": lambda: str(dice.randint(-40, 40) / 4), "bool": lambda: dice.choice("tf"),
        "date": lambda: dice.choice(MOMENTS)[:10], "timestamp": lambda: dice.choice(MOMENTS),
        "timestamptz": lambda: dice.choice(MOMENTS) + dice.choice(["Z", "+07", "-03:30"]),
        "uuid": lambda: f"00000000-0000-4000-8000-{dice.randrange(10**6):012d}",
        "bytea": lambda: "\\x" + "00ff5c27"[: 2 * dice.randint(0, 4)],
        "text[]": lambda: dice.choice(["{}", "{a,b}", "{NULL,\"x y\"}", "{z}"]), "time": lambda: dice.choice(MOMENTS)[11:],
        "jsonb": lambda: dice.choice(['{}', '{"k": "v", "a": {"b": [1, 2.5, null]}}', '{"k": 7}', '[1, "x"]', '{"k": null}',
                                      '"s"', '{"a": {"b": "deep"}, "z": 1.10}']),
    }
    return literal(makers[column.kind](), column.type)


class SchemaMaker:
    def __init__(self, dice):
        self._dice = dice
        self._tenanted = dice.random() < 0.2  # one column in all keys and references, as in a multi-tenant database

    def make(self):
        dice = self._dice
        tables = []
        for number in range(dice.randint(2, 5)):
            tables.append(self._table(number, tables))
        if dice.random() < 0.6:
            tables.append(self._link_table(dice.choice(tables), dice.choice(tables)))
        if dice.random() < 0.4:
            self._join_by_a_shared_value(tables)
        if dice.random() < 0.2:
            self._same_name_in_two_schemas(tables)
        return Schema(tables)

    def _table(self, number, before):
        dice = self._dice
        table = Table("public", f"t{number}")
        if self._tenanted:
            table.columns.append(Column("tenant", "integer", False, pool=3))
        for part in range(dice.choice([1, 1, 1, 2])):
            table.columns.append(Column(f"id{number}" + "ab"[part] * (part > 0), dice.choice(KEY_TYPES), False,
                                        pool=dice.randint(4, 9 + 6 * number)))
        table.key = [c.name for c in table.columns]
        dice.shuffle(table.key)
        if before:
            self._reference(table, dice.choice(before[-2:]), "")
        if before and dice.random() < 0.4:
            self._reference(table, dice.choice(before), "second_")
        if dice.random() < 0.3:
            self._reference(table, table, "up_")
        self._payload(table)
        return table

    def _reference(self, table, target, prefix):
        dice = self._dice
        pairs = []
        for name in target.key:
            there = target.column(name)
            if name == "tenant" and self._tenanted:
                pairs.append(("tenant", "tenant"))
                continue
            here = name if not prefix and not any(c.name == name for c in table.columns) else f"{prefix or 'of_'}{name}"
            # One more value than the target's pool: references that hang in the air for good.
            table.columns.append(Column(here, self._joinable(there.type), dice.random() < 0.8, pool=there.pool + 1))
            pairs.append((here, name))
        same_types = all(table.column(a).type == target.column(b).type for a, b in pairs)
        table.links.append(Link(target, pairs, foreign_key=same_types and dice.random() < 0.5))

    def _joinable(self, type_name):
        """Sometimes another type that PostgreSQL compares with it."""
        if self._dice.random() < 0.85:
            return type_name
        return {"integer": "bigint", "bigint": "integer", "text": "varchar(20)"}.get(type_name, type_name)

    def _payload(self, table):
        dice = self._dice
        names = [f"c{n}" for n in range(1, 7)]
        if dice.random() < 0.3:
            names[0] = dice.choice(ODD_NAMES)
        for name in names[: dice.randint(2, 6)]:
            table.columns.append(Column(name, dice.choice(PAYLOAD_TYPES), dice.random() < 0.8))
        if dice.random() < 0.4:
            table.columns.append(Column("body", "text", large=True))
        if dice.random() < 0.3:  # key columns need not come first
            dice.shuffle(table.columns)

    def _link_table(self, left, right):
        dice = self._dice
        table = Table("public", "link", is_link=True)
        if dice.random() < 0.4:
            table.columns.append(Column("link_id", "integer", False, pool=25))
            table.key = ["link_id"]
        for side, target in (("l_", left), ("r_", right)):
            pairs = [(f"{side}{name}", name) for name in target.key]
            for here, there in pairs:
                column = target.column(there)
                table.columns.append(Column(here, column.type, bool(table.key) and dice.random() < 0.5, pool=column.pool + 1))
            table.links.append(Link(target, pairs, foreign_key=dice.random() < 0.5))
        if not table.key:
            table.key = [c.name for c in table.columns]
            for column in table.columns:
                column.nullable = False
        table.columns.append(Column("note", "text"))
        return table

    def _join_by_a_shared_value(self, tables):
        """Neither side is unique: every row of one with every row of the other that has the same region."""
        dice = self._dice
        left, right = dice.choice(tables), dice.choice(tables)
        if left is right or left.is_link or right.is_link:
            return
        for table in (left, right):
            table.columns.append(Column("region", "text", pool=3))
        left.links.append(Link(right, [("region", "region")]))

    def _same_name_in_two_schemas(self, tables):
        plain = [t for t in tables if not t.is_link]
        if len(plain) > 1:
            plain[1].schema, plain[1].name = "other", plain[0].name
