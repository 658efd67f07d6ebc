"""Options of the page's events: those that use the network are queued, others run at once."""

from typing import Any

from gradio.blocks import Block

# The result of an event: components with their new values or properties.
Update = dict[Block, Any]
# The page, the API and the tools share one limit on how many requests classify at once.
PLACES = 2
NETWORK: dict[str, Any] = {"concurrency_id": "network", "concurrency_limit": PLACES}
# Not part of the API, and not queued: these events need neither the network nor time.
IMMEDIATELY: dict[str, Any] = {"api_visibility": "private", "queue": False}
