"""Texts of tags whose encoding nobody states, or that are called Latin-1 and are not.

ID3v1, many ID3v2 frames and RIFF's INFO hold the bytes that a program of the time had: UTF-8, or
the code page of its computer, Russian, Chinese or Japanese. Nothing tells which but the bytes. A
text that could be Latin-1 in any Western language stays so. For the others chardet says which code
page is likely, and where that makes no words of one script, or another is nearly as likely, they
stay as they are, too. `tests/support/titles.py` has the titles on which this was measured.
"""

import codecs
import re
import unicodedata
from collections.abc import Callable
from contextlib import suppress

# The code pages that chardet chooses among; the scripts that must come out; and the smaller, older
# set within, which holds the characters in common use.
_CODE_PAGES = {
    "cp1251": (("CYRILLIC",), "cp1251"),
    "cp1253": (("GREEK",), "cp1253"),
    "cp1255": (("HEBREW",), "cp1255"),
    "gb18030": (("CJK",), "gb2312"),
    "big5hkscs": (("CJK",), "big5"),
    "cp949": (("HANGUL",), "euc_kr"),
    "cp932": (("CJK", "HIRAGANA", "KATAKANA"), "shift_jis"),
}
_SINGLE_BYTE = ("cp1251", "cp1253", "cp1255")
# Words of so many letters that have one script and ordinary capitals are not there by chance.
_NO_CHANCE = 6
# How much likelier than the next a code page must be. In fewer letters than that chardet takes
# Russian capitals for Chinese.
_MARGIN = 2.0
_SHORT_MARGIN = 10.0
# Bytes that are enough to tell.
_ENOUGH = 4096

# Latin-1 is read as what Windows made of it, which has quotation marks and dashes where Latin-1 has
# control characters.
_WINDOWS = {
    code: bytes([code]).decode("cp1252")
    for code in range(0x80, 0xA0)
    if code not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)
}
# The letters beyond ASCII of each Western language: a run of letters within one of these may be a
# word of it (``Ó, þú``; ``öö`` is Estonian for night).
_ALPHABETS = tuple(
    frozenset(letters)
    for letters in (
        "äöüßé",  # German
        "àâæçéèêëîïôœùûüÿ",  # French
        "áéíóúüñª",  # Spanish, Irish
        "áàâãçéêíóôõúüª",  # Portuguese
        "àèéìíîòóùú",  # Italian
        "àçéèíïóòúü",  # Catalan
        "âêîôûäëïöü",  # Welsh, Afrikaans
        "áéèëíïóöúü",  # Dutch
        "áéíóúýðþæöø",  # Icelandic, Faroese
        "æøåéèêóòôäöü",  # Danish, Norwegian
        "åäöéüšž",  # Swedish, Finnish
        "äöüõšž",  # Estonian
    )
)
# What stands beside letters without a space between.
_MARKS = frozenset("«»‹›“”„‘’‚¡¿…–—·º°´№•\xa0")
_RUN = re.compile("[^\x00-\x7f]{3,}")
# No text has control characters, and Shift-JIS has its syllables behind these two.
_NEVER_WESTERN = re.compile("[\x81\x8d\x8f\x90\x9d]|(?:[‚ƒ].){3}")
_WORD = re.compile(r"[^\W\d_]+")


def decoder(texts: list[bytes]) -> Callable[[bytes], str]:
    """How to decode the texts of one file, which one program wrote.

    Parameters
    ----------
    texts : list of bytes
        All texts in the file whose encoding is not known for certain.

    Returns
    -------
    function of bytes that returns str

    Examples
    --------
    >>> decoder([])("Café".encode("latin-1"))
    'Café'
    >>> decoder([])("Café".encode())
    'Café'
    >>> decode = decoder(["Кино".encode("cp1251"), "Группа крови".encode("cp1251")])
    >>> decode("Кино".encode("cp1251"))
    'Кино'
    """
    foreign = [text for text in texts if _utf8(text) is None and not _may_be_western(text)]
    code_page = None
    # Where the search fails on a stranger's bytes, they are Latin-1: no text is lost.
    with suppress(Exception):
        code_page = _code_page(foreign) if foreign else None

    def decode(text: bytes) -> str:
        decoded = _utf8(text)
        if decoded is None and code_page is not None:
            decoded = _in_code_page(text, code_page)
        return _western(text) if decoded is None else decoded

    return decode


def _utf8(text: bytes) -> str | None:
    """The text if it is UTF-8, also where ID3v1's 30 bytes cut off its last character."""
    try:
        decoded = codecs.getincrementaldecoder("utf-8")().decode(text)
    except UnicodeDecodeError:
        return None
    is_whole = len(decoded.encode()) == len(text)
    return decoded if is_whole or not decoded.isascii() else None


def _western(text: bytes) -> str:
    return text.decode("latin-1").translate(_WINDOWS)


def _may_be_western(text: bytes) -> bool:
    """Whether bytes may be Latin-1 in a Western language: if in doubt, yes."""
    western = _western(text)
    runs = _RUN.findall(western)
    return not _NEVER_WESTERN.search(western) and all(_may_be_written(run) for run in runs)


def _may_be_written(run: str) -> bool:
    """Whether some Western language may have these characters beyond ASCII in a row."""
    rest = set(run.lower()) - _MARKS
    is_signs = not any(c.isalpha() for c in rest)
    return is_signs or any(rest <= alphabet for alphabet in _ALPHABETS)


def _code_page(foreign: list[bytes]) -> str | None:
    """The code page of texts that are not Western; None where none is sure."""
    fitting = [
        name
        for name in _CODE_PAGES
        if all(_in_code_page(text, name) is not None for text in foreign)
    ]
    # chardet does not know Shift-JIS in half a dozen syllables, where these bytes tell.
    if "cp932" in fitting and all(_NEVER_WESTERN.search(_western(text)) for text in foreign):
        return "cp932"
    words = [name for name in fitting if name in _SINGLE_BYTE]
    margin = _MARGIN
    if words and words != fitting:
        if sum(byte >= 0xC0 for text in foreign for byte in text) >= _NO_CHANCE:
            fitting = words
        else:
            margin = _SHORT_MARGIN
    return _likeliest(b" ".join(foreign)[:_ENOUGH], fitting, margin)


def _likeliest(text: bytes, code_pages: list[str], margin: float) -> str | None:
    """Which code page chardet finds so much likelier than the others; None where none is."""
    if not code_pages:
        return None
    # Imported here: its tables take time and memory, and few files need them.
    import chardet

    found = chardet.detect_all(
        text,
        ignore_threshold=True,
        compat_names=False,
        include_encodings=code_pages,
        no_match_encoding=code_pages[0],
    )
    ranked = [answer for answer in found if answer["encoding"] in code_pages]
    sure = ranked and all(
        ranked[0]["confidence"] >= margin * other["confidence"] for other in ranked[1:]
    )
    return ranked[0]["encoding"] if sure else None


def _in_code_page(text: bytes, code_page: str) -> str | None:
    """The text in a code page; None where that makes no words of its script."""
    try:
        decoded = text.decode(code_page)
        # Hanzi, syllables and so on that nobody uses are a sign of another code page.
        decoded.encode(_CODE_PAGES[code_page][1])
    except UnicodeError:
        return None
    if not all(c.isascii() or c in _MARKS or _has_script(c, code_page) for c in decoded):
        return None
    if code_page in _SINGLE_BYTE:
        return decoded if all(map(_is_word, _WORD.findall(decoded))) else None
    # Two letters of Latin-1 are one character here.
    return None if _may_be_western(text) else decoded


def _has_script(c: str, code_page: str) -> bool:
    """Whether a character is a letter of a code page's script, or punctuation of East Asia."""
    if code_page not in _SINGLE_BYTE and ("\u3000" <= c <= "\u303f" or "\uff01" <= c <= "\uff5e"):
        return True
    kind = unicodedata.name(c, "?").split()[0]
    return c in "・ー" or (c.isalpha() and kind in _CODE_PAGES[code_page][0])


def _is_word(word: str) -> bool:
    """Whether a word has one script, and capitals as words do."""
    is_ascii = {c.isascii() for c in word}
    return len(is_ascii) == 1 and word in (
        word.lower(),
        word.upper(),
        word.capitalize(),
        word.title(),
    )
