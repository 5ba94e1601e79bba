"""One SQL query per collection that gives its documents as PostgreSQL itself computes them.

A query gives two columns of JSON, _id and document. Each value stands in it as {"$": [type OID, text, as]}, so that it
is compared with its type; {"$key": ...} likewise for what stands in _id."""

import itertools

from e2e.read_models.definition import Expr, Ref
from e2e.read_models.schema_maker import quoted

LEAF = """(SELECT json_build_object('$', json_build_array(pg_typeof(v)::oid::int8,
 CASE WHEN v IS NULL THEN NULL ELSE format('%s', v) END, {as_type})) FROM (SELECT {sql}) AS leaf(v))"""


class Here:
    """Where an expression is evaluated: the level, and the alias of its row; then those of the levels around."""

    def __init__(self, level, alias, around=None):
        self.level, self.alias, self.around = level, alias, around

    def up(self, count):
        return self if count == 0 else self.around.up(count - 1)


class SqlOracle:
    def __init__(self):
        self._numbers = itertools.count(1)

    def query(self, collection):
        return self._summary(collection) if collection.group_by is not None else self._aggregate(collection.root)

    # --- documents of one root row each

    def _aggregate(self, root):
        here = Here(root, self._alias())
        where = self._expression(root.where, here) if root.where is not None else "true"
        identity = self._object([(k, self._leaf(f"{here.alias}.{quoted(k)}")) for k in root.table.key]) \
            if len(root.table.key) > 1 else self._leaf(f"{here.alias}.{quoted(root.table.key[0])}")
        return (f"SELECT {identity} AS _id, {self._document(here, None)} AS document"
                f" FROM {root.table.sql_name} AS {here.alias} WHERE {where}")

    def _document(self, here, depth):
        """`depth`: how often this self-reference may still be repeated inside."""
        level = here.level
        fields = [(c.name, self._leaf(f"{here.alias}.{quoted(c.name)}")) for c in level.shown_columns()]
        fields += [(f.name, self._field(f, here)) for f in level.fields]
        for embed in level.embeds:
            fields += self._embed_fields(embed, here, embed.depth)
        if depth is not None and depth > 1:
            fields += self._embed_fields(level, here, depth - 1)
        return self._object(fields)

    def _embed_fields(self, embed, owner, depth):
        if embed.hidden:
            return []
        if embed.merge:
            return [(f.name, self._one(embed, owner, lambda here, f=f: self._field(f, here))) for f in embed.fields]
        def content(here):
            if embed.value is not None:
                return self._leaf(self._expression(embed.value, here))
            return self._document(here, depth)
        if embed.kind == "one":
            return [(embed.name, self._one(embed, owner, content))]
        return [(embed.name, self._many(embed, owner, content))]

    def _one(self, embed, owner, content):
        here, rows = self._rows(embed, owner)
        return f"(SELECT {content(here)} {rows} ORDER BY {self._order(here)} LIMIT 1)"

    def _many(self, embed, owner, content):
        here, rows = self._rows(embed, owner)
        limit = "" if embed.limit is None else f" LIMIT {embed.limit}"
        name = self._expression(embed.map_key, here) if embed.map_key is not None \
            else f"format('%s', {here.alias}.{quoted(embed.table.key[0])})"
        picked = (f"SELECT {content(here)} AS d, {name} AS k, row_number() OVER (ORDER BY {self._order(here)}) AS n"
                  f" {rows} ORDER BY n{limit}")
        made = "json_object_agg(k, d ORDER BY n)" if embed.shape == "map" else "json_agg(d ORDER BY n)"
        empty = "'{}'" if embed.shape == "map" else "'[]'"
        return f"(SELECT coalesce({made}, {empty}::json) FROM ({picked}) AS picked)"

    def _rows(self, embed, owner):
        """FROM and WHERE of an embed's rows."""
        here = Here(embed, self._alias(), owner)
        tables = f"{embed.table.sql_name} AS {here.alias}"
        if embed.through is None:
            conditions = [f"{here.alias}.{quoted(a)} = {owner.alias}.{quoted(b)}" for a, b in embed.pairs]
        else:
            link = self._alias()
            tables += f", {embed.through.table.sql_name} AS {link}"
            conditions = [f"{link}.{quoted(a)} = {owner.alias}.{quoted(b)}" for a, b in embed.through.owner]
            conditions += [f"{link}.{quoted(a)} = {here.alias}.{quoted(b)}" for a, b in embed.through.embedded]
        if embed.where is not None:
            conditions.append(f"({self._expression(embed.where, here)})")
        return here, f"FROM {tables} WHERE {' AND '.join(conditions)}"

    def _order(self, here):
        return ", ".join([self._order_item(o, here) for o in here.level.order] + self._key_order(here))

    def _order_item(self, item, here):
        """NULLs come last unless the definition says otherwise."""
        return (self._collated(self._expression(item.by, here), item.by.kind) + (" DESC" if item.descending else "")
                + f" NULLS {(item.nulls or 'last').upper()}")

    def _key_order(self, here):
        table = here.level.table
        return [self._collated(f"{here.alias}.{quoted(k)}", table.column(k).kind) for k in table.key]

    @staticmethod
    def _collated(sql, kind):
        return f'({sql}) COLLATE "C"' if kind in ("text", "char") else f"({sql})"

    # --- documents of a group each

    def _summary(self, collection):
        """The names inside are computed for each row first: `key1`..., and a column for each part of an aggregate."""
        here = Here(collection.root, self._alias())
        inner = []
        keys = [self._computed(inner, here, f.content) for f in collection.group_by]
        fields = [(f.name, self._summary_expression(f.content, here, inner)) for f in collection.root.fields]
        where = self._expression(collection.root.where, here) if collection.root.where is not None else "true"
        inner += [f"{here.alias}.{quoted(k)} AS {quoted('row ' + k)}" for k in collection.root.table.key]
        names = [f.name for f in collection.group_by]
        identity = self._leaf(keys[0]) if len(keys) == 1 \
            else self._object([(n, self._leaf(k)) for n, k in zip(names, keys, strict=True)])
        document = self._object([(n, self._leaf(f"g.{quoted('field ' + n)}")) for n, _ in fields])
        aggregates = ", ".join([*keys] + [f"{sql} AS {quoted('field ' + n)}" for n, sql in fields])
        rows = f"SELECT {', '.join(inner)} FROM {here.level.table.sql_name} AS {here.alias} WHERE {where}"
        return (f"SELECT {identity} AS _id, {document} AS document FROM (SELECT {aggregates}"
                f" FROM ({rows}) AS r GROUP BY {', '.join(keys)}) AS g")

    def _computed(self, inner, here, expr):
        """A column of the inner query for what is computed from a row."""
        name = f"v{len(inner)}"
        inner.append(f"{self._expression(expr, here)} AS {name}")
        return name

    def _summary_expression(self, expr, here, inner):
        return "".join(p if isinstance(p, str) else self._summary_call(p, here, inner) for p in expr.parts)

    def _summary_call(self, call, here, inner):
        argument = "*" if call.argument is None else self._computed(inner, here, call.argument)
        order = [f"{self._collated(self._computed(inner, here, o.by), o.by.kind)}{' DESC' if o.descending else ''}"
                 f" NULLS {(o.nulls or 'last').upper()}" for o in call.order]
        table = here.level.table
        order += [self._collated(quoted("row " + k), table.column(k).kind) for k in table.key]
        condition = "" if call.filter is None else f" FILTER (WHERE {self._computed(inner, here, call.filter)})"
        if call.function in ("first_value", "last_value"):
            rows = f"array_agg({argument} ORDER BY {', '.join(order)}){condition}"
            return f"({rows})[{1 if call.function == 'first_value' else f'cardinality({rows})'}]"
        ordered = f" ORDER BY {', '.join(order)}" if call.function == "array_agg" else ""
        function, distinct = (call.function.split() + [""])[:2]
        return f"{function}({distinct} {argument}{ordered}){condition}"

    # --- expressions

    def _field(self, made, here):
        if isinstance(made.content, list):
            return self._object([(f.name, self._field(f, here)) for f in made.content])
        return self._leaf(self._expression(made.content, here), made.as_type)

    def _expression(self, expr: Expr, here, aggregated=()):
        """`aggregated`: [(path, Here)] of the embeds an aggregate ranges over, inside its argument."""
        return "(" + "".join(self._part(p, here, aggregated) for p in expr.parts) + ")"

    def _part(self, part, here, aggregated):
        if isinstance(part, str):
            return part
        return self._reference(part, here, aggregated) if isinstance(part, Ref) else self._call(part, here)

    def _reference(self, ref, here, aggregated):
        for path, at in reversed(aggregated):
            if not ref.up and ref.path[: len(path)] == path:
                return self._column_of(at, ref.path[len(path):], ref.column)
        return self._column_of(here.up(ref.up), ref.path, ref.column)

    def _column_of(self, here, path, column):
        """Down through `one` embeds: the column of their first row, NULL where there is none."""
        if not path:
            return f"{here.alias}.{quoted(column)}"
        return self._one(here.level.embed(path[0]), here, lambda below: self._column_of(below, path[1:], column))

    def _call(self, call, here):
        """An aggregate over embeds: their rows, whatever their `limit`."""
        tables, aggregated, at = [], [], here
        for count in range(1, len(call.path) + 1):
            at, rows = self._rows(at.level.embed(call.path[count - 1]), at)
            if at.level.kind == "one":
                rows += f" ORDER BY {self._order(at)} LIMIT 1"
            tables.append(f"LATERAL (SELECT {at.alias}.* {rows}) AS {at.alias}")
            aggregated.append((call.path[:count], at))
        def inside(expr):
            return self._expression(expr, here, aggregated)
        function, distinct = (call.function.split() + [""])[:2]
        argument = "*" if call.argument is None else f"{distinct} {inside(call.argument)}"
        if call.order:
            items = [f"{self._collated(inside(o.by), o.by.kind)}{' DESC' if o.descending else ''}"
                     f" NULLS {(o.nulls or 'last').upper()}" for o in call.order]
            argument += f" ORDER BY {', '.join(items + [k for _, h in aggregated for k in self._key_order(h)])}"
        condition = "" if call.filter is None else f" FILTER (WHERE {inside(call.filter)})"
        return f"(SELECT {function}({argument}){condition} FROM {', '.join(tables)})"

    # --- JSON

    def _alias(self):
        return f"a{next(self._numbers)}"

    @staticmethod
    def _leaf(sql, as_type=None):
        return LEAF.format(sql=sql, as_type="NULL" if as_type is None else f"'{as_type}'").replace("\n", "")

    @staticmethod
    def _object(fields):
        """In parts, as a function takes at most a hundred arguments."""
        if not fields:
            return "'{}'::json"
        return "json_build_object(" + ", ".join("'" + n.replace("'", "''") + f"', {sql}" for n, sql in fields) + ")"
