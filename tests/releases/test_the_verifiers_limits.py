"""What the process that reads strangers' images can no longer do, whatever it was made to."""

import subprocess
import sys

import pytest

from tests.patience import PATIENCE_S

BEGIN = "from devices.releases.receiving import verifier as v; v._stay_within('/usr/bin/openssl'); "


def after_the_limits(code):
    """Whether this runs to its end in a process that keeps within them."""
    done = subprocess.run(
        [sys.executable, "-c", BEGIN + code],
        env={},
        capture_output=True,
        check=False,
        timeout=PATIENCE_S,
    )
    return done.returncode == 0


def test_it_still_runs_at_all():
    assert after_the_limits("pass")


@pytest.mark.parametrize(
    "code",
    [
        "open('/etc/passwd')",
        "open('/tmp/left-behind', 'w')",
        "import socket; socket.socket()",
        "import subprocess; subprocess.run(['/bin/true'])",
        "import os; os.execv('/bin/true', ['/bin/true'])",
        "import os; os.fork()",
        "import os; os.system('true')",
        "import ctypes; ctypes.CDLL('libc.so.6')",
        "bytearray(600 * 1024**2)",
        "import os; os.write(os.memfd_create('x'), b'x' * 2 * 1024**2); os.write(3, b'x')",
        "import resource as r; r.setrlimit(r.RLIMIT_CPU, (9999, 9999)); open('/etc/passwd')",
    ],
)
def test_it_reads_writes_starts_and_reaches_nothing(code):
    assert not after_the_limits(code)
