import ast
from pathlib import Path

import pytest

WRITES = {"save", "create", "get_or_create", "update_or_create", "bulk_create", "bulk_update"}
WRITES |= {"acreate", "asave", "delete", "adelete", "create_user", "set_password"}
MAY_WRITE = {"actions.py", "ledger.py", "lifecycle.py"}
MAY_WRITE |= {"session_keys.py"}  # Django's own table, which no act of ours changes


def test_only_actions_write():
    writers = [
        f"{path}:{line}"
        for folder in ("devices", "dashboard", "fleet")
        for path in sorted(Path(folder).rglob("*.py"))
        if path.name not in MAY_WRITE and "migrations" not in path.parts
        for line in _writing_lines(path.read_text())
    ]

    assert writers == []


@pytest.mark.parametrize(
    ("code", "writes"),
    [
        ("from devices.access import actions as access\naccess.create_user('x')", False),
        ("from devices.access import actions\nactions.create_user('x')", False),
        ("from devices.access import people as access\naccess.create_user('x')", True),
        ("access.create_user('x')", True),
        ("from devices.access import actions as access\nUser.objects.create_user('x')", True),
        ("from devices.access import actions as access\naccess.rows.create_user('x')", True),
    ],
)
def test_asking_an_action_is_no_write_and_everything_else_stays_one(code, writes):
    assert bool(_writing_lines(code)) == writes


def _writing_lines(code: str) -> list[int]:
    tree = ast.parse(code)
    actions = _names_of_actions(tree)
    calls = (call for call in ast.walk(tree) if isinstance(call, ast.Call))
    return [call.lineno for call in calls if _writes(call) and not _asks(call, actions)]


def _names_of_actions(tree: ast.AST) -> set[str]:
    """What this file calls the `actions` modules it imports."""
    imports = (node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom))
    return {
        name.asname or name.name
        for node in imports
        for name in node.names
        if name.name == "actions" and (node.module or "").startswith("devices.")
    }


def _asks(call: ast.Call, actions: set[str]) -> bool:
    """Whether the call is of an action itself: access.create_user(…)."""
    called = call.func
    return (
        isinstance(called, ast.Attribute)
        and isinstance(called.value, ast.Name)
        and called.value.id in actions
    )


def _writes(call: ast.Call) -> bool:
    """`update` is a table's when it takes names alone; a dictionary's takes another thing."""
    if not isinstance(call.func, ast.Attribute):
        return False
    by_name_alone = bool(call.keywords) and not call.args
    return call.func.attr in WRITES or (call.func.attr == "update" and by_name_alone)
