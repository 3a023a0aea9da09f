"""Mail to a server: a message as bytes in, taken by the server or a DeliveryError out. smtplib lives here.

One connection serves the messages of one run. No password goes over a line that others can read: without STARTTLS
where it is asked for, or with a certificate that nobody vouches for, nothing is sent.
"""

from __future__ import annotations

import base64
import contextlib
import smtplib
import socket
import ssl
import threading
from email.utils import parseaddr
from typing import TYPE_CHECKING

from veille.send.secrets import find_password
from veille.send.trouble import DeliveryError, explain_connection, quote
from veille.sendkeys import is_loopback

if TYPE_CHECKING:
    from collections.abc import Iterator

    from veille.sendconfig import MailSettings

# A whole exchange takes at most so many times what one step may take: a server can answer a byte at a time.
_STEPS = 10
_NO_ANSWER = "it answered what is no answer of a mail server"
_LEAVE = 5.0  # seconds
_PERMANENT = 500
# Of a server, not of a message: closing, or not in the mood.
_SHUTTING = 421
# Refused for who sends rather than for what is sent: mended in config.toml, and worth trying again.
_SENDER_CODES = frozenset({502, 503, 504, 530, 534, 535, 538})


class Mailer:
    """A connection to a server, opened by its first message, and opened anew after one that broke it."""

    def __init__(self, settings: MailSettings) -> None:
        self._settings = settings
        self._where = f"{settings.host}:{settings.port}"
        self._server: smtplib.SMTP | None = None
        self._secrets: set[str] = set()

    def send(self, message: bytes, *, to: str) -> None:
        """Hand one message to the server for one address. Raises DeliveryError."""
        try:
            server = self._server or self._open()
            with self._limit(server):
                self._hand_over(server, message, to)
        except DeliveryError:
            raise
        except (smtplib.SMTPException, OSError, ValueError) as error:
            self._drop()
            raise self._explain(error) from None

    def close(self) -> None:
        """Take leave as a client should; whatever comes of it, all was said."""
        if self._server:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                if self._server.sock:
                    self._server.sock.settimeout(min(_LEAVE, self._settings.timeout.total_seconds()))
                self._server.quit()
            self._drop()

    def _open(self) -> smtplib.SMTP:
        settings = self._settings
        password = ""
        if settings.password:
            password = find_password(settings.password, user=settings.user, host=settings.host)
            self._secrets |= _forms(settings.user, password)
            if not f"{settings.user}{password}".isascii():
                raise DeliveryError("user and password: mail servers take letters of ASCII only", whole=True)
        try:
            server = self._connect()
            with self._limit(server):
                if settings.security == "starttls":
                    server.starttls(context=ssl.create_default_context())
                if password:
                    server.login(settings.user, password)
        except (smtplib.SMTPException, OSError, ValueError) as error:
            self._drop()
            failure = self._explain(error)
            raise DeliveryError(failure.reason, whole=True) from None
        return server

    def _connect(self) -> smtplib.SMTP:
        settings = self._settings
        seconds = settings.timeout.total_seconds()
        # The name that a server is greeted by: what getfqdn finds can take as long as a name server does.
        name = socket.gethostname() if socket.gethostname().isascii() else "localhost"
        if settings.security == "tls":
            context = ssl.create_default_context()
            server: smtplib.SMTP = smtplib.SMTP_SSL(local_hostname=name, timeout=seconds, context=context)
        else:
            server = smtplib.SMTP(local_hostname=name, timeout=seconds)
        self._server = server
        # smtplib takes the name to compare a certificate with from what its maker was given.
        server._host = settings.host  # type: ignore[attr-defined]  # noqa: SLF001
        with self._limit(server):
            code, said = server.connect(settings.host, settings.port)
            if code != 220:  # noqa: PLR2004 - RFC 5321, 4.2.2
                raise smtplib.SMTPConnectError(code, said)
            server.ehlo_or_helo_if_needed()
        return server

    def _hand_over(self, server: smtplib.SMTP, message: bytes, to: str) -> None:
        sender, target = parseaddr(self._settings.sender)[1], parseaddr(to)[1]
        try:
            server.sendmail(sender, [target], message)
        except smtplib.SMTPRecipientsRefused as error:
            code, said = error.recipients[target]
            raise self._refuse(code, said) from None
        except smtplib.SMTPResponseException as error:
            raise self._refuse(error.smtp_code, error.smtp_error) from None

    def _refuse(self, code: int, said: bytes | str) -> DeliveryError:
        if code == _SHUTTING:
            self._drop()
        permanent = code >= _PERMANENT and code not in _SENDER_CODES
        what = "refused" if code >= _PERMANENT else "not now"
        return DeliveryError(f"{self._where}: {what}: {code} {quote(said, self._secrets)}", permanent=permanent)

    def _explain(self, error: Exception) -> DeliveryError:
        match error:
            case smtplib.SMTPAuthenticationError():
                said = quote(error.smtp_error, self._secrets)
                what = f"it does not take this user and password: {error.smtp_code} {said}"
            case smtplib.SMTPResponseException() if error.smtp_code < 0:
                what = _NO_ANSWER
            case smtplib.SMTPResponseException():
                what = f"{error.smtp_code} {quote(error.smtp_error, self._secrets)}"
            case smtplib.SMTPNotSupportedError() if "STARTTLS" in str(error):
                # On this machine nobody listens in between: config.toml takes "none" there.
                other = "none" if is_loopback(self._settings.host) else "tls"
                what = f'it offers no STARTTLS: nothing was sent: try security = "{other}", or ask who runs it'
            case smtplib.SMTPServerDisconnected():
                what = "no answer in time" if isinstance(error.__context__, TimeoutError) else "it hung up"
            case smtplib.SMTPException():
                what = quote(str(error), self._secrets)
            case OSError():
                return DeliveryError(explain_connection(self._where, error))
            case _:
                what = _NO_ANSWER
        return DeliveryError(f"{self._where}: {what}")

    @contextlib.contextmanager
    def _limit(self, server: smtplib.SMTP) -> Iterator[None]:
        """End an exchange that goes on for too long by cutting its line."""

        def cut() -> None:
            with contextlib.suppress(OSError):
                if server.sock:
                    server.sock.shutdown(socket.SHUT_RDWR)

        timer = threading.Timer(self._settings.timeout.total_seconds() * _STEPS, cut)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _drop(self) -> None:
        if self._server:
            self._server.close()
            self._server = None


def _forms(user: str, password: str) -> set[str]:
    """A password as it may come back in an answer."""
    plain = base64.b64encode(f"\0{user}\0{password}".encode()).decode()
    return {password, base64.b64encode(password.encode()).decode(), plain}
