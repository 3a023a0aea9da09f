"""Threads that look host names up."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor


class Lookups(ThreadPoolExecutor):
    """A name server that does not answer holds up nobody: the event loop's end waits for no look-up."""

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002
        """Let go of the threads, those at work too."""
        super().shutdown(wait=False, cancel_futures=True)
