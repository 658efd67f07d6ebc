"""Gradio's queue, made fair between clients.

`docs/gradio.md` describes what of Gradio's own is at fault.
"""

import asyncio
import logging
import time
from collections import Counter
from dataclasses import dataclass
from functools import partial
from typing import Any

import gradio as gr
from gradio.context import LocalContext
from gradio.queueing import Event, EventQueue
from gradio.server_messages import ProcessCompletedMessage
from gradio.utils import run_coro_in_background, set_task_name

from songnet.ui.server import answers
from songnet.ui.server.clients import client_of
from songnet.ui.server.failures import error_payload
from songnet.ui.server.sessions import SessionQueue
from songnet.ui.server.usage import Usage

# A client's share of the requests that may wait.
SHARE = 4
_PAUSE_S = 0.5
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


class FairQueue(SessionQueue):
    """Takes turns between clients: who used the places least, lately, is next.

    Replaces Gradio's `Queue` (`gradio_patches`). A client is what the gate wrote into the request.

    Attributes
    ----------
    last_turn : float [s]
        When the loop that hands out places last went round, on the monotonic clock.
    restarts : int
        How often that loop failed and was started again.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.last_turn = time.monotonic()
        self.restarts = 0
        self._paused: list[_Turn] = []
        self._usage = Usage()

    def start(self) -> None:
        """Does what the base class does; requests that let others go first keep no slot."""
        super().start()
        self.active_jobs = [None] * (self.max_thread_count + (self.max_size or 0))

    # --- Joining ---

    async def push(self, body: Any, request: Any, username: str | None) -> Any:
        """Does what the base class does, if the client has not too much waiting already."""
        session, client = body.session_hash, client_of(request.scope)
        if not self.make_room_for(session, client):
            return False, answers.BUSY, "queue_full"
        if self.max_size is not None:
            waiting = Counter(client_of(event.request.scope) for event in self.waiting())
            if waiting[client] >= max(1, self.max_size // SHARE):
                return False, answers.BUSY, "queue_full"
            if waiting.total() >= self.max_size:
                self._make_room(waiting, client)
        joined, what, state = await super().push(body, request, username)
        # They are kept for a page that is closed here.
        self.event_analytics.clear()
        if body.session_hash in self.pending_messages_per_session:
            self.joined(body.session_hash, client)
        if state == "error":
            # It is the text of whatever exception a validator raised.
            return joined, answers.NOT_UNDERSTOOD, state
        return joined, what, state

    def _make_room(self, waiting: Counter[str], client: str) -> None:
        """Gives up the last request of whoever has most, if they still have more than a newcomer.

        Else a few clients, each with its share, would keep all others out.
        """
        ((greediest, most),) = waiting.most_common(1)
        if most < waiting[client] + 2:
            return
        theirs = (e for e in self.waiting() if client_of(e.request.scope) == greediest)
        event = max(theirs, key=lambda event: event.enqueue_time)
        self.event_queue_per_concurrency_id[event.concurrency_id].queue.remove(event)
        self.event_ids_to_events.pop(event._id, None)
        told = error_payload(gr.Error(answers.BUSY, print_exception=False), show_error=False)
        self.send_message(event, ProcessCompletedMessage(output=told, success=False))

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
                    await asyncio.sleep(_PAUSE_S)
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
            self._usage.begin(event._id)
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
            self._charge(event)

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
        at_work = (other for other in self.running() if self._usage.is_used_by(other._id))
        places = sum(client_of(other.request.scope) == client for other in at_work)
        return places, self._usage.seconds(client), event.enqueue_time

    def _resume(self, turn: _Turn, events: EventQueue) -> None:
        self._paused.remove(turn)
        events.current_concurrency += 1
        self._usage.begin(turn.event._id)
        if not turn.granted.done():
            turn.granted.set_result(None)

    def _charge(self, event: Event) -> None:
        self._usage.end(event._id, client_of(event.request.scope))

    async def next_turn(self) -> bool:
        """Does what `songnet.ui.server.turns.next_turn` says for the event that runs."""
        event_id = LocalContext.event_id.get(None)
        event = next((event for event in self.running() if event._id == event_id), None)
        if event is None:
            return True
        if self.is_left(event):
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
        return not self.is_left(event)

    async def process_events(self, events: list[Event], *arguments: Any, **named: Any) -> None:
        """Does what the base class does, and charges the client for the place."""
        try:
            await super().process_events(events, *arguments, **named)
        finally:
            for event in events:
                self._charge(event)
                self.saw(event.session_hash)

    async def _sweep_once(self) -> None:
        await super()._sweep_once()
        self._usage.forget()
