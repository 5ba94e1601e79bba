"""A definition as data: what the pipeline file says (definition_text.py writes it) and what SQL computes
(sql_oracle.py)."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Ref:
    """A column: `up` levels towards the root, then down through `one` embeds. Inside an aggregate the path begins with
    the embeds that are aggregated."""
    column: str
    up: int = 0
    path: tuple = ()


@dataclass(frozen=True)
class Aggregate:
    """`function(argument)` over the rows of the embeds in `path`; argument None: the rows themselves."""
    function: str                 # count, sum, ..., or 'count distinct'; of summaries also first_value, last_value
    path: tuple
    argument: "Expr | None" = None
    filter: "Expr | None" = None
    order: tuple = ()             # of Order


@dataclass(frozen=True)
class Expr:
    """Parts are SQL text, Refs and Aggregates; kind as schema_maker.kind_of gives it."""
    parts: tuple
    kind: str

    @property
    def bare(self):
        """The column's name when it is nothing but a column of its own level."""
        only = self.parts[0] if len(self.parts) == 1 else None
        return only.column if isinstance(only, Ref) and not only.up and not only.path else None


@dataclass(frozen=True)
class Order:
    by: Expr
    descending: bool = False
    nulls: str | None = None      # first, last; None: not said


@dataclass
class Field:
    name: str
    content: "Expr | list"        # a list of Fields is a sub-document
    as_type: str | None = None


@dataclass
class Through:
    table: object
    owner: list                   # [(column of the link table, column of the owner)]
    embedded: list                # [(column of the link table, column of the embedded table)]


@dataclass
class Level:
    """The root row or an embed."""
    table: object
    name: str = ""
    kind: str = "root"            # root, many, one
    parent: "Level | None" = None
    pairs: list = field(default_factory=list)   # [(embedded column, owner column)]
    join_style: str = "join"      # join, using, or 'foreign key': nothing is said
    through: Through | None = None
    where: Expr | None = None
    order: list = field(default_factory=list)
    limit: int | None = None
    depth: int = 1
    all_columns: bool = True
    as_list: bool = False         # fields are written as a list of names
    dropped: list = field(default_factory=list)
    fields: list = field(default_factory=list)
    embeds: list = field(default_factory=list)
    shape: str = "list"
    map_key: Expr | None = None
    value: Expr | None = None
    hidden: bool = False
    merge: bool = False

    def embed(self, name):
        return next(e for e in self.embeds if e.name == name)

    def shown_columns(self):
        """Columns that "*" brings."""
        replaced = {f.name for f in self.fields} | {e.name for e in self.embeds if not e.hidden and not e.merge}
        if not self.all_columns:
            return []
        return [c for c in self.table.columns if c.name not in self.dropped and c.name not in replaced]


@dataclass
class Collection:
    name: str
    root: Level
    group_by: list | None = None  # of Fields: a summary
    group_by_style: str = "map"   # map, list, or name: one column
    soft: bool = False
