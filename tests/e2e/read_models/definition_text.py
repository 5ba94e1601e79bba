"""Definitions as the pipeline file has them (as JSON, which is YAML)."""

from e2e.read_models.definition import Ref
from e2e.read_models.schema_maker import in_expression


def expression(expr):
    return "".join(_part(p) for p in expr.parts)


def _part(part):
    if isinstance(part, str):
        return part
    if isinstance(part, Ref):
        return ".".join(["parent"] * part.up + [in_expression(n) for n in (*part.path, part.column)])
    return _aggregate(part)


def _aggregate(call):
    function, distinct = (call.function.split() + [""])[:2]
    if call.argument is not None:
        inside = f"{distinct} {expression(call.argument)}".strip()
    else:
        inside = ".".join(map(in_expression, call.path)) or "*"
    if call.order:
        inside += " order by " + ", ".join(map(order, call.order))
    text = f"{function}({inside})"
    return text if call.filter is None else f"{text} filter (where {expression(call.filter)})"


def order(item):
    return (expression(item.by) + (" desc" if item.descending else "")
            + (f" nulls {item.nulls}" if item.nulls else ""))


def collection(made):
    definition = {"from": made.root.table.full_name, **_level(made.root)}
    if made.soft:
        definition["deletes"] = "soft"
    if made.group_by is not None:
        definition["group_by"] = _group_by(made)
        definition.setdefault("fields", {})
    return definition


def _group_by(made):
    if made.group_by_style == "name":
        return made.group_by[0].name
    if made.group_by_style == "list":
        return [f.name for f in made.group_by]
    return {f.name: expression(f.content) for f in made.group_by}


def _level(level):
    """What the root and an embed have in common."""
    said = {}
    if level.where is not None:
        said["where"] = expression(level.where)
    fields = _fields(level)
    if fields is not None:
        said["fields"] = fields
    if level.embeds:
        said["embed"] = {e.name: _embed(e) for e in level.embeds}
    return said


def _fields(level):
    if level.value is not None or (level.all_columns and not level.dropped and not level.fields):
        return None
    if level.as_list:
        return [f.name for f in level.fields]
    said = {"*": True} if level.all_columns else {}
    said.update({name: False for name in level.dropped})
    said.update({f.name: _field(f) for f in level.fields})
    return said


def _field(made):
    if isinstance(made.content, list):
        return {f.name: _field(f) for f in made.content}
    if made.as_type and made.content.bare == made.name:
        return {"as": made.as_type}
    if made.as_type:
        return {"sql": expression(made.content), "as": made.as_type}
    return True if made.content.bare == made.name else expression(made.content)


def _embed(level):
    said = {level.kind: level.table.full_name, **_join(level), **_level(level)}
    if level.order:
        said["order_by"] = [order(o) for o in level.order] if len(level.order) > 1 else order(level.order[0])
    for key, value, default in (("limit", level.limit, None), ("depth", level.depth, 1), ("shape", level.shape, "list"),
                                ("hidden", level.hidden, False), ("merge", level.merge, False)):
        if value != default:
            said[key] = value
    if level.map_key is not None:
        said["key"] = expression(level.map_key)
    if level.value is not None:
        said["value"] = expression(level.value)
    return said


def _join(level):
    if level.through is not None:
        return {"through": {"from": level.through.table.full_name, "owner": dict(level.through.owner),
                            "embedded": dict(level.through.embedded)}}
    if level.join_style == "foreign key":
        return {}
    if level.join_style == "using":
        names = [a for a, _ in level.pairs]
        return {"using": names if len(names) > 1 else names[0]}
    return {"join": dict(level.pairs)}
