"""How the page's events run: those that use the network wait for their turn, others do not."""

from typing import Any

from gradio.blocks import Block

# What an event changes: components, and their new values or properties.
Update = dict[Block, Any]
# Songs that are classified at once, whoever asks: the page, the API or the tools.
NETWORK: dict[str, Any] = {"concurrency_id": "network", "concurrency_limit": 2}
# Not part of the API, and past the queue: nobody waits for what these use.
IMMEDIATELY: dict[str, Any] = {"api_visibility": "private", "queue": False}
