import ast
from pathlib import Path

from django.apps import apps

REGISTRY = Path("devices/models.py")


def test_django_is_told_about_every_room_with_tables():
    listed = {
        node.module
        for node in ast.walk(ast.parse(REGISTRY.read_text()))
        if isinstance(node, ast.ImportFrom)
    }

    rooms = {".".join(path.with_suffix("").parts) for path in Path("devices").glob("*/models.py")}

    assert rooms <= listed


def test_every_table_is_named_in_the_list():
    tables = {model.__name__ for model in apps.get_app_config("devices").get_models()}

    assert tables == set(__import__("devices.models", fromlist=["__all__"]).__all__)
