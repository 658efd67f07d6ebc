"""What a person may expect of a network, in sentences that follow from its measured figures."""

from songnet.weights.metrics import Answered, GenreClips, ProtocolFigures
from songnet.words import percent

# A genre of which a smaller share is found is called weak.
_WEAK = 0.5
# A genre of fewer artists in a split says little: their number is told.
_FEW_ARTISTS = 15


def sentences(protocol: ProtocolFigures) -> list[str]:
    """How often SongNet answers, how often it is right then, and on which music it is weak.

    Parameters
    ----------
    protocol : ProtocolFigures
        Measured on clips that the network has not learned from. Where every clip counts as an
        artist, their artists are not known, and nothing is said of artists.

    Returns
    -------
    list of str
        Three, or two of a network that is sure of nothing.
    """
    songnet = protocol["models"]["songnet"]
    answers = _answers(songnet["answered"], songnet["accuracy"]["mean"], _songs(protocol))
    return [*answers, _weakness(songnet["recall"], protocol.get("genres", {}))]


def _songs(protocol: ProtocolFigures) -> str:
    known = protocol["artists"] < protocol["clips"]
    return "songs by artists that are new to it" if known else "songs that are new to it"


def _answers(answered: Answered, accuracy: float, songs: str) -> list[str]:
    if answered["accuracy"] is None:
        return [f"It says “not sure” of all {songs}."]
    right = _percent(answered["accuracy"])
    if "accuracy_interval" in answered:
        low, high = (percent(end) for end in answered["accuracy_interval"])
        right += f" ({low} to {high})"
    if answered["share"] == 1:
        return [f"It answers all {songs}.", f"Of its answers {right} are right."]
    share = _percent(answered["share"])
    return [
        f"Of {songs}, it answers {share}, and says “not sure” of the others.",
        f"Of its answers {right} are right; were it to name its best guess for every song, "
        f"{_percent(accuracy)} would be.",
    ]


def _weakness(recall: dict[str, float | None], clips: dict[str, GenreClips]) -> str:
    """The genres of which less than half is found, and the one of which most is."""
    found = sorted((share, genre) for genre, share in recall.items() if share is not None)
    (lowest, worst), (highest, best) = found[0], found[-1]
    weak = [(genre, share) for share, genre in found if share < _WEAK]
    if not weak:
        return (
            f"It finds more than half of each genre's songs, the fewest of {worst} "
            f"({_percent(lowest)}) and the most of {best} ({_percent(highest)})."
        )
    *most, last = [f"{genre} ({_percent(share)}{_few(genre, clips)})" for genre, share in weak]
    listed = f"{', '.join(most)} and {last}" if most else last
    than = "" if highest < _WEAK else f"; it is best at {best} ({_percent(highest)})"
    return f"It is weak on {listed}, of whose songs it finds less than half{than}."


def _few(genre: str, clips: dict[str, GenreClips]) -> str:
    if genre not in clips or clips[genre]["artists"] >= _FEW_ARTISTS:
        return ""
    of = clips[genre]
    told = f", of only {of['artists']} artists"
    if 2 * of["most_of_one"] > of["clips"]:
        told += f", one of whom has {of['most_of_one']} of the {of['clips']} clips measured"
    return told


def _percent(share: float) -> str:
    return f"{percent(share)} %"
