"""The page: `page` builds it from `tabs` and `figures`, and `server` protects it."""

import importlib

from songnet.ui.server.stubs import without_stubs

# Before any other module imports Gradio.
with without_stubs():
    importlib.import_module("gradio")
