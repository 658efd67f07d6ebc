"""Settings from environment variables: read once at the start, then passed down.

`SECURITY.md` lists the variables.
"""

import ipaddress
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlsplit

from songnet.audio import Limits
from songnet.errors import AudioError, LimitError, SettingsError
from songnet.sandbox import LEAST_MEMORY, Resources
from songnet.weights.options import REPOSITORY_VARIABLE, REVISION_VARIABLE, WEIGHTS_VARIABLE

# The variables of `Limits`.
LIBRARY_VARIABLE = "SONGNET_LIBRARY"
_VARIABLES = {
    "max_bytes": "SONGNET_MAX_MB",
    "max_seconds": "SONGNET_MAX_MINUTES",
    "max_pcm_bytes": "SONGNET_MAX_PCM_MB",
}
_MB = 2**20
# Between a Space and its visitors stand the Hub's own proxies, which have private addresses.
_SPACE_PROXIES = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
# Of any unit: a terabyte, or 11 days. What systems count with ends not far beyond.
_MOST = 1_000_000


@dataclass(frozen=True)
class Settings:
    """How the page and the command line run; the library itself reads no environment.

    Attributes
    ----------
    limits : Limits
        Which files are refused.
    resources : Resources
        What a child process may use for one file.
    max_songs : int > 0
        Most songs in one request: other visitors wait until it is answered.
    queue_size : int > 0
        Most requests that wait for their turn; further ones are refused.
    keep_seconds : int > 0 [s]
        Age at which a visitor's file is deleted.
    tools : bool
        Whether the API is offered as tools of the Model Context Protocol, too.
    trusted_proxies : tuple of str
        Addresses and networks, such as ``"10.0.0.0/8"``, of the proxies in front of the page:
        only what they say of a visitor's address and of the page's own is believed.
    hub : str or None
        Where the weights are on the Hugging Face Hub: ``"OWNER/NAME"`` or
        ``"OWNER/NAME@REVISION"``; None for the weights of this installation.
    weights : str or None
        Folder with the weights; None for those of `hub`, or of this installation.
    browser_url : str or None
        Address of the page that runs in the visitor's browser, to which this one links.
    library : str or None
        The library of songs in which the page says what sounds alike, and of which it shows a map;
        None for the index that comes with the weights.
    """

    limits: Limits = Limits()
    resources: Resources = Resources()
    max_songs: int = 100
    queue_size: int = 100
    keep_seconds: int = 3600
    tools: bool = False
    trusted_proxies: tuple[str, ...] = ()
    hub: str | None = None
    weights: str | None = None
    browser_url: str | None = None
    library: str | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Reads the ``SONGNET_`` variables; one that is empty or not set means the default.

        Parameters
        ----------
        environment : mapping of str to str

        Returns
        -------
        Settings

        Raises
        ------
        SettingsError
            If a limit is no number above 0 and up to a million, a switch neither 0 nor 1, or a
            proxy no address: a mistyped limit must not mean that there is none. If a decoder would
            have too little memory to start, a revision has no repository, a repository is a
            folder or named beside one, or an address is none of the web.

        Examples
        --------
        >>> Settings.from_environment({"SONGNET_MAX_MINUTES": "10"}).limits.max_seconds
        600.0
        """
        limit = partial(_limit, environment)
        switch = partial(_switch, environment)
        address = partial(_address, environment)
        return cls(
            limits=Limits(
                max_bytes=round(limit("SONGNET_MAX_MB", Limits.max_bytes, unit=_MB)),
                max_seconds=limit("SONGNET_MAX_MINUTES", Limits.max_seconds, unit=60),
                max_pcm_bytes=round(limit("SONGNET_MAX_PCM_MB", Limits.max_pcm_bytes, unit=_MB)),
            ),
            resources=Resources(
                memory_bytes=round(
                    limit("SONGNET_DECODER_MB", Resources.memory_bytes, _MB, least=LEAST_MEMORY)
                ),
                cpu_seconds=math.ceil(limit("SONGNET_DECODER_CPU_SECONDS", Resources.cpu_seconds)),
                wall_seconds=limit("SONGNET_DECODER_SECONDS", Resources.wall_seconds),
            ),
            max_songs=math.ceil(limit("SONGNET_MAX_SONGS", cls.max_songs)),
            queue_size=math.ceil(limit("SONGNET_QUEUE_SIZE", cls.queue_size)),
            keep_seconds=math.ceil(limit("SONGNET_KEEP_MINUTES", cls.keep_seconds, unit=60)),
            tools=switch("SONGNET_MCP"),
            trusted_proxies=_networks(environment, "SONGNET_TRUSTED_PROXIES"),
            hub=_hub(environment),
            weights=_weights(environment),
            browser_url=address("SONGNET_BROWSER_URL"),
            library=_library(environment),
        )


def explain(error: AudioError) -> str:
    """The sentence of an error, and for a limit the variable that changes it.

    For who may set variables: a visitor of the page may not.

    Examples
    --------
    >>> explain(LimitError("a.mp3 lasts longer than 30 min: cut out a part.", "max_seconds"))
    'a.mp3 lasts longer than 30 min: cut out a part, or raise SONGNET_MAX_MINUTES.'
    """
    variable = _VARIABLES.get(error.limit) if isinstance(error, LimitError) else None
    return f"{str(error).removesuffix('.')}, or raise {variable}." if variable else str(error)


def _limit(
    environment: Mapping[str, str], name: str, default: float, unit: float = 1, least: float = 0
) -> float:
    """The number in a variable times its unit, or the default."""
    text = environment.get(name, "")
    if not text:
        return default
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise SettingsError(f"{name} is {text!r}: give a number above 0, or leave it out.")
    if unit * value < least:
        raise SettingsError(
            f"{name} is {text!r}, which is too little: give {least / unit:g} or more, or leave it "
            "out."
        )
    if value > _MOST:
        raise SettingsError(
            f"{name} is {text!r}, which is too much: give at most {_MOST}, or leave it out."
        )
    return unit * value


def _switch(environment: Mapping[str, str], name: str) -> bool:
    """The switch in a variable: True for 1; False for 0, and where it is empty or not set."""
    text = environment.get(name, "")
    if text not in ("", "0", "1"):
        raise SettingsError(f"{name} is {text!r}: give 1 for on or 0 for off.")
    return text == "1"


def _networks(environment: Mapping[str, str], name: str) -> tuple[str, ...]:
    """The addresses and networks in a variable, which commas separate; a Space has its own."""
    text = environment.get(name, "")
    if not text:
        return _SPACE_PROXIES if environment.get("SPACE_ID") else ()
    networks = tuple(filter(None, map(str.strip, text.split(","))))
    for network in networks:
        try:
            ipaddress.ip_network(network)
        except ValueError as error:
            raise SettingsError(
                f"{name} is {text!r}: give addresses or networks such as 10.0.0.0/8, with commas "
                "between them, or leave it out."
            ) from error
    return networks


def _library(environment: Mapping[str, str]) -> str | None:
    """The library in its variable; a Space, which anybody may visit, has none."""
    library = environment.get(LIBRARY_VARIABLE) or None
    if library is not None and environment.get("SPACE_ID"):
        raise SettingsError(
            f"{LIBRARY_VARIABLE} names a library, and this is a Space, where everybody would see "
            "what is in it: leave it out."
        )
    return library


def _address(environment: Mapping[str, str], name: str) -> str | None:
    """The web address in a variable; None where it is empty or not set."""
    text = environment.get(name, "").strip()
    if not text:
        return None
    try:
        parts = urlsplit(text)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and " " not in text
    except ValueError:
        valid = False
    if not valid:
        raise SettingsError(
            f"{name} is {text!r}: give an address that begins with https://, or leave it out."
        )
    return text


def _hub(environment: Mapping[str, str]) -> str | None:
    """The repository and revision in their variables, as ``"OWNER/NAME@REVISION"``."""
    repository = environment.get(REPOSITORY_VARIABLE)
    revision = environment.get(REVISION_VARIABLE)
    if revision and not repository:
        raise SettingsError(
            f"{REVISION_VARIABLE} is {revision!r}, and {REPOSITORY_VARIABLE} is not set: set both, "
            "or neither."
        )
    if repository and not revision and os.path.isdir(repository):
        raise SettingsError(
            f"{REPOSITORY_VARIABLE} is {repository!r}, a folder here: set {WEIGHTS_VARIABLE} to "
            f"it, or, for the Hub's repository of that name, {REVISION_VARIABLE}, too."
        )
    return "@".join(filter(None, [repository, revision])) if repository else None


def _weights(environment: Mapping[str, str]) -> str | None:
    """The folder in its variable, which no repository may be named beside."""
    folder = environment.get(WEIGHTS_VARIABLE) or None
    if folder is not None and environment.get(REPOSITORY_VARIABLE):
        raise SettingsError(
            f"{WEIGHTS_VARIABLE} and {REPOSITORY_VARIABLE} are both set, and weights come from one "
            "place: set one of them."
        )
    return folder
