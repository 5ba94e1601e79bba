"""Who may include whom. base <- model <- {pgtype, expression, envelope} <- stages <- pipeline <- ops <- app; envelope reads
PostgreSQL's texts in events with pgtype."""

import pytest

from layers.tree import ROOT, includes, named, sources

VALUES = {"base", "model"}
CODECS = VALUES | {"pgtype", "expression", "envelope"}
# Folder of src/ -> the other folders it may include from. A stage never includes another stage.
MAY_INCLUDE = {
    "base": set(),
    "model": {"base"},
    "pgtype": VALUES,
    "expression": VALUES,
    "envelope": VALUES | {"pgtype"},
    "source": CODECS,
    "backbone": CODECS,
    "projection": CODECS,
    "sink": CODECS,
    "journal": VALUES,
    "pipeline": VALUES,
    "ops": VALUES | {"pipeline"},
    "app": CODECS | {"source", "backbone", "projection", "sink", "journal", "pipeline",
                     "ops"},
    "library": CODECS | {"source", "backbone", "projection", "sink", "app"},
}
# What the runner knows of the stages: their seams.
SEAMS = {
    "source/source.h",
    "projection/projector.h",
    "projection/state_store.h",
    "sink/document_sink.h",
    "sink/event_sink.h",
}
SEAM_USERS = {"pipeline", "ops", "backbone", "journal"}

# Library header prefixes -> the only folder that may see them, itself or through its own headers.
OWNERS = {
    "libpq-fe.h": "source/postgres",
    "libpq/": "source/postgres",
    "postgres_ext.h": "source/postgres",
    "mongoc": "sink/mongo",
    "bson": "sink/mongo",
    "librdkafka/": "backbone",
    "pg_query.h": "expression",
    "yaml-cpp/": "app",
    "CLI/": "app",
    "spdlog/": "base",
    "sqlite3.h": "projection",
    "zstd": "journal",
}


def stage_of(path):
    relative = path.relative_to(ROOT / "src")
    return relative.parts[0] if len(relative.parts) > 1 else "main"


def forbidden_edges(path):
    own = stage_of(path)
    for number, header, _ in includes(path):
        if header is None:
            continue
        place = f"{named(path)}:{number}"
        if not (ROOT / "src" / header).is_file():
            yield f'{place}: "{header}" is not a file under src/ (write "folder/file.h")'
            continue
        target = header.split("/")[0]
        if own == "main":
            allowed = target in {"app", "base"}
        else:
            allowed = target == own or target in MAY_INCLUDE[own] or (own in SEAM_USERS and header in SEAMS)
        if not allowed:
            yield f'{place}: src/{own} may not include "{header}"'


def reached_headers(path):
    """Our headers that `path` includes, also through others."""
    seen, todo = set(), [path]
    while todo:
        for _, own, _ in includes(todo.pop()):
            header = ROOT / "src" / (own or "")
            if own and header.is_file() and header not in seen:
                seen.add(header)
                todo.append(header)
    return seen


def libraries(file):
    """(line number, header prefix, owner) of each library that `file` itself includes."""
    return [(number, prefix, owner) for number, own, system in includes(file)
            for prefix, owner in OWNERS.items() if (own or system).startswith(prefix)]


def foreign_libraries(path):
    """Libraries of other folders that `path` names, or gets through a header of theirs."""
    folder = str(path.relative_to(ROOT / "src").parent) + "/"
    for file in [path, *sorted(reached_headers(path))]:
        for number, prefix, owner in libraries(file):
            if not folder.startswith(owner + "/"):
                yield f"{named(path)}: {prefix} ({named(file)}:{number}) belongs to src/{owner} alone"


def test_every_folder_has_a_place_in_the_order():
    unknown = {stage_of(path) for path in sources()} - set(MAY_INCLUDE) - {"main"}
    assert not unknown, f"name what these folders of src/ may include, in MAY_INCLUDE: {sorted(unknown)}"


def test_folders_include_only_what_lies_below_them():
    found = [line for path in sources() for line in forbidden_edges(path)]
    assert not found, "\n".join(found)


def test_each_library_is_named_in_one_folder():
    found = [line for path in sources() for line in foreign_libraries(path)]
    assert not found, "\n".join(found)


def test_headers_are_included_once():
    found = [named(path) for path in sources(suffixes=(".h",)) if "#pragma once" not in path.read_text()]
    assert not found, f"no #pragma once: {found}"


def test_seams_include_no_implementation():
    found = []
    for seam in sorted(SEAMS):
        path = ROOT / "src" / seam
        if path.exists():
            found += [f"{seam}:{n}: {own}" for n, own, _ in includes(path) if own and own.split("/")[0] not in VALUES]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("text, wrong", [
    ('#include "sink/document_sink.h"', True),
    ('#include "model/value.h"', False),
    ("#include <mongoc/mongoc.h>", True),
    ("#include <libpq-fe.h>", False),
    ('#include "model/leaky.h"', True),
])
def test_this_test_can_fail(tmp_path, monkeypatch, text, wrong):
    """A planted file in src/source/postgres."""
    for header, content in (("sink/document_sink.h", ""), ("model/value.h", ""),
                            ("model/leaky.h", "#include <bson/bson.h>\n")):
        (tmp_path / "src" / header).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "src" / header).write_text(content)
    planted = tmp_path / "src" / "source" / "postgres" / "planted.cpp"
    planted.parent.mkdir(parents=True)
    planted.write_text(text + "\n")
    monkeypatch.setattr("layers.test_layers.ROOT", tmp_path)
    monkeypatch.setattr("layers.test_layers.named", lambda path: path.name)
    assert bool([*forbidden_edges(planted), *foreign_libraries(planted)]) == wrong
