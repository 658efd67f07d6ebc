"""SongNet as a static page: the network runs in the visitor's browser, and nothing is uploaded.

``page/`` is the page, in JavaScript; `songnet.browser.build` puts it together with the weights.
"""
