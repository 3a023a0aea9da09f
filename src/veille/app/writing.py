"""One thread that writes: deliveries in, what storing them did out, many to a transaction when many are ready.

A commit costs as much as storing a small feed does: what has come while the last one was written goes
into the next together, each feed inside a savepoint of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from veille.app.storing import store_delivery
from veille.store.db import save_point, write

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from veille.app.storing import Delivery, Stored
    from veille.store.db import Db

_IDLE_SECONDS = 0.5
_AT_ONCE = 32  # feeds to a transaction: a fetch during which another veille marks a story must let it in


class Writer:
    """The writing thread; it runs while `open_writer` holds it open."""

    def __init__(self, db: Db, *, when_idle: Callable[[], None]) -> None:
        self._db = db
        self._when_idle = when_idle
        self._ready: asyncio.Queue[tuple[Delivery, asyncio.Future[Stored]]] = asyncio.Queue()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="writing")

    async def store(self, delivery: Delivery) -> Stored:
        """Store, from the writing thread: a large document, or another veille's lock, must not hold up the network.

        Returns once it is committed. Raises what storing this delivery raised.
        """
        done: asyncio.Future[Stored] = asyncio.get_running_loop().create_future()
        self._ready.put_nowait((delivery, done))
        return await done

    async def run(self) -> None:
        """Write what is ready, for ever; do what else there is to do when nothing has come for a while."""
        loop = asyncio.get_running_loop()
        written = False
        while True:
            try:
                async with asyncio.timeout(_IDLE_SECONDS if written else None):
                    batch = [await self._ready.get()]
            except TimeoutError:
                written = False
                with contextlib.suppress(Exception):  # it is done again, and told, when all has come
                    await loop.run_in_executor(self._thread, self._when_idle)
                continue
            written = True
            while not self._ready.empty() and len(batch) < _AT_ONCE:
                batch.append(self._ready.get_nowait())
            answers: list[Stored | Exception]
            try:
                answers = await loop.run_in_executor(self._thread, self._write, [delivery for delivery, _ in batch])
            except (RuntimeError, MemoryError) as error:  # no thread is to be had: who waits must hear of it
                answers = [error] * len(batch)
            for (_, done), answer in zip(batch, answers, strict=True):
                if done.cancelled():
                    continue
                if isinstance(answer, Exception):
                    done.set_exception(answer)
                else:
                    done.set_result(answer)

    def close(self) -> None:
        """Wait for what is being written."""
        self._thread.shutdown(wait=True)

    def _write(self, batch: list[Delivery]) -> list[Stored | Exception]:
        try:
            with write(self._db):
                return [self._store_one(delivery) for delivery in batch]
        except Exception as error:  # noqa: BLE001 - of the transaction itself: none of them is stored
            return [error] * len(batch)

    def _store_one(self, delivery: Delivery) -> Stored | Exception:
        try:
            with save_point(self._db):
                return store_delivery(self._db, delivery)
        except Exception as error:
            if not self._db.in_transaction:  # a full disk has ended it, for the whole batch
                raise
            return error  # told to the one that waits; the others of the batch are kept


@contextlib.asynccontextmanager
async def open_writer(db: Db, *, when_idle: Callable[[], None]) -> AsyncIterator[Writer]:
    """A Writer at work, ended with the block; it calls `when_idle` from its thread."""
    writer = Writer(db, when_idle=when_idle)
    running = asyncio.create_task(writer.run())
    try:
        yield writer
    finally:
        running.cancel()
        writer.close()
