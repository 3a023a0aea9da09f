"""Mail servers and web hooks on loopback, for what veille sends: well-behaved ones that keep it, and bad ones."""

from __future__ import annotations

import contextlib
import email
import email.policy
import http.server
import json
import socket
import ssl
import subprocess
import threading
import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from email.message import EmailMessage
    from pathlib import Path

    from aiosmtpd.smtp import SMTP, Envelope, LoginPassword, Session

USER, PASSWORD = "me", "opensesame-1234"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Postbox:
    """A mail server that keeps what it takes; each of `answers` is given to one message, then all are taken."""

    answers: list[str] = field(default_factory=list)
    refused: frozenset[str] = frozenset()
    secure: ssl.SSLContext | None = None
    starttls: ssl.SSLContext | None = None
    auth: bool = False
    taken: list[bytes] = field(default_factory=list)
    targets: list[str] = field(default_factory=list)
    logins: list[tuple[bytes, bytes]] = field(default_factory=list)

    def __enter__(self) -> Self:
        self.port = free_port()
        options: dict[str, Any] = {}
        if self.auth:
            options = {"authenticator": self._check, "auth_required": True, "auth_require_tls": False}
        # Passwords without TLS are what is tested; the warning comes with each connection, in the server's thread.
        warnings.filterwarnings("ignore", message="Requiring AUTH while not requiring TLS")
        self._make(options)
        return self

    def _make(self, options: dict[str, Any]) -> None:
        self._controller = Controller(
            self,
            hostname="127.0.0.1",
            port=self.port,
            ssl_context=self.secure,
            tls_context=self.starttls,
            require_starttls=self.starttls is not None,
            **options,
        )
        self._controller.start()

    def __exit__(self, *_: object) -> None:
        self._controller.stop()

    @property
    def messages(self) -> list[EmailMessage]:
        """What was taken, parsed back."""
        return [email.message_from_bytes(one, policy=email.policy.default) for one in self.taken]

    async def handle_RCPT(  # noqa: N802 - aiosmtpd calls it so
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address in self.refused:
            return "550 5.1.1 no such mailbox here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer.startswith("250"):
            self.taken.append(envelope.original_content or b"")
            self.targets += envelope.rcpt_tos
        return answer

    def _check(self, *arguments: Any) -> AuthResult:
        given: LoginPassword = arguments[-1]
        self.logins.append((given.login, given.password))
        return AuthResult(success=(given.login, given.password) == (USER.encode(), PASSWORD.encode()), handled=False)


def make_certificate(place: Path) -> Path:
    """A certificate for 127.0.0.1 that nobody has signed but itself, with its key, in one file."""
    pem = place / "server.pem"
    subprocess.run(
        [
            *"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2".split(),
            *("-subj", "/CN=veille"),
            *(
                "-addext",
                "subjectAltName=IP:127.0.0.1,DNS:localhost",
                "-keyout",
                str(place / "key.pem"),
                "-out",
                str(pem),
            ),
        ],
        check=True,
        capture_output=True,
    )
    pem.write_text(pem.read_text() + (place / "key.pem").read_text())
    return pem


def server_context(pem: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


@contextlib.contextmanager
def serve_lines(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server that talks as it is told, one thread a connection; its port."""
    talks: list[threading.Thread] = []

    def run(one: socket.socket) -> None:
        with one, contextlib.suppress(OSError):
            talk(one)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                talks.append(threading.Thread(target=run, args=(server.accept()[0],), daemon=True))
                talks[-1].start()

    with socket.create_server(("127.0.0.1", 0)) as server:
        accepting = threading.Thread(target=accept, daemon=True)
        accepting.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        accepting.join(5)
    for one in talks:
        one.join(5)


def speak(steps: dict[bytes, bytes], greeting: bytes = b"220 hello\r\n") -> Callable[[socket.socket], None]:
    """A dull mail server: an answer for each first word, 250 for others; b"" hangs up."""

    def talk(one: socket.socket) -> None:
        one.sendall(greeting)
        with one.makefile("rb") as lines:
            for line in lines:
                answer = steps.get(line.split()[0].upper() if line.split() else b"", b"250 OK\r\n")
                if not answer:
                    return
                one.sendall(answer)

    return talk


@dataclass
class Hook:
    """A web server that keeps what is posted to it; each of `answers` is given once, then 200."""

    answers: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)
    taken: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    def __enter__(self) -> Self:
        hook = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                status, headers, said = hook.answers.pop(0) if hook.answers else (200, {}, b"")
                hook.taken.append((self.path, dict(self.headers), body))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                with contextlib.suppress(OSError):
                    self.wfile.write(said)

            def log_message(self, *_: object) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def json(self) -> list[Any]:
        return [json.loads(body) for _, _, body in self.taken]
