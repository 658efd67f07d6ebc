"""Whether the visitor whose request this thread works on is still there."""

from gradio.context import LocalContext


def has_left() -> bool:
    """Whether whoever asked has closed the connection or cancelled.

    Gradio notes it in the queue, closes a generator at its next value, and lets a function go on.

    Returns
    -------
    bool
        False outside a request.
    """
    page, event_id = LocalContext.blocks.get(None), LocalContext.event_id.get(None)
    if page is None or event_id is None:
        return False
    # The queue's own loop changes the list meanwhile.
    events = [event for job in list(page._queue.active_jobs) for event in list(job or [])]
    return any(event._id == event_id and not event.alive for event in events)
