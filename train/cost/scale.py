"""Time and space that FMA-full would take, computed from what `train.cost.speed` measured."""

import itertools

from songnet.spec import SPEC
from train.data import fma
from train.markdown import table, with_part
from train.network.fit import Recipe

# From the paper: 917 GiB and 343 days of audio in 106,574 tracks.
TRACKS = fma.ARCHIVES["fma_full.zip"].tracks
GIB = {"FMA-large": fma.ARCHIVES["fma_large.zip"].gib, "FMA-full": 917}
SECONDS = 343 * 24 * 3600 / TRACKS
BIT_RATE = 256_000
EPOCHS = Recipe().epochs
PRETRAINING_EPOCHS = Recipe().pretraining_epochs


def figures(measured: dict) -> dict[str, dict[str, float]]:
    """Time and space that each of both data sets takes.

    Parameters
    ----------
    measured : dict
        As `train.cost.speed.measure` returns it.

    Returns
    -------
    dict of str to dict
        For FMA-large and FMA-full: ``read_gib``, ``prepare_hours`` (of one processor),
        ``read_mib_s`` (for each processor at work),
        ``store_gib``, ``spectra_gib``, ``memory_gib`` (of the spectra, unless they stay on the
        disk), ``training_hours`` and ``pretraining_hours`` (of one processor, for `EPOCHS` and
        `PRETRAINING_EPOCHS` epochs), and ``TEACHER_hours`` of each teacher that was measured.
    """
    prepare = measured["prepare"]
    seconds = {
        "FMA-large": prepare["processor_s_per_clip"],
        "FMA-full": prepare["processor_s_per_track"],
    }
    pixels = SPEC.n_frames * SPEC.n_mels
    rate = measured["training"]["disk"]["clips_per_processor_second"]
    return {
        name: {
            "read_gib": GIB[name],
            "prepare_hours": TRACKS * seconds[name] / 3600,
            "read_mib_s": GIB[name] * 1024 / (TRACKS * seconds[name]),
            "store_gib": TRACKS * measured["store_bytes_per_clip"] / 2**30,
            "spectra_gib": TRACKS * pixels / 2**30,
            "memory_gib": TRACKS * pixels * 4 / 2**30,
            "training_hours": TRACKS * EPOCHS / rate / 3600,
            "pretraining_hours": TRACKS * PRETRAINING_EPOCHS / rate / 3600,
        }
        | {
            f"{teacher}_hours": TRACKS * taken["processor_s_per_clip"] / 3600
            for teacher, taken in measured.get("teachers", {}).items()
        }
        for name in GIB
    }


def tables(measured: dict) -> str:
    """The measurements and what follows from them, as Markdown tables.

    Parameters
    ----------
    measured : dict
        As `train.cost.speed.measure` returns it.

    Returns
    -------
    str
    """
    large, full = figures(measured).values()
    teachers = measured.get("teachers", {})
    rows = {
        "Read from the disk or archive": ("read_gib", "{:,.0f} GiB"),
        "`prepare`, hours of one processor": ("prepare_hours", "{:,.1f} h"),
        "Reading, for each processor that works on it": ("read_mib_s", "{:.0f} MiB/s"),
        "`features.sqlite`": ("store_gib", "{:.1f} GiB"),
        "The splits, with `--format memmap`": ("spectra_gib", "{:.1f} GiB"),
        "Memory for them without it": ("memory_gib", "{:.1f} GiB"),
    }
    hours = {f"`prepare --teacher {name}`, on top of it": f"{name}_hours" for name in teachers}
    hours[f"`fit`, {EPOCHS} epochs, hours of one processor"] = "training_hours"
    hours[f"`fit --pretrain`, {PRETRAINING_EPOCHS} epochs more"] = "pretraining_hours"
    rows |= {row: (key, "{:,.1f} h") for row, key in hours.items()}
    needed = table(
        [f"{TRACKS:,} tracks", "FMA-large", "FMA-full"],
        [
            [row, form.format(large[key]), form.format(full[key])]
            for row, (key, form) in rows.items()
        ],
    )
    prepare = measured["prepare"]
    machine = f"{measured['machine']}, with {measured['busy']:.0f} programs at once"
    speeds = [
        ["`prepare`, clips of 30 s", f"{1 / prepare['processor_s_per_clip']:.1f}", ""],
        [
            f"`prepare`, tracks of {prepare['track_s']:.0f} s",
            f"{1 / prepare['processor_s_per_track']:.1f}",
            "",
        ],
    ]
    for name, taken in teachers.items():
        rate = f"{1 / taken['processor_s_per_clip']:.1f}"
        speeds.append([f"{name} (with {taken['busy']:.0f} programs at once)", rate, ""])
    tasks = {"loader": "The loader alone", "training": "`fit`, with its loader"}
    places = {"memory": "in memory", "disk": "on the disk"}
    for task, place in itertools.product(tasks, places):
        rates = measured[task][place]
        speeds.append(
            [
                f"{tasks[task]}, clips {places[place]}",
                f"{rates['clips_per_processor_second']:,.0f}",
                f"{rates['clips_per_second']:,.0f}",
            ]
        )
    titles = [f"Measured on {machine}", "A second of one processor", "By the clock"]
    return f"{needed}\n\n{table(titles, speeds)}"


def with_tables(page: str, measured: dict) -> str:
    """The page's text with the tables between its marks."""
    return with_part(page, "figures", tables(measured))
