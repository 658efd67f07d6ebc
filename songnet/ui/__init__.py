"""The page: `page` puts it together, the other modules are one tab or figure family each."""

import importlib

from songnet.ui.server.stubs import without_stubs

# Before any other module imports it.
with without_stubs():
    importlib.import_module("gradio")
