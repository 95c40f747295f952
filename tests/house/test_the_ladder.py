import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command

LINT_IMPORTS = Path(sys.executable).with_name("lint-imports")


def test_rooms_look_down_never_up():
    verdict = subprocess.run(
        [LINT_IMPORTS, "--no-cache"], capture_output=True, text=True, check=False
    )

    assert verdict.returncode == 0, verdict.stdout


@pytest.mark.django_db
def test_migrations_match_the_models():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
