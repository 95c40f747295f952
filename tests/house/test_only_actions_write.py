import ast
from pathlib import Path

WRITES = {"save", "create", "get_or_create", "update_or_create", "bulk_create", "bulk_update"}
WRITES |= {"acreate", "asave", "delete", "adelete", "create_user", "set_password"}
MAY_WRITE = {"actions.py", "ledger.py", "lifecycle.py"}


def test_only_actions_write():
    writers = [
        f"{path}:{call.lineno}"
        for folder in ("devices", "dashboard", "fleet")
        for path in sorted(Path(folder).rglob("*.py"))
        if path.name not in MAY_WRITE and "migrations" not in path.parts
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call) and _writes(call)
    ]

    assert writers == []


def _writes(call: ast.Call) -> bool:
    """`update` is a table's when it takes names alone; a dictionary's takes another thing."""
    if not isinstance(call.func, ast.Attribute):
        return False
    by_name_alone = bool(call.keywords) and not call.args
    return call.func.attr in WRITES or (call.func.attr == "update" and by_name_alone)
