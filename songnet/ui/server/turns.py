"""What an event of several songs calls between two of them."""

from gradio.context import LocalContext


async def next_turn() -> bool:
    """Lets others go first whose turn it is: `songnet.ui.server.fair_queue` says who.

    Returns
    -------
    bool
        Whether anybody still waits for the event's answer; if not, the work may end.
    """
    blocks = LocalContext.blocks.get(None)
    # A queue of Gradio's own has no turns.
    take = getattr(blocks and blocks._queue, "next_turn", None)
    return True if take is None else await take()
