"""Random definitions over random tables: trees of embeds of every kind, and summaries."""

from e2e.read_models.definition import Collection, Expr, Field, Level, Through
from e2e.read_models.expression_maker import ExpressionMaker, column, parenthesised

MAX_LEVELS = 4
MAX_EMBEDS = 9
AS_TYPES = {"numeric": ["string", "double"], "int": ["long", "double", "string", "decimal"], "timestamptz": ["string"], "date": ["string"],
            "timestamp": ["string"], "float": ["string"]}


class DefinitionMaker:
    def __init__(self, schema, dice, deep=False):
        self._tables = schema.tables
        self._dice = dice
        self._expressions = ExpressionMaker(dice)
        self._names = 0
        self._embeds = 0
        self._deep = deep  # as many levels as come

    def make(self):
        """Two to four collections; the second is often of the same table as the first."""
        plain = [t for t in self._tables if not t.is_link]
        collections = [self._aggregate("docs0", self._dice.choice(plain))]
        again = collections[0].root.table if self._dice.random() < 0.4 else self._dice.choice(plain)
        collections.append(self._aggregate("docs1", again))
        if self._dice.random() < 0.7:
            collections.append(self._summary("groups", self._dice.choice(self._tables)))
        if self._dice.random() < 0.3:
            collections.append(self._plain("copies", self._dice.choice(self._tables)))
        return collections

    # --- collections

    def _aggregate(self, name, table):
        self._embeds = 0
        root = Level(table)
        self._add_embeds(root, 1)
        self._fill(root)
        if self._chance(0.35):
            root.where = self._expressions.condition(root)
        return Collection(name, root, soft=self._chance(0.1))

    def _plain(self, name, table):
        root = Level(table)
        self._fill(root)
        if self._chance(0.5):
            root.where = self._expressions.condition(root)
        return Collection(name, root)

    def _summary(self, name, table):
        self._embeds = 0
        root = Level(table)
        for _ in range(self._dice.choice([0, 1, 2])):
            self._add_embed(root, MAX_LEVELS, only_one=True)
        for embed in root.embeds:
            embed.hidden, embed.merge = True, False
        if self._chance(0.3):
            root.where = self._expressions.condition(root, embeds=False)
        root.all_columns = False
        keys, style = self._group_keys(root)
        for _ in range(self._dice.randint(1, 4)):
            root.fields.append(Field(self._new_name("g"), self._expressions.group_call(root)))
        return Collection(name, root, keys, style)

    def _group_keys(self, root):
        """Kinds whose equal values look the same."""
        good = [e for e in self._expressions.columns(root) if e.kind in ("int", "text", "bool", "date", "uuid", "timestamptz")]
        own = [e for e in good if not e.parts[0].path]
        if self._chance(0.4):
            return [Field(e.bare, e) for e in [self._dice.choice(own)]], "name"
        if self._chance(0.3):
            names = self._dice.sample(sorted({e.bare for e in own}), min(2, len({e.bare for e in own})))
            return [Field(n, column(n, "")) for n in names], "list"
        keys = []
        for _ in range(self._dice.choice([1, 2, 2, 3])):
            expr = self._dice.choice(good)
            if self._chance(0.3) and expr.kind in ("int", "text"):
                expr = Expr((*parenthesised(expr).parts, " % 3" if expr.kind == "int" else " || '!'"), expr.kind)
            keys.append(Field(self._new_name("k"), expr))
        return keys, "map"

    # --- embeds

    def _add_embeds(self, level, depth):
        if depth >= MAX_LEVELS:
            return
        for _ in range(self._dice.choice([1, 2, 3] if depth == 1 else [0, 1, 1, 2])):
            if self._embeds < MAX_EMBEDS:
                self._add_embed(level, depth)

    def _add_embed(self, level, depth, only_one=False):
        ways = self._ways(level.table)
        if only_one:
            ways = [w for w in ways if w[0] == "one"]
        if not ways:
            return
        kind, table, pairs, through, foreign_key = self._dice.choice(ways)
        embed = Level(table, self._new_name("e"), kind, level, pairs, through=through)
        self._embeds += 1
        embed.join_style = self._join_style(embed, level, foreign_key)
        level.embeds.append(embed)
        if table is level.table and through is None and self._chance(0.6) and not only_one:
            embed.depth = self._dice.randint(2, 3)
        if not only_one:
            self._dress(embed, level, depth)

    def _dress(self, embed, owner, depth):
        merge = embed.kind == "one" and embed.depth == 1 and self._chance(0.2)
        if merge:
            self._merged(embed)
            return
        embed.hidden = embed.depth == 1 and self._chance(0.2)
        self._add_embeds(embed, depth + embed.depth - (1 if self._deep else 0))
        if self._chance(0.3):
            embed.where = self._expressions.condition(embed)
        if self._chance(0.6 if embed.kind == "many" else 0.2):
            embed.order = self._expressions.orders(embed)
        if embed.kind == "many":
            self._shape(embed)
            if self._chance(0.25) and embed.shape != "map":
                embed.limit = self._dice.randint(1, 4)
        if embed.value is None:
            self._fill(embed)
        self._maybe_replace_a_column(embed, owner)

    def _merged(self, embed):
        embed.merge, embed.all_columns = True, False
        if self._chance(0.3):
            embed.where = self._expressions.condition(embed)
        for _ in range(self._dice.randint(1, 3)):
            content = self._expressions.bare(embed) if self._chance(0.5) else self._expressions.scalar(embed)
            embed.fields.append(Field(self._new_name("m"), content))

    def _shape(self, embed):
        """Fields of a map must differ: they are the key's text, or an expression that is unique."""
        embed.shape = self._dice.choice(["list", "list", "list", "values", "map"])
        key = [embed.table.column(k) for k in embed.table.key]
        if embed.shape == "map" and embed.through is not None:
            embed.shape = "list"  # a row may be reached twice
        if embed.depth > 1 and embed.shape == "values":
            embed.shape = "list"
        if embed.shape == "map" and (len(key) > 1 or key[0].kind not in ("int", "text", "uuid", "date") or self._chance(0.4)):
            parts = ["'k'"]
            for c in key:
                parts += [" || '/' || ", *column(c.name, c.kind).parts, "::text"]
            embed.map_key = Expr(tuple(parts), "text")
        if embed.shape == "values" or (embed.shape == "map" and embed.depth == 1 and self._chance(0.4)):
            embed.value = self._expressions.scalar(embed) if self._chance(0.5) else self._expressions.bare(embed)

    def _ways(self, table):
        """(kind, table, pairs, through, whether only one foreign key says so) of what can be embedded in this one."""
        ways = []
        for link in table.links:
            ways.append((self._one_or_many(), link.target, [(b, a) for a, b in link.pairs], None, link))
        for other in self._tables:
            for link in other.links:
                if link.target is table:
                    ways += [("many" if self._chance(0.85) else "one", other, link.pairs, None, link)]
            if other.is_link:
                ways += self._through(table, other)
        return ways

    def _one_or_many(self):
        return "one" if self._chance(0.9) else "many"

    def _through(self, table, link_table):
        left, right = link_table.links
        for near, far in ((left, right), (right, left)):
            if near.target is table:
                yield "many", far.target, [], Through(link_table, near.pairs, far.pairs), None

    def _join_style(self, embed, owner, link):
        if embed.through is not None:
            return "join"
        if all(a == b for a, b in embed.pairs) and self._chance(0.5):
            return "using"
        between = [k for t in {id(embed.table): embed.table, id(owner.table): owner.table}.values()
                   for k in t.links if k.foreign_key and {id(t), id(k.target)} == {id(embed.table), id(owner.table)}]
        if len(between) == 1 and between[0] is link and embed.table is not owner.table and self._chance(0.6):
            return "foreign key"
        return "join"

    def _maybe_replace_a_column(self, embed, owner):
        """An embed replaces the column of the same name that "*" brings."""
        if embed.hidden or embed.depth > 1 or embed.table is owner.table or not self._chance(0.12):
            return
        name = self._dice.choice(owner.table.columns).name
        if all(e.name != name for e in owner.embeds):
            embed.name = name

    # --- fields

    def _fill(self, level):
        """Fields of a level; its embeds are there already, and expressions may read them."""
        style = self._dice.random()
        if style < 0.25 or level.hidden:
            return
        taken = {e.name for e in level.embeds}
        if style < 0.4:
            level.all_columns, level.as_list = False, True
            names = [c.name for c in level.table.columns if c.name not in taken]
            level.fields = [Field(n, column(n, level.table.column(n).kind)) for n in self._dice.sample(names, min(3, len(names)))]
            return
        level.all_columns = self._chance(0.7)
        names = [c.name for c in level.table.columns if c.name not in taken]
        if level.all_columns and self._chance(0.5):
            level.dropped = self._dice.sample(names, 1)
        level.fields += [f for f in self._fields(level, taken) if f.name not in level.dropped]
        if not level.all_columns and not level.fields:
            level.fields = [Field(self._new_name("f"), self._expressions.bare(level))]

    def _fields(self, level, taken):
        for _ in range(self._dice.randint(1, 4)):
            choice = self._dice.random()
            if choice < 0.3 and (call := self._expressions.aggregate(level)) is not None:
                yield Field(self._new_name("f"), call)
            elif choice < 0.7:
                yield Field(self._new_name("f"), self._expressions.scalar(level))
            elif choice < 0.8:
                yield Field(self._new_name("f"), [Field("a", self._expressions.bare(level)),
                                                  Field("b", self._expressions.scalar(level))])
            else:
                yield self._converted_column(level, taken)

    def _converted_column(self, level, taken):
        columns = [c for c in level.table.columns if c.name not in taken and c.kind in AS_TYPES and c.name not in level.dropped
                   and all(f.name != c.name for f in level.fields)]
        if not columns or not self._chance(0.7):
            return Field(self._new_name("f"), self._expressions.bare(level))
        chosen = self._dice.choice(columns)
        taken.add(chosen.name)
        return Field(chosen.name, column(chosen.name, chosen.kind), self._dice.choice(AS_TYPES[chosen.kind]))

    def _chance(self, share):
        return self._dice.random() < share

    def _new_name(self, prefix):
        self._names += 1
        return f"{prefix}{self._names}"
