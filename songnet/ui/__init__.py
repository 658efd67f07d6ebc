"""The page: `page` puts it together, the other modules are one tab or figure family each."""

from songnet.ui import _gradio as _gradio
