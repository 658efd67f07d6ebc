"""The parent's side of one file that a child process has open."""

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from typing import TypeVar

import numpy as np

from songnet.audio import AudioInfo
from songnet.audio.cover import is_small_jpeg
from songnet.audio.tags import Tags
from songnet.errors import AudioError
from songnet.sandbox.messages import BLOCK, COVER, INFO, TAGS, WARNING
from songnet.sandbox.process import decoder_stopped

_Record = TypeVar("_Record")

# What of a file whose tags or cover crash the child, or use up its allowance.
TAGS_LEFT_OUT = "The tags could not be read in time and are left out."
COVER_LEFT_OUT = "The cover art could not be read in time and is left out."

_MOST_WARNINGS = 10
_LONGEST_WARNING = 300  # bytes


class Song:
    """A file that a child process has open: `songnet.sandbox.Sandbox.open` makes it.

    The child sends the blocks first and reads the tags and the cover after them, while the last
    window is classified: tags that crash it are lost, but the song is not.

    Parameters
    ----------
    answers : iterator of (bytes, bytes)
        Kind and payload of the child's messages, as they come.
    name : str
        The file's name, for errors.

    Attributes
    ----------
    info : AudioInfo
        The file's format and duration, as its container states them.
    warnings : list of str
        What the file's owner should know, a sentence each; complete once the tags are read.

    Raises
    ------
    AudioError
        If the file is refused.
    """

    def __init__(self, answers: Iterator[tuple[bytes, bytes]], name: str):
        self._answers = answers
        self._name = name
        self._ended = False
        self.warnings: list[str] = []
        self.info = audio_info(next(answers, (b"", b"")), name)

    def blocks(self) -> Iterator[np.ndarray]:
        """Yields the samples as `songnet.audio.read_blocks` does; they can be read once.

        The child is at most a few blocks ahead, so that a slow reader takes no more memory.

        Yields
        ------
        np.ndarray [shape=(n,), float32]

        Raises
        ------
        AudioError
            As for `songnet.audio.read_blocks`.
        DecoderError
            If the child dies or takes too long.
        """
        while not self._ended:
            kind, payload = next(self._answers, (b"", b""))
            if kind == BLOCK:
                yield samples(payload, self._name)
            elif kind == WARNING:
                self._warn(payload)
            else:
                self._ended = True

    @property
    def tags(self) -> Tags:
        """The file's own tags; empty, with a warning, if reading them ends the child.

        Blocks that were not read are skipped.
        """
        return self._description[0]

    @property
    def cover(self) -> bytes | None:
        """The cover art, a small JPEG; None if there is none.

        Also None, with a warning, if reading it ends the child. Blocks that were not read are
        skipped.
        """
        return self._description[1]

    @cached_property
    def _description(self) -> tuple[Tags, bytes | None]:
        """Tags and cover."""
        for _ in self.blocks():
            pass
        tags, cover = None, None
        try:
            for kind, payload in self._answers:
                if kind == TAGS:
                    tags = tags_in(payload, self._name)
                elif kind == COVER and is_small_jpeg(payload):
                    cover = payload
                elif kind == WARNING:
                    self._warn(payload)
        except AudioError:
            self.warnings.append(TAGS_LEFT_OUT if tags is None else COVER_LEFT_OUT)
        return tags or Tags(), cover

    def _warn(self, payload: bytes) -> None:
        # A child that was taken over may answer anything.
        if len(self.warnings) < _MOST_WARNINGS:
            text = payload[:_LONGEST_WARNING].decode("utf-8", "replace")
            self.warnings.append("".join(c if c.isprintable() else "�" for c in text))


def audio_info(answer: tuple[bytes, bytes], name: str) -> AudioInfo:
    """The `AudioInfo` in a child's answer; raises a `DecoderError` if there is none."""
    kind, payload = answer
    return record(AudioInfo, payload if kind == INFO else b"", name)


def record(kind: type[_Record], payload: bytes, name: str) -> _Record:
    """Makes a record from the JSON of its fields; raises a `DecoderError` if it is invalid.

    A child that was taken over may answer anything.
    """
    try:
        return kind(**json.loads(payload))
    except (TypeError, ValueError, RecursionError) as error:
        raise decoder_stopped(name) from error


def tags_in(payload: bytes, name: str) -> Tags:
    """The `Tags` in a child's answer; raises a `DecoderError` if they are invalid."""
    tags = record(Tags, payload, name)
    genres: object = tags.genres
    texts = [tags.title, tags.artist, tags.album, tags.genre, tags.album_artist]
    valid = isinstance(genres, list) and all(isinstance(genre, str) for genre in genres)
    valid &= all(text is None or isinstance(text, str) for text in texts)
    if not valid or not (tags.year is None or (isinstance(tags.year, int) and tags.year < 10_000)):
        raise decoder_stopped(name)
    return replace(tags, genres=tuple(tags.genres))


def samples(payload: bytes, name: str) -> np.ndarray:
    """The samples in the payload of a block; raises a `DecoderError` if they are invalid."""
    try:
        return np.frombuffer(payload, dtype=np.float32)
    except ValueError as error:
        raise decoder_stopped(name) from error


def embedding(payload: bytes, name: str) -> np.ndarray | None:
    """The embedding in a payload, None for a silent song; raises a `DecoderError` if invalid."""
    numbers = samples(payload, name)
    if not np.isfinite(numbers).all():
        raise decoder_stopped(name)
    return numbers if numbers.size else None
