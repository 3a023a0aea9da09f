"""Runs one command and reports what it cost: a small process, so that it does not weigh in the figures.

On Linux a child inherits its parent's peak memory until it outgrows it: started from here, it inherits
a few megabytes. Usage: launcher.py DESCRIPTOR SECONDS COMMAND...; after SECONDS the command is killed.
"""

from __future__ import annotations

import os
import signal
import sys
import time


def launch(command: list[str], *, seconds: int) -> str:
    """Run a command, wait for it, and give "wall cpu peak_kB exit_code"."""
    start = time.perf_counter()
    child = os.posix_spawnp(command[0], command, os.environ)
    signal.signal(signal.SIGALRM, lambda *_: os.kill(child, signal.SIGKILL))
    signal.alarm(seconds)
    _, status, usage = os.wait4(child, 0)
    wall = time.perf_counter() - start
    signal.alarm(0)
    code = os.waitstatus_to_exitcode(status)
    return f"{wall} {usage.ru_utime + usage.ru_stime} {usage.ru_maxrss} {code}"


if __name__ == "__main__":
    descriptor = int(sys.argv[1])
    os.set_inheritable(descriptor, False)
    os.write(descriptor, launch(sys.argv[3:], seconds=int(sys.argv[2])).encode())
