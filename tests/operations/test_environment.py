"""A wrong value ends the start with a sentence, never with a stack trace."""

import os
import subprocess
import sys

import pytest

WRONG = {
    "PORT": ("eighty", "PORT must be a whole number from 1 to 65535; it is 'eighty'."),
    "DEBUG": ("perhaps", "DEBUG must be 1 or 0; it is 'perhaps'."),
    "TIME_ZONE": ("Mars/Olympus", "TIME_ZONE must be a time zone such as America/New_York"),
    "DATABASE_URL": ("mysql://u:pw@h/d", "DATABASE_URL must be an address that starts with"),
    "REDIS_URL": ("http://localhost", "REDIS_URL must be an address that starts with redis://"),
    "SECRET_KEY": ("short", "SECRET_KEY must be at least 50 characters long"),
    "LOG_LEVEL": ("LOUD", "LOG_LEVEL must be one of DEBUG, INFO, WARNING, ERROR"),
    "DEMO_SCENARIO": ("party", "DEMO_SCENARIO must be one of quiet-day"),
    "CSRF_TRUSTED_ORIGINS": ("fleet.example.org", "CSRF_TRUSTED_ORIGINS must be a list of"),
    "VAR_DIR": ("/dev/null", "VAR_DIR must be a folder; it is '/dev/null'."),
    "DEPARTMENT": ("x" * 81, "DEPARTMENT must be printable text of at most 80 characters"),
}


def _start(**environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", "check"],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(("name", "value", "sentence"), [(k, *v) for k, v in WRONG.items()])
def test_a_wrong_value_is_a_sentence(name, value, sentence):
    start = _start(**{name: value})

    assert start.returncode == 1
    assert start.stderr.startswith(sentence)
    assert len(start.stderr.splitlines()) == 1


def test_no_proxy_sends_files_from_a_folder_while_they_lie_in_a_bucket():
    start = _start(X_ACCEL_REDIRECT="/images/", RELEASES_STORE="s3://key:secret@host/bucket")

    assert start.returncode == 1
    assert start.stderr.strip() == (
        "X_ACCEL_REDIRECT must be empty where RELEASES_STORE is a bucket; it is '/images/'."
    )


@pytest.mark.parametrize("name", ["DATABASE_URL", "SECRET_KEY"])
def test_a_secret_is_not_repeated_in_the_complaint(name):
    start = _start(**{name: "mysql://u:hunter2@h"})

    assert "hunter2" not in start.stderr


def test_an_empty_variable_has_its_default():
    assert _start(PORT="", DEBUG="", DATABASE_POOL="").returncode == 0


def test_a_production_environment_passes_djangos_own_check(tmp_path):
    production = {
        **os.environ,
        "VAR_DIR": str(tmp_path),
        "ALLOWED_HOSTS": "fleet.example.org",
        "BEHIND_TLS": "1",
        "DEMO": "0",
    }

    check = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "INFO"],
        env=production,
        capture_output=True,
        text=True,
        check=False,
    )

    assert check.returncode == 0, check.stderr
