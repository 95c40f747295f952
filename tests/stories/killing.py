"""Killing a process where it stands, as a machine that runs out of memory would."""

import os
import signal

from tests.operations.machine import Machine
from tests.stories.waiting import until


async def kill(machine: Machine, part: str) -> None:
    """Kill a process where it stands; whoever watches over it has to start another."""
    killed = machine.child(part)
    os.kill(killed, signal.SIGKILL)
    await until(
        lambda: any(part in one for pid, one in machine.children().items() if pid != killed),
        machine.said,
    )
