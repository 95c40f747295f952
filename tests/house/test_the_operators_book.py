"""docs/operations.md and the code must tell the operator the same."""

import ast
import re
from pathlib import Path

from fleet import parts

BOOK = Path("docs/operations.md").read_text()
UNITS = Path("docs/systemd")


def _variables(path: str) -> set[str]:
    """Every variable that is read by way of fleet.environment."""
    return {
        call.args[0].value
        for call in ast.walk(ast.parse(Path(path).read_text()))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id == "environment"
        and isinstance(call.args[0], ast.Constant)
    }


def test_every_variable_that_is_read_is_explained_and_no_other():
    read = _variables("fleet/settings.py") | _variables("fleet/paths.py")

    explained = set(re.findall(r"^\| `([A-Z_]+)` \|", BOOK, re.MULTILINE))

    assert explained == read


def test_the_environment_is_read_in_one_place():
    readers = {
        str(path)
        for folder in ("fleet", "devices", "dashboard")
        for path in Path(folder).rglob("*.py")
        if re.search(r"os\.(environ\b(?!\.(setdefault|update))|getenv)", path.read_text())
    }

    # The services and the set-up run before there are settings.
    assert readers <= {
        "fleet/environment.py",
        "fleet/prepare.py",
        "fleet/provision.py",
        "fleet/reset.py",
        "fleet/services/__main__.py",
        "fleet/services/group.py",
    }


def test_the_units_start_what_make_run_starts():
    for name, module in (("web", parts.WEB), ("worker", parts.WORKER), ("beat", parts.BEAT)):
        unit = (UNITS / f"fleet-{name}.service").read_text()
        started = re.search(r"^ExecStart=(.*)$", unit, re.MULTILINE)

        words = started.group(1).split() if started else []

        assert words[1:] == ["-m", *module]
