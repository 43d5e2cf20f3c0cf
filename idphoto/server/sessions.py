"""Keep what the studio page needs between two requests of one photo, in memory alone.

A session holds the upload, and the analysis of it as a worker packed it. It ends after a time without requests, when
the page says so, or when others need its memory. Its token is unguessable, and where keys are needed, only the key that
opened a session reaches it.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from idphoto.server.refusals import RefusalReason, RequestRefused

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Session", "SessionStore"]

TOKEN_BYTES = 32


@dataclass(slots=True)
class Session:
    """One photo on the studio page.

    Attributes
    ----------
    photo : bytes
        The upload.
    key : str
        Id of the API key that opened the session; empty on a server without keys.
    analysis : dict
        Plain data of :meth:`idphoto.analysis.Analysis.pack`.
    blobs : list of bytes
        The arrays of the same analysis.
    used_at : float
        Time of the last request, by a monotonic clock.
    """

    photo: bytes
    key: str
    analysis: dict[str, Any]
    blobs: list[bytes] = field(repr=False)
    used_at: float

    @property
    def bytes(self) -> int:
        """Memory of the session."""
        return len(self.photo) + sum(map(len, self.blobs))


class SessionStore:
    """The sessions of one server, bounded in number, in bytes and in time.

    Parameters
    ----------
    max_count : int
        Number of sessions.
    max_bytes : int
        Memory of all sessions together.
    idle_seconds : float
        Time without requests after which a session ends.
    clock : callable
        Returns seconds; for tests.
    """

    def __init__(
        self, max_count: int, max_bytes: int, idle_seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.max_count = max_count
        self.max_bytes = max_bytes
        self.idle_seconds = idle_seconds
        self._clock = clock
        self._sessions: dict[str, Session] = {}

    @property
    def count(self) -> int:
        """Number of sessions that are open."""
        return len(self._sessions)

    @property
    def used_bytes(self) -> int:
        """Memory of all sessions together."""
        return sum(session.bytes for session in self._sessions.values())

    def open(self, photo: bytes, key: str, analysis: dict[str, Any], blobs: list[bytes]) -> str:
        """Keep a session and return its token. Those that were not used for the longest time make room for it.

        Raises
        ------
        RequestRefused
            If it alone needs more memory than all sessions may have.
        """
        session = Session(photo, key, analysis, blobs, self._clock())
        if session.bytes > self.max_bytes:
            raise RequestRefused(RefusalReason.TOO_MANY_PIXELS, "The photo is too large to be kept for the page.")
        self.end_idle()
        while self.count >= self.max_count or self.used_bytes + session.bytes > self.max_bytes:
            self.end(min(self._sessions, key=lambda token: self._sessions[token].used_at))
        token = secrets.token_urlsafe(TOKEN_BYTES)
        self._sessions[token] = session
        return token

    def find(self, token: str, key: str) -> Session:
        """Return a session, and count this as a use of it.

        Raises
        ------
        RequestRefused
            If there is none with that token, if it has ended, or if another key opened it.
        """
        self.end_idle()
        session = self._sessions.get(token)
        if session is None or session.key != key:
            raise RequestRefused(
                RefusalReason.NO_SESSION, "The session of this photo has ended.", advice="Send the photo again."
            )
        session.used_at = self._clock()
        return session

    def end(self, token: str) -> None:
        """Forget a session; one that does not exist is no error."""
        self._sessions.pop(token, None)

    def end_idle(self) -> None:
        """Forget the sessions that have not been used for too long."""
        limit = self._clock() - self.idle_seconds
        for token in [token for token, session in self._sessions.items() if session.used_at < limit]:
            self.end(token)
