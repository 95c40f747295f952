"""Advisory locks have nothing but a number: who takes another's makes it wait for, or leave out,
what it knows nothing of."""

import ast
import importlib
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

FOLDERS = ("fleet", "devices", "dashboard")


def test_no_two_locks_share_a_number():
    held = {
        (module, name): _numbers(module, name)
        for folder in FOLDERS
        for path in Path(folder).rglob("*.py")
        for code in [path.read_text()]
        if "advisory" in code
        for module in [".".join(path.with_suffix("").parts)]
        for name in _names(code)
        if not _borrowed(code, name)
    }

    times = Counter(number for numbers in held.values() for number in numbers)
    shared = {name: numbers for name, numbers in held.items() if any(times[n] > 1 for n in numbers)}

    assert len(times) > 5
    assert shared == {}


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ('cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_PEN])', ["_PEN"]),
        ('line.execute("SELECT pg_try_advisory_lock(%s)", [_TURN_OF[pace]])', ["_TURN_OF"]),
        ('cursor.execute("SELECT 1", [_PEN])', []),
    ],
)
def test_the_number_that_a_lock_takes_is_found_by_its_name(code, names):
    assert list(_names(code)) == names


@pytest.mark.parametrize(
    "code",
    [
        'cursor.execute("SELECT pg_advisory_xact_lock(7)")',
        'cursor.execute("SELECT pg_advisory_xact_lock(%s)", [7])',
        'LOCK = "SELECT pg_advisory_xact_lock(%s)"',
    ],
)
def test_a_lock_whose_number_has_no_name_is_refused(code):
    with pytest.raises(AssertionError, match="by name"):
        list(_names(code))


def _names(code: str) -> Iterator[str]:
    """What this file calls the numbers of its locks, each where it is taken."""
    tree = ast.parse(code)
    found = [name for call in ast.walk(tree) if isinstance(call, ast.Call) for name in _taken(call)]
    said = sum(_locks(node) for node in ast.walk(tree))
    assert said == len(found), "A lock takes its number by name, where it is taken."
    yield from found


def _borrowed(code: str, name: str) -> bool:
    """Whether it is another file's lock, taken on purpose by the name it has there."""
    imports = [one for one in ast.walk(ast.parse(code)) if isinstance(one, ast.ImportFrom)]
    return any(alias.name == name for one in imports for alias in one.names)


def _locks(node: ast.AST) -> bool:
    says = isinstance(node, ast.Constant) and isinstance(node.value, str)
    return says and "advisory" in node.value and "pg_" in node.value


def _taken(call: ast.Call) -> Iterator[str]:
    match call.args:
        case [said, ast.List(elts=[ast.Name(id=name) | ast.Subscript(value=ast.Name(id=name))])]:
            if _locks(said):
                yield name


def _numbers(module: str, name: str) -> list[int]:
    value = getattr(importlib.import_module(module), name)
    return list(value.values()) if isinstance(value, Mapping) else [value]
