"""Reading processes, from outside: documents handed out, answers taken in, processes that fail put aside.

A document may take for ever, or all the memory there is: a process can be ended where a thread cannot,
and several use several cores. Each answers one request at a time, over its standard input and output.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import pickle
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, overload

import veille
from veille.app.reading import FRAME, Document, PageRequest, Request, answer_request, send

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from veille.read.article import Extract

# A document of this size is read in no time, whatever it holds: here, where nothing bounds it, at need.
_READ_HERE = 256_000
_START = "import sys; sys.path.append(sys.argv[1]); from veille.app.reading import serve; serve()"


class Readers:
    """Up to `count` reading processes, each started when there is work that no other is free for."""

    def __init__(self, count: int) -> None:
        self._threads = ThreadPoolExecutor(max_workers=count, thread_name_prefix="reading")
        self._free: asyncio.LifoQueue[_Process] = asyncio.LifoQueue()
        self._started: list[_Process] = []
        self._turns = asyncio.Semaphore(count)

    @overload
    async def read(self, request: Request) -> Document | str: ...

    @overload
    async def read(self, request: PageRequest) -> Extract | str: ...

    async def read(self, request: Request | PageRequest) -> Document | Extract | str:
        """The document or article, or why it cannot be read: never raises for what a document does."""
        async with self._turns:
            loop = asyncio.get_running_loop()
            try:
                process = self._take_free() or self._add()
            except OSError:  # no more processes are to be had
                if len(request.body) > _READ_HERE:
                    return "no process could be started to read it in: close other programs and fetch again"
                return await loop.run_in_executor(self._threads, answer_request, request)
            asked = loop.run_in_executor(self._threads, process.ask, request)
            try:
                # The process ends itself in time: a second more, and it is not even able to do that.
                async with asyncio.timeout(request.seconds + 1):
                    answer = await asked
            except (TimeoutError, EOFError, OSError, pickle.UnpicklingError):
                process.end()
                self._started.remove(process)
                return _explain_end(process, request)
            self._free.put_nowait(process)
            return answer

    def close(self) -> None:
        """End every process, those at work too."""
        while not self._free.empty():
            process = self._free.get_nowait()
            self._started.remove(process)
            process.dismiss()
        for process in self._started:
            process.end()
        self._threads.shutdown(wait=True)

    def _take_free(self) -> _Process | None:
        """An idle process that is still there: the system ends some when memory is short."""
        while not self._free.empty():
            process = self._free.get_nowait()
            if process.alive:
                return process
            process.end()
            self._started.remove(process)
        return None

    def _add(self) -> _Process:
        process = _Process()
        self._started.append(process)
        return process


@contextlib.asynccontextmanager
async def open_readers(count: int = 1) -> AsyncIterator[Readers]:
    """Readers, ended with the block."""
    readers = Readers(count)
    try:
        yield readers
    finally:
        readers.close()


class _Process:
    """One reading process, as the one that started it sees it."""

    def __init__(self) -> None:
        home = str(Path(veille.__file__).parents[1])
        self._process = subprocess.Popen(  # noqa: S603 - this very program
            # -P: nothing is imported from the directory that the user happens to be in.
            [sys.executable, "-P", "-c", _START, home],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # What it answers is told by its parent; nothing else of it is for the user.
            stderr=None if os.environ.get("VEILLE_DEBUG") else subprocess.DEVNULL,
            process_group=0,  # Ctrl-C is for the one that talks to the user
        )

    def ask(self, request: Request | PageRequest) -> Document | Extract | str:
        """One request and its answer. Raises EOFError, OSError or UnpicklingError when the process has ended."""
        assert self._process.stdin is not None  # noqa: S101 - a pipe, as asked
        assert self._process.stdout is not None  # noqa: S101
        send(self._process.stdin, request)
        size = int.from_bytes(self._process.stdout.read(FRAME))
        answer: Document | Extract | str = pickle.loads(self._process.stdout.read(size))  # noqa: S301 - from its child
        return answer

    def dismiss(self) -> None:
        """Let an idle process end by itself."""
        assert self._process.stdin is not None  # noqa: S101
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            self._process.stdin.close()
            self._process.wait(timeout=2)
        self.end()

    def end(self) -> None:
        """End the process, whatever it is doing."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        # Only now: one who waits for an answer holds the pipe.
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    @property
    def ended_by(self) -> int:
        """The signal that ended it, 0 when none did."""
        return max(0, -(self._process.returncode or 0))


def _explain_end(process: _Process, request: Request | PageRequest) -> str:
    if process.ended_by in (signal.SIGALRM, signal.SIGKILL):
        return f"reading it takes more than {request.seconds:.0f} s"
    return "reading it ended the process that did so: it is put aside"
