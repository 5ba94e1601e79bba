"""Random expressions over what a level sees: its columns, those of `one` embeds and of the rows around, and aggregates
over its `many` embeds. None of them can fail on the values that schema_maker gives."""

from e2e.read_models.definition import Aggregate, Expr, Order, Ref

# Templates: {} is a value of the kind they stand under; the second is the kind of the result.
SCALARS = {
    "int": [("{} + 1", "int"), ("{} * 2 - 3", "int"), ("abs({})", "int"), ("{} % 5", "int"), ("-{}", "int"), ("{} / 2", "int"),
            ("round({} / 3.0, 2)", "numeric"), ("{}::text", "text"), ("coalesce({}, 0)", "int"), ("nullif({}, 0)", "int"),
            ("case when {} > 3 then 'big' when {} is null then 'none' else 'small' end", "text"),
            ("{}::numeric(12,3)", "numeric"), ("greatest({}, 4)", "int"), ("{}::double precision / 4", "float")],
    "numeric": [("{} * 1.1", "numeric"), ("round({}, 1)", "numeric"), ("{} + 1", "numeric"), ("coalesce({}, 0.00)", "numeric"),
                ("({} * 3)::numeric(14,1)", "numeric"), ("{}::text", "text"), ("abs({})", "numeric"), ("{} / 7", "numeric"),
                ("case when {} < 0 then -1 else 1 end", "int"), ("floor({})", "numeric"), ("least({}, 10)", "numeric")],
    "float": [("{} * 2", "float"), ("{} + 0.5", "float"), ("{}::text", "text"), ("abs({})", "float")],
    "text": [("upper({})", "text"), ("lower({})", "text"), ("initcap({})", "text"), ("length({})", "int"),
             ("{} || '-x'", "text"), ("coalesce({}, 'none')", "text"), ("left({}, 2)", "text"), ("right({}, 2)", "text"),
             ("replace({}, 'a', 'b')", "text"), ("split_part({}, '-', 2)", "text"), ("substring({} from 2 for 3)", "text"),
             ("md5({})", "text"), ("trim({})", "text"), ("lpad({}, 6, '*')", "text"), ("nullif({}, '')", "text"),
             ("concat({}, '/', {})", "text"), ("regexp_replace({}, '[aeiou]', '#', 'g')", "text")],
    "bool": [("not {}", "bool"), ("coalesce({}, false)", "bool"), ("case when {} then 1 else 0 end", "int")],
    "date": [("{} + 7", "date"), ("to_char({}, 'YYYY-MM-DD')", "text"), ("extract(year from {})", "numeric"),
             ("{} - date '2024-01-01'", "int")],
    "timestamp": [("date_trunc('month', {})", "timestamp"), ("to_char({}, 'DD.MM.YYYY HH24:MI')", "text"),
                  ("{}::date", "date"), ("extract(hour from {})", "numeric"), ("{} + interval '1 day'", "timestamp")],
    "timestamptz": [("{} at time zone 'UTC'", "timestamp"), ("extract(epoch from {})", "numeric"),
                    ("{} + interval '90 minutes'", "timestamptz")],
    "jsonb": [("{} -> 'a'", "jsonb"), ("{} ->> 'k'", "text"), ("{} #>> '{{a,b}}'", "text")],
    "text[]": [("array_length({}, 1)", "int"), ("{}[1]", "text")],
    "uuid": [("{}::text", "text")],
}
CONDITIONS = {
    "int": ["{} > 3", "{} <> 2", "{} between 0 and 9", "{} in (1, 2, 3, 5, 8)", "{} is not null", "{} % 2 = 0"],
    "numeric": ["{} > 1.5", "{} is not null", "{} < 20"],
    "float": ["{} > 0", "{} <= 5"],
    "text": ["{} <> ''", "{} like 'a%'", "{} ilike '%A%'", "{} is null", "{} > 'B'", "{} in ('a', 'apple', 'k1', 'k2')",
             "{} ~ '^[a-zA-Z]'"],
    "bool": ["{}", "not {}", "{} is not true"],
    "date": ["{} > date '2024-01-15'", "{} is not null"],
    "timestamp": ["{} >= timestamp '2024-01-31'"],
    "timestamptz": ["{} < timestamptz '2024-02-01 00:00:00Z'"],
    "jsonb": ["{} ? 'k'", "{} ->> 'k' = 'v'"],
    "text[]": ["'a' = any({}::text[])"],
}
AGGREGATES = {
    "int": ["sum", "avg", "min", "max", "count", "count distinct"], "numeric": ["sum", "avg", "min", "max", "count"],
    "float": ["sum", "min", "max"], "text": ["min", "max", "count", "count distinct", "array_agg"],
    "bool": ["bool_and", "bool_or", "count"], "date": ["min", "max", "array_agg"], "timestamp": ["min", "max"],
    "timestamptz": ["min", "max"], "uuid": ["count distinct"], "jsonb": ["count"],
}
RESULT = {"count": "int", "count distinct": "int", "avg": "numeric", "array_agg": "array", "bool_and": "bool", "bool_or": "bool"}
ORDERED = ("int", "numeric", "text", "float", "date", "timestamp", "timestamptz", "bool")


def column(name, kind, up=0, path=()):
    return Expr((Ref(name, up, tuple(path)),), kind)


def filled(template, expr, kind):
    """The template with the expression in each {}; {{ and }} are braces."""
    pieces = template.replace("{{", "\x01").replace("}}", "\x02").split("{}")
    parts = []
    for number, piece in enumerate(pieces):
        parts += list(expr.parts) if number else []
        parts.append(piece.replace("\x01", "{").replace("\x02", "}"))
    return Expr(tuple(p for p in parts if p != ""), kind)


def parenthesised(expr):
    return Expr(("(", *expr.parts, ")"), expr.kind) if len(expr.parts) > 1 else expr


class ExpressionMaker:
    def __init__(self, dice):
        self._dice = dice

    # --- what is in sight

    def columns(self, level):
        """Columns of this level (more often), of the `one` embeds below and of the rows around."""
        own = [column(c.name, c.kind) for c in level.table.columns]
        seen = own * 3
        seen += [self._below(embed, c) for embed in level.embeds if embed.kind == "one" for c in embed.table.columns]
        for up, around in enumerate(self._around(level), 1):
            seen += [column(c.name, c.kind, up) for c in around.table.columns]
        return seen

    @staticmethod
    def _around(level):
        """The levels above, as far as they are the same wherever a repeated embed stands."""
        while level.parent is not None:
            yield level.parent
            if level.depth > 1:
                return
            level = level.parent

    @staticmethod
    def _below(embed, c):
        return column(c.name, c.kind, path=(embed.name,))

    def _pick(self, candidates, kinds):
        fitting = [e for e in candidates if e.kind in kinds]
        return self._dice.choice(fitting) if fitting else None

    # --- expressions

    def bare(self, level):
        return self._dice.choice(self.columns(level))

    def scalar(self, level, steps=None):
        """A column, or a function of one, or of that, or of two."""
        expr = self._pick(self.columns(level), SCALARS)
        if expr is None:
            return self.bare(level)
        steps = self._dice.choice([1, 1, 2]) if steps is None else steps
        for _ in range(steps):
            expr = self._apply(expr)
        if self._dice.random() < 0.2:
            expr = self._combined(level, expr)
        return expr

    def _apply(self, expr):
        if expr.kind not in SCALARS:
            return expr
        template, kind = self._dice.choice(SCALARS[expr.kind])
        return filled(template, parenthesised(expr), kind)

    def _combined(self, level, expr):
        other = self._pick(self.columns(level), (expr.kind,))
        if other is None or expr.kind not in ("int", "numeric", "text"):
            return expr
        sign = "||" if expr.kind == "text" else self._dice.choice("+-*")
        return Expr((*parenthesised(expr).parts, f" {sign} ", *other.parts), expr.kind)

    def condition(self, level, embeds=True):
        made = self._one_condition(level, embeds)
        if self._dice.random() < 0.3:
            sign = self._dice.choice([" and ", " or "])
            made = Expr(("(", *made.parts, ")", sign, "(", *self._one_condition(level, embeds).parts, ")"), "bool")
        return made

    def _one_condition(self, level, embeds):
        many = [e for e in level.embeds if e.kind == "many" and self._countable(level, e)]
        if embeds and many and self._dice.random() < 0.3:
            call = Aggregate("count", (self._dice.choice(many).name,))
            return Expr((call, self._dice.choice([" > 0", " between 1 and 3", " < 3"])), "bool")
        candidates = self.columns(level) if embeds else self._without_embeds(level)
        expr = self._pick(candidates, CONDITIONS)
        if expr is None:
            return Expr((column(level.table.key[0], "").parts[0], " is not null"), "bool")
        return filled(self._dice.choice(CONDITIONS[expr.kind]), expr, "bool")

    def _without_embeds(self, level):
        return [e for e in self.columns(level) if not e.parts[0].path]

    def orders(self, level):
        """One or two things to order by; a column, at times an expression."""
        made = []
        for _ in range(self._dice.choice([1, 1, 2])):
            by = self._pick(self.columns(level), ORDERED)
            if by is not None and self._dice.random() < 0.2:
                applied = self._apply(by)
                by = applied if applied.kind in ORDERED else by
            if by is not None:
                made.append(self._order(by))
        return made

    def _order(self, by):
        return Order(by, self._dice.random() < 0.4, self._dice.choice([None, None, None, "first", "last"]))

    # --- aggregates

    def aggregate(self, level):
        """Over a `many` embed of this level, or over one inside it; None where there is none."""
        paths = self._many_paths(level)
        return None if not paths else self._call(*self._dice.choice(paths), owner=level)

    def _many_paths(self, level, before=()):
        """Over a `many`, or several inside each other, with `one` embeds between."""
        found = []
        for embed in level.embeds:
            path = (*before, embed.name)
            if self._countable(level, embed):
                found += [(path, embed)] if embed.kind == "many" else []
                found += self._many_paths(embed, path)
        return found

    @staticmethod
    def _countable(level, embed):
        """count(name) would mean a column of that name."""
        return embed.depth == 1 and all(c.name != embed.name for c in level.table.columns)

    def _call(self, path, embed, owner):
        if self._dice.random() < 0.25:
            return self._dressed(Expr((Aggregate("count", path),), "int"))
        inside = [self._moved(e, path) for e in self.columns(embed) if not e.parts[0].up]
        argument = self._pick(inside, AGGREGATES)
        if argument is None:
            return Expr((Aggregate("count", path),), "int")
        function = self._dice.choice(AGGREGATES[argument.kind])
        argument = self._product(inside, owner, argument, function)
        order = (self._order(self._pick(inside, ORDERED) or argument),) if function == "array_agg" else ()
        condition = None
        if self._dice.random() < 0.3 and (tested := self._pick(inside, CONDITIONS)):
            condition = filled(self._dice.choice(CONDITIONS[tested.kind]), tested, "bool")
        kind = RESULT.get(function, argument.kind)
        return self._dressed(Expr((Aggregate(function, path, argument, condition, order),), kind))

    def _product(self, inside, owner, argument, function):
        """sum(lines.quantity * lines.product.price), sum(lines.quantity * factor)"""
        if function != "sum" or argument.kind == "float" or self._dice.random() < 0.4:
            return argument
        own = [column(c.name, c.kind) for c in owner.table.columns]
        other = self._pick(inside * 3 + own, ("int", "numeric"))
        return Expr((*argument.parts, " * ", *other.parts), "numeric") if other else argument

    @staticmethod
    def _moved(expr, path):
        ref = expr.parts[0]
        return Expr((Ref(ref.column, 0, path + ref.path),), expr.kind)

    def _dressed(self, call):
        """At times more than the bare call."""
        if self._dice.random() < 0.3 and call.kind in ("int", "numeric"):
            template = self._dice.choice(["coalesce({}, 0)", "({})::numeric(20,2)", "round({}, 2)", "{} + 1"])
            return filled(template, call, "numeric")
        return call

    # --- summaries

    def group_call(self, level):
        """An aggregate over the rows of a group."""
        candidates = [e for e in self.columns(level) if not e.parts[0].up]
        if self._dice.random() < 0.2:
            return Expr((Aggregate("count", ()),), "int")
        argument = self._pick(candidates, AGGREGATES)
        if argument is None:
            return Expr((Aggregate("count", ()),), "int")
        function = self._dice.choice(AGGREGATES[argument.kind] + ["first_value", "last_value"])
        order = ()
        if function in ("array_agg", "first_value", "last_value"):
            order = (self._order(self._pick(candidates, ORDERED) or argument),)
        condition = None
        if self._dice.random() < 0.25 and (tested := self._pick(candidates, CONDITIONS)):
            condition = filled(self._dice.choice(CONDITIONS[tested.kind]), tested, "bool")
        return self._dressed(Expr((Aggregate(function, (), argument, condition, order),), RESULT.get(function, argument.kind)))
