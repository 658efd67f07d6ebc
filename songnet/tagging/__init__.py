"""Writes genres into the tags of songs: shown first, checked, in one step, and to be undone.

`proposal` says what would be written, `write` does it for one file, through `rewrite`, and
`journal` puts down beforehand how it is undone. `formats` knows the kinds of tags.
"""

from songnet.tagging.journal import Entry, Journal, journals_folder
from songnet.tagging.names_map import NamesMap
from songnet.tagging.past_journal import PastJournal
from songnet.tagging.proposal import Candidate, Proposal, Rules, propose
from songnet.tagging.values import GENRE, Field
from songnet.tagging.write import Choices, undo_entry, write_genre

__all__ = [
    "GENRE",
    "Candidate",
    "Choices",
    "Entry",
    "Field",
    "Journal",
    "NamesMap",
    "PastJournal",
    "Proposal",
    "Rules",
    "journals_folder",
    "propose",
    "undo_entry",
    "write_genre",
]
