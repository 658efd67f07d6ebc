"""Gradio's queue, made fair between clients, and safe from those who join and never come back.

`docs/gradio.md` describes what of Gradio's own is at fault.
"""

import asyncio
import logging
import math
import time
from dataclasses import dataclass
from functools import partial
from typing import Any

from gradio.context import LocalContext
from gradio.queueing import Event, EventQueue, Queue
from gradio.utils import run_coro_in_background, set_task_name

from songnet.ui.server import answers
from songnet.ui.server.clients import client_of

# A client's share of the requests that may wait.
SHARE = 4
# Sessions that have an answer waiting for them, of all clients.
SESSIONS = 2_000
# A request whose visitor does not listen for so long has been left.
LEFT_S = 60.0
# An answer that nobody fetches is kept for so long.
KEEP_S = 600.0
# What a client used of the places counts for so long (to a third).
_MEMORY_S = 60.0
_SWEEP_S = 5.0
_TICK_S = 0.002
_LOG = logging.getLogger(__name__)


@dataclass(eq=False)
class _Turn:
    """A request of several songs that lets others go first, between two of them.

    Attributes
    ----------
    event : gradio.queueing.Event
    granted : asyncio.Future
        Done when it may go on.
    """

    event: Event
    granted: asyncio.Future[None]


class FairQueue(Queue):
    """Takes turns between clients: who used the places least, lately, is next.

    Replaces its base class (`gradio_patches`). A client is what the gate wrote into the request.

    Attributes
    ----------
    last_turn : float [s]
        When the loop that hands out places last went round, on the monotonic clock.
    last_answer : float [s]
        When a request was answered.
    restarts : int
        How often that loop failed and was started again.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        # Gradio's own drops the oldest session, waiting or not, when there are 2,000.
        self.pending_messages_per_session = {}  # pyright: ignore[reportAttributeAccessIssue]
        self.last_turn = time.monotonic()
        self.last_answer = -math.inf
        self.restarts = 0
        self._paused: list[_Turn] = []
        # Seconds of places that a client used, and when that was last brought up to date.
        self._used: dict[str, tuple[float, float]] = {}
        # When an event began, or went on, to use a place.
        self._since: dict[str, float] = {}
        self._listeners: dict[str, int] = {}
        self._last_seen: dict[str, float] = {}

    def start(self) -> None:
        """Does what the base class does; requests that let others go first keep no slot."""
        super().start()
        self.active_jobs = [None] * (self.max_thread_count + (self.max_size or 0))
        run_coro_in_background(self._sweep)

    # --- Joining ---

    async def push(self, body: Any, request: Any, username: str | None) -> Any:
        """Does what the base class does, if the client has not too much waiting already."""
        session, client = body.session_hash, client_of(request.scope)
        if self.max_size is not None and self._waiting(client) >= max(1, self.max_size // SHARE):
            return False, answers.BUSY, "queue_full"
        known = self.pending_messages_per_session
        if session not in known and len(known) >= SESSIONS:
            return False, answers.BUSY, "queue_full"
        joined, what, state = await super().push(body, request, username)
        # They are kept for a page that is closed here.
        self.event_analytics.clear()
        self._last_seen[body.session_hash or session or ""] = time.monotonic()
        if state == "error":
            # It is the text of whatever exception a validator raised.
            return joined, answers.NOT_UNDERSTOOD, state
        return joined, what, state

    def _waiting(self, client: str) -> int:
        return sum(
            client_of(event.request.scope) == client
            for events in self.event_queue_per_concurrency_id.values()
            for event in events.queue
        )

    def send_message(self, event: Event, event_message: Any) -> None:
        """Does what the base class does; to a session that is gone nothing is sent."""
        if event.session_hash not in self.pending_messages_per_session:
            event.alive = False
            return
        super().send_message(event, event_message)

    # --- Places ---

    async def start_processing(self) -> None:
        """Hands out places until the queue is closed; if that fails, it says so and goes on."""
        try:
            while not self.stopped:
                try:
                    await self._hand_out()
                except Exception:
                    self.restarts += 1
                    _LOG.exception("The queue failed and goes on")
                    await asyncio.sleep(_SWEEP_S / 10)
        finally:
            self.stopped = True
            self._cancel_asyncio_tasks()

    async def _hand_out(self) -> None:
        while not self.stopped:
            self.last_turn = time.monotonic()
            async with self.delete_lock:
                found = self.get_events() if None in self.active_jobs else None
            if found is None:
                await asyncio.sleep(_TICK_S)
                continue
            (event,), _, concurrency_id = found
            started = time.time()
            self.active_jobs[self.active_jobs.index(None)] = [event]
            events = self.event_queue_per_concurrency_id[concurrency_id]
            events.current_concurrency += 1
            events.start_times_per_fn[event.fn].add(started)
            self._since[event._id] = time.monotonic()
            task = run_coro_in_background(
                self.process_events, [event], event.fn.batch, started, event.fn
            )
            # By this name Gradio's page cancels it.
            set_task_name(task, event.session_hash, event.fn._id, event._id, batch=event.fn.batch)
            self._asyncio_tasks.add(task)
            task.add_done_callback(partial(self._ended, event))
            if self.live_updates:
                self.broadcast_estimations(concurrency_id)

    def _ended(self, event: Event, task: asyncio.Task) -> None:
        """Gives back the place of an event that was cancelled before it began."""
        self._asyncio_tasks.discard(task)
        if [event] in self.active_jobs:
            self.active_jobs[self.active_jobs.index([event])] = None
            self.event_queue_per_concurrency_id[event.concurrency_id].current_concurrency -= 1
            self.event_ids_to_events.pop(event._id, None)

    def get_events(self) -> tuple[list[Event], bool, str] | None:
        """The event whose turn it is, taken out of the queue; requests that paused go on.

        One client never has all places: who comes next must not wait for the end of a long song.
        """
        for concurrency_id, events in self.event_queue_per_concurrency_id.items():
            while (
                events.concurrency_limit is None
                or events.current_concurrency < events.concurrency_limit
            ):
                paused = [t for t in self._paused if t.event.concurrency_id == concurrency_id]
                waiting = [*events.queue, *(turn.event for turn in paused)]
                most = max(1, (events.concurrency_limit or 2) - 1)
                ranks = {event: self._rank(event) for event in waiting}
                ranks = {event: rank for event, rank in ranks.items() if rank[0] < most}
                if not ranks:
                    break
                event = min(ranks, key=ranks.__getitem__)
                if event in events.queue:
                    events.queue.remove(event)
                    return [event], False, concurrency_id
                (turn,) = (turn for turn in paused if turn.event is event)
                self._resume(turn, events)
        return None

    def _rank(self, event: Event) -> tuple[int, float, float]:
        """What orders events: how many places the client has, how much it used, when it came."""
        client = client_of(event.request.scope)
        running = sum(
            client_of(other.request.scope) == client
            for job in self.active_jobs
            for other in job or ()
            if other._id in self._since
        )
        return running, self._seconds(client), event.enqueue_time

    def _resume(self, turn: _Turn, events: EventQueue) -> None:
        self._paused.remove(turn)
        events.current_concurrency += 1
        self._since[turn.event._id] = time.monotonic()
        if not turn.granted.done():
            turn.granted.set_result(None)

    def _seconds(self, client: str) -> float:
        """How long a client used places; what is long ago counts less."""
        seconds, when = self._used.get(client, (0.0, 0.0))
        return seconds * math.exp((when - time.monotonic()) / _MEMORY_S)

    def _charge(self, event: Event) -> None:
        """Notes what an event used of its place since it was last charged."""
        now, client = time.monotonic(), client_of(event.request.scope)
        since = self._since.pop(event._id, None)
        if since is not None:
            self._used[client] = (self._seconds(client) + now - since, now)

    async def next_turn(self) -> bool:
        """Does what `songnet.ui.server.turns.next_turn` says for the event that runs."""
        event = self._running(LocalContext.event_id.get(None))
        if event is None:
            return True
        if self._is_left(event):
            return False
        events = self.event_queue_per_concurrency_id[event.concurrency_id]
        self._charge(event)
        turn = _Turn(event, asyncio.get_running_loop().create_future())
        self._paused.append(turn)
        events.current_concurrency -= 1
        try:
            await turn.granted
        except asyncio.CancelledError:
            # The place is given back by whoever ends the event: it has to be taken.
            if turn in self._paused:
                self._resume(turn, events)
            raise
        return not self._is_left(event)

    def _running(self, event_id: str | None) -> Event | None:
        jobs = (event for job in self.active_jobs for event in job or ())
        return next((event for event in jobs if event._id == event_id), None)

    async def process_events(self, events: list[Event], *arguments: Any, **named: Any) -> None:
        """Does what the base class does, and charges the client for the place."""
        try:
            await super().process_events(events, *arguments, **named)
        finally:
            self.last_answer = time.monotonic()
            for event in events:
                self._charge(event)
                self._last_seen[event.session_hash] = time.monotonic()

    def compute_analytics_summary(self, records: Any) -> dict[str, dict]:
        """Nothing: it is for a page that is closed here."""
        return {"functions": {}}

    # --- Leaving ---

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
        self._last_seen[session] = time.monotonic()
        if not self.pending_event_ids_session.get(session):
            self._forget(session)

    def _forget(self, session: str) -> None:
        if session in self._listeners or session in self._sessions_at_work():
            return
        self.pending_messages_per_session.pop(session, None)
        self.pending_event_ids_session.pop(session, None)
        self._last_seen.pop(session, None)

    def _sessions_at_work(self) -> set[str]:
        waiting = [events.queue for events in self.event_queue_per_concurrency_id.values()]
        running = [job for job in self.active_jobs if job]
        return {event.session_hash for events in (*waiting, *running) for event in events}

    def _is_left(self, event: Event) -> bool:
        """Whether nobody waits for an event's answer any longer."""
        if not event.alive or event.session_hash not in self.pending_messages_per_session:
            return True
        if event.session_hash in self._listeners:
            return False
        last = self._last_seen.get(event.session_hash, event.enqueue_time)
        return time.monotonic() - last > LEFT_S

    async def _sweep(self) -> None:
        """Forgets, again and again, what was left behind."""
        while not self.stopped:
            try:
                await self._sweep_once()
            except Exception:
                _LOG.exception("The queue could not be swept")
            await asyncio.sleep(_SWEEP_S)

    async def _sweep_once(self) -> None:
        now = time.monotonic()
        for events in self.event_queue_per_concurrency_id.values():
            for event in [event for event in events.queue if self._is_left(event)]:
                await self.clean_events(event_id=event._id)
                self.pending_event_ids_session.get(event.session_hash, set()).discard(event._id)
        sessions = {*self.pending_messages_per_session, *self.pending_event_ids_session}
        for session in sessions:
            waited = now - self._last_seen.setdefault(session, now)
            if waited > KEEP_S or not self.pending_event_ids_session.get(session):
                self._forget(session)
        for session in self._last_seen.keys() - sessions:
            del self._last_seen[session]
        for client in [client for client in self._used if self._seconds(client) < 0.01]:
            del self._used[client]
        if self.server_app is not None:
            running = {event._id for job in self.active_jobs for event in job or ()}
            self.server_app.iterators_to_reset &= running
