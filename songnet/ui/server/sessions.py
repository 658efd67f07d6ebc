"""Gradio's queue, made safe from those who join and never come back.

`docs/gradio.md` describes what of Gradio's own is at fault.
"""

import asyncio
import logging
import time
from collections import Counter
from typing import Any

from gradio.queueing import Event, Queue
from gradio.utils import run_coro_in_background

from songnet.ui.server.messages import Messages, MessagesOfSessions

# Sessions that wait for an answer, or have one waiting for them: of all clients, and of each.
SESSIONS = 2_000
SESSIONS_EACH = 200
# Requests of a session that run, wait, or have an answer that nobody has fetched.
REQUESTS = 64
# Messages that nobody has fetched [bytes]: of all clients, and of each.
BYTES = 256 * 2**20
BYTES_EACH = 64 * 2**20
# A request whose visitor does not listen for so long has been left.
LEFT_S = 60.0
# An answer that nobody fetches is kept for so long.
KEEP_S = 600.0
SWEEP_S = 5.0
_LOG = logging.getLogger(__name__)


class SessionQueue(Queue):
    """Knows who listens, and forgets sessions and requests that were left behind."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        # Gradio's own drops the oldest session, waiting or not, when there are 2,000.
        self.pending_messages_per_session = MessagesOfSessions()  # pyright: ignore[reportAttributeAccessIssue]
        self._listeners: dict[str, int] = {}
        self._last_seen: dict[str, float] = {}
        self._last_heard: dict[str, float] = {}
        # Whose each session is.
        self._owners: dict[str, str] = {}

    def start(self) -> None:
        """Does what the base class does, and sweeps again and again."""
        super().start()
        run_coro_in_background(self._sweep)

    def send_message(self, event: Event, event_message: Any) -> None:
        """Does what the base class does; to a session that is gone nothing is sent."""
        if event.session_hash not in self.pending_messages_per_session:
            event.alive = False
            return
        super().send_message(event, event_message)

    def compute_analytics_summary(self, records: Any) -> dict[str, dict]:
        """Nothing: it is for a page that is closed here."""
        return {"functions": {}}

    def make_room_for(self, session: str | None, client: str) -> bool:
        """Whether a session may ask for something more.

        The oldest session that only has answers left makes room: of the client's own, if it has its
        share, else of whoever has most.
        """
        known = self.pending_messages_per_session
        if not self._make_room_for_messages(client):
            return False
        if session in known:
            return len(self.pending_event_ids_session.get(session or "", ())) < REQUESTS
        numbers = Counter(self._owners.get(other, "") for other in known)
        if numbers[client] >= SESSIONS_EACH:
            return self._forget_oldest_of(client)
        if len(known) < SESSIONS:
            return True
        ((most, _),) = numbers.most_common(1)
        return self._forget_oldest_of(most)

    def _make_room_for_messages(self, client: str) -> bool:
        while True:
            sizes = Counter()
            for session, messages in self.pending_messages_per_session.items():
                sizes[self._owners.get(session, "")] += messages.size
            if sizes[client] > BYTES_EACH:
                whose = client
            elif sizes.total() > BYTES:
                ((whose, _),) = sizes.most_common(1)
            else:
                return True
            if not self._forget_oldest_of(whose):
                return False

    def _forget_oldest_of(self, client: str) -> bool:
        known = self.pending_messages_per_session
        theirs = [session for session in known if self._owners.get(session, "") == client]
        theirs.sort(key=lambda session: self._last_seen.get(session, 0.0))
        return any(self._forget(session) for session in theirs)

    def joined(self, session: str, client: str) -> None:
        """Notes that a session asked for something, and whose it is."""
        self._owners.setdefault(session, client)
        self.saw(session)

    def saw(self, session: str) -> None:
        """Notes that a session did something."""
        self._last_seen[session] = time.monotonic()

    def session_of(self, event_id: str) -> str | None:
        """The session that waits for an event's answer; None if nobody knows of the event."""
        event = self.event_ids_to_events.get(event_id)
        if event is not None:
            return event.session_hash
        ids = self.pending_event_ids_session
        return next((session for session, events in ids.items() if event_id in events), None)

    def listen(self, session: str) -> bool:
        """Notes that somebody reads a session's messages; False if there is no such session."""
        if session not in self.pending_messages_per_session:
            return False
        self._listeners[session] = self._listeners.get(session, 0) + 1
        return True

    def leave(self, session: str) -> None:
        """Notes that somebody stopped reading; a session that has all its answers is forgotten."""
        self._listeners[session] -= 1
        if not self._listeners[session]:
            del self._listeners[session]
        self.saw(session)
        self._last_heard[session] = time.monotonic()
        if not self.pending_event_ids_session.get(session):
            self._forget(session)

    def is_left(self, event: Event) -> bool:
        """Whether nobody waits for an event's answer any longer."""
        if not event.alive or event.session_hash not in self.pending_messages_per_session:
            return True
        if event.session_hash in self._listeners:
            return False
        last = max(event.enqueue_time, self._last_heard.get(event.session_hash, 0.0))
        return time.monotonic() - last > LEFT_S

    def waiting(self) -> list[Event]:
        """The events that wait for a place."""
        queues = self.event_queue_per_concurrency_id.values()
        return [event for events in queues for event in events.queue]

    def running(self) -> list[Event]:
        """The events that were given one, and have not ended."""
        return [event for job in self.active_jobs for event in job or ()]

    def _forget(self, session: str) -> bool:
        """Forgets a session, unless somebody listens or something of it waits or runs."""
        at_work = {event.session_hash for event in (*self.waiting(), *self.running())}
        if session in self._listeners or session in at_work:
            return False
        self.pending_messages_per_session.pop(session, None)
        self.pending_event_ids_session.pop(session, None)
        self._last_seen.pop(session, None)
        self._last_heard.pop(session, None)
        self._owners.pop(session, None)
        return True

    async def _sweep(self) -> None:
        while not self.stopped:
            try:
                await self._sweep_once()
            except Exception:
                _LOG.exception("The queue could not be swept")
            await asyncio.sleep(SWEEP_S)

    async def _sweep_once(self) -> None:
        """Forgets what was left behind."""
        now = time.monotonic()
        for event in filter(self.is_left, self.waiting()):
            await self.clean_events(event_id=event._id)
            self.pending_event_ids_session.get(event.session_hash, set()).discard(event._id)
        sessions = {*self.pending_messages_per_session, *self.pending_event_ids_session}
        for session in sessions:
            self._drop_old_answers(session, now - KEEP_S)
            waited = now - self._last_seen.setdefault(session, now)
            if waited > KEEP_S or not self.pending_event_ids_session.get(session):
                self._forget(session)
        for noted in (self._last_seen, self._last_heard, self._owners):
            for session in noted.keys() - sessions:
                del noted[session]
        if self.server_app is not None:
            self.server_app.iterators_to_reset &= {event._id for event in self.running()}

    def _drop_old_answers(self, session: str, than: float) -> None:
        """Drops what nobody fetched, also of a session that goes on asking."""
        messages = self.pending_messages_per_session.get(session)
        if isinstance(messages, Messages) and session not in self._listeners:
            answered = messages.drop_older(than)
            self.pending_event_ids_session.get(session, set()).difference_update(answered)
