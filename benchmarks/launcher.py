"""Runs one command and reports what it cost: a small process, so that it does not weigh in the figures.

On Linux a child inherits its parent's peak memory until it outgrows it: started from here, it inherits
a few megabytes. Usage: launcher.py DESCRIPTOR SECONDS COMMAND...; after SECONDS the command is killed.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time

_LOOK_SECONDS = 0.05


def launch(command: list[str], *, seconds: int) -> str:
    """Run a command, wait for it, and give "wall cpu peak_kB exit_code".

    The peak is that of the command with all the processes it has started, as sampled, what they share
    counted once; where that is less, the peak of the largest of them.
    """
    start = time.perf_counter()
    child = os.posix_spawnp(command[0], command, os.environ)
    signal.signal(signal.SIGALRM, lambda *_: os.kill(child, signal.SIGKILL))
    signal.alarm(seconds)
    sizes = [0]
    threading.Thread(target=_watch, args=(child, sizes), daemon=True).start()
    _, status, usage = os.wait4(child, 0)
    wall = time.perf_counter() - start
    signal.alarm(0)
    code = os.waitstatus_to_exitcode(status)
    return f"{wall} {usage.ru_utime + usage.ru_stime} {max(usage.ru_maxrss, *sizes)} {code}"


def _watch(child: int, sizes: list[int]) -> None:
    """Keep the largest size seen, in kB."""
    while size := _measure_tree(child):
        sizes[0] = max(sizes[0], size)
        time.sleep(_LOOK_SECONDS)


def _measure_tree(process: int) -> int:
    """What a process and its descendants hold, in kB; 0 when there is no such process."""
    own, shared, ahead = 0, 0, [process]
    while ahead:
        one = ahead.pop()
        try:
            with open(f"/proc/{one}/statm", encoding="ascii") as statm:  # noqa: PTH123 - pathlib takes long to load
                resident, common = (int(pages) for pages in statm.read().split()[1:3])
            with open(f"/proc/{one}/task/{one}/children", encoding="ascii") as children:  # noqa: PTH123
                ahead += [int(number) for number in children.read().split()]
        except (OSError, ValueError):
            continue
        own += resident - common
        shared = max(shared, common)
    return (own + shared) * os.sysconf("SC_PAGE_SIZE") // 1024


if __name__ == "__main__":
    descriptor = int(sys.argv[1])
    os.set_inheritable(descriptor, False)
    os.write(descriptor, launch(sys.argv[3:], seconds=int(sys.argv[2])).encode())
