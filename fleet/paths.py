"""The two folders everything else is found from; known before Django is."""

from pathlib import Path

from fleet import environment

BASE_DIR = Path(__file__).resolve().parent.parent


def var_dir() -> Path:
    """Everything this installation writes to disk lies under VAR_DIR."""
    return environment.folder("VAR_DIR", BASE_DIR / "var")
