"""Sizes and names. Lengths and nesting of C++ functions are clang-tidy's part, with the thresholds of .clang-tidy."""

import ast
import re

from layers.tree import ROOT, files, named

FILE_LINES = 400
FUNCTION_LINES = 70
NESTING = 3
CODE = {".h", ".cpp", ".c", ".py", ".sh", ".cmake"}
# Names that say nothing of what is inside collect everything.
VAGUE = re.compile(r"(^|[_\-.])(utils?|helpers?|misc|common|stuff|tools)([_\-.]|$)", re.IGNORECASE)
BLOCKS = (ast.For, ast.While, ast.If, ast.Try)


def code_files():
    return [path for path in files() if path.suffix in CODE or path.name == "CMakeLists.txt"]


def nesting(node, depth=0):
    """The deepest nesting of loops, conditions and tries inside node; elif does not nest."""
    deepest = depth
    for field, children in ast.iter_fields(node):
        is_elif = isinstance(node, ast.If) and field == "orelse" and len(children) == 1
        for child in children if isinstance(children, list) else [children]:
            if not isinstance(child, ast.AST) or isinstance(child, (ast.FunctionDef, ast.ClassDef)):
                continue
            inner = depth + (isinstance(child, BLOCKS) and not (is_elif and isinstance(child, ast.If)))
            deepest = max(deepest, nesting(child, inner))
    return deepest


def test_files_fit_a_few_screens():
    found = []
    for path in code_files():
        lines = len(path.read_text().splitlines())
        if lines > FILE_LINES:
            found.append(f"{named(path)}: {lines} lines (at most {FILE_LINES}); split it by job")
    assert not found, "\n".join(found)


def test_python_functions_are_short_and_flat():
    found = []
    for path in code_files():
        if path.suffix != ".py":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.FunctionDef):
                continue
            place = f"{named(path)}:{node.lineno} {node.name}"
            if node.end_lineno - node.lineno + 1 > FUNCTION_LINES:
                found.append(f"{place}: {node.end_lineno - node.lineno + 1} lines (at most {FUNCTION_LINES})")
            if nesting(node) > NESTING:
                found.append(f"{place}: nested {nesting(node)} deep (at most {NESTING})")
    assert not found, "\n".join(found)


def test_names_say_what_is_inside():
    found = [named(path) for path in files() if any(VAGUE.search(part) for part in path.relative_to(ROOT).parts)]
    assert not found, f"vague names: {found}"


def test_clang_tidy_holds_the_limits_of_cpp_functions():
    text = (ROOT / ".clang-tidy").read_text()
    # clang-tidy counts the function's body as the first level.
    for option, limit in (("LineThreshold", FUNCTION_LINES), ("NestingThreshold", NESTING + 1)):
        assert re.search(rf"readability-function-size\.{option}, value: {limit} ", text), option
    excused = [named(path) for path in code_files() if path.suffix in {".h", ".cpp"}
               and re.search(r"NOLINT(NEXTLINE|BEGIN)?(\([^)]*function-size|\s|$)", path.read_text())]
    assert not excused, f"NOLINT must name a check, and not function-size: {excused}"
