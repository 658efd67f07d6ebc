"""The report: figures, tables and plots that are computed from the evidence."""

import json
import wave
from pathlib import Path

import numpy as np
import pytest

from songnet.classifier import Classifier
from songnet.spec import GENRES
from songnet.weights import EMBEDDED
from songnet.weights.metrics import Metrics
from songnet.weights.release import FileIdentity, ReleaseConfig
from tests.support import readme
from tests.support.paths import ROOT
from train.__main__ import main
from train.cost import training
from train.errors import DataError
from train.evidence import before_after, predictions
from train.evidence.names import EvidenceName
from train.markdown import has_part
from train.plotting import save
from train.release import plots, report
from train.release import readme as readme_parts
from train.release.attention_plot import attention
from train.release.figures import compute_metrics, read_measured


def leaves(tree, path=""):
    """The numbers and texts of nested JSON, by their path."""
    if isinstance(tree, dict | list):
        items = tree.items() if isinstance(tree, dict) else enumerate(tree)
        return {k: v for key, item in items for k, v in leaves(item, f"{path}/{key}").items()}
    return {path: tree}


def figures_of(artifacts: Path) -> Metrics:
    return compute_metrics(read_measured(artifacts))


def write_predictions(
    release: Path,
    label: np.ndarray,
    probabilities: np.ndarray,
    *,
    artist_id: np.ndarray | None = None,
    first_track: int = 0,
    protocol: str = "official",
    split: str = "test",
    model: str = "songnet",
    number: int = 0,
) -> None:
    """Writes evidence: by default of clips that have an artist each."""
    tracks = np.arange(len(label))
    evidence = predictions.Evidence(
        track_id=first_track + tracks,
        label=label,
        artist_id=tracks if artist_id is None else artist_id,
        probabilities=probabilities,
    )
    name = EvidenceName(protocol=protocol, split=split, model=model, number=number)
    predictions.write(release / "evidence" / name.file, evidence)


@pytest.mark.slow
def test_shipped_figures_follow_from_the_shipped_evidence():
    stored = json.loads((EMBEDDED / "metrics.json").read_text(encoding="utf-8"))
    computed = json.loads(json.dumps(figures_of(EMBEDDED)))
    # Processors round the last digit differently.
    assert leaves(computed) == {
        path: pytest.approx(value, rel=1e-12) if isinstance(value, float) else value
        for path, value in leaves(stored).items()
    }


def test_the_pages_say_what_the_figures_say():
    """`python -m train report` writes them; each part has one page."""
    stored = json.loads((EMBEDDED / "metrics.json").read_text(encoding="utf-8"))
    parts = readme_parts.parts(EMBEDDED, stored, ReleaseConfig.read(EMBEDDED))
    assert set(parts) == {
        *("figures", "answers", "lead", "genres", "harder", "sizes", "robustness", "starts"),
        *("network", "speed", "hear", "page", "browser", "library"),
        *("own-genres", "own-genres-in-short"),
    }
    found = []
    for path in map(ROOT.joinpath, readme_parts.PAGES):
        page = path.read_text(encoding="utf-8")
        found += [name for name in parts if has_part(page, name)]
        assert readme_parts.filled(page, readme_parts.seen_from(path, ROOT, parts)) == page
    assert sorted(found) == sorted(parts)
    accuracy = stored["protocols"]["official"]["models"]["songnet"]["accuracy"]["mean"]
    assert f"{100 * accuracy:.1f} %" in readme.text()


def write_release_config(folder, sha256="0"):
    """The `config.json` of a release whose answers are "not sure" below 0.4."""
    files = {"songnet.tflite": FileIdentity(sha256)}
    config = ReleaseConfig(version="0.1.0", genres=GENRES, abstain_below=0.4, files=files)
    config.write(folder)


@pytest.fixture
def release(tmp_path):
    folder = tmp_path / "release"
    folder.mkdir()
    write_release_config(folder)
    return folder


def test_plots_are_drawn_from_the_evidence(release):
    rng = np.random.default_rng(0)
    label = np.arange(80) % 8
    probabilities = rng.dirichlet([1] * 8, 80)
    artists = np.arange(80) // 4
    write_predictions(release, label, probabilities, artist_id=artists, split="validation")
    epochs = [{"epoch": 1, "loss": 2.0, "val_log_loss": 1.9, "val_accuracy": 0.3}]
    (release / "evidence" / "history.json").write_text(json.dumps(epochs))
    measured = read_measured(release)
    report.draw(release, measured, compute_metrics(measured))
    drawn = {path.name: path.stat().st_size for path in (release / "plots").iterdir()}
    expected = {"confusion.png", "reliability.png", "risk_coverage.png", "comparison.png"}
    expected.add("training_history.png")
    assert set(drawn) == expected
    assert min(drawn.values()) > 10_000


@pytest.mark.parametrize(("high", "limit"), [(0.7, 88), (1.0, 112)])
def test_figures_beside_the_bars_have_room(tmp_path, monkeypatch, high, limit):
    figures = {"accuracy": {"mean": 0.6, "low": 0.5, "high": high}}
    protocol = {"split": "test", "clips": 9, "models": {"songnet": figures, "knn": figures}}
    drawn = []

    def saved(figure, path):
        drawn.append(figure.axes[0].get_xlim())
        save(figure, path)

    monkeypatch.setattr(plots, "save", saved)
    plots.comparison({"official": protocol}, {}, tmp_path / "comparison.png")
    assert drawn == [(0, limit)]


def test_a_split_may_be_small_and_lack_genres(release):
    """No bin of the reliability diagram is full, and nothing is sure enough for an answer."""
    write_predictions(release, np.arange(6) % 3, np.full((6, 8), 1 / 8))
    page = release.parent / "README.md"
    marks = "".join(f"<!-- {n}: begin --><!-- {n}: end -->" for n in ("answers", "robustness"))
    page.write_text(marks)
    assert main(["report", "--artifacts", str(release)]) == 0
    songnet = json.loads((release / "metrics.json").read_text())
    songnet = songnet["protocols"]["official"]["models"]["songnet"]
    assert songnet["recall"]["Folk"] == 0
    assert songnet["recall"]["Rock"] is None
    assert songnet["answered"] == {"share": 0, "accuracy": None}
    assert "“not sure” of all songs" in page.read_text()
    assert (release / "plots" / "reliability.png").stat().st_size > 10_000


def test_a_readme_without_tables_stays_as_it_is(release):
    write_predictions(release, np.arange(2), np.eye(8)[:2])
    page = release.parent / "README.md"
    page.write_text("Mine.")
    assert main(["report", "--artifacts", str(release)]) == 0
    assert page.read_text() == "Mine."


def test_evidence_of_others_alone_is_one_sentence(release, capsys):
    write_predictions(release, np.arange(2), np.eye(8)[:2], model="svm")
    assert main(["report", "--artifacts", str(release)]) == 1
    assert "nothing of SongNet" in capsys.readouterr().err.splitlines()[-1]


def test_attention_is_drawn_over_a_song(tmp_path):
    path = tmp_path / "song.wav"
    noise = np.random.default_rng(0).normal(0, 3000, 2 * 44_100).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 44_100, 0, "NONE", ""))
        file.writeframes(noise.tobytes())
    attention(Classifier.load(EMBEDDED), path, tmp_path / "attention.png")
    assert (tmp_path / "attention.png").stat().st_size > 50_000


def robustness_evidence(folder: Path, weights: str) -> None:
    rng = np.random.default_rng(0)
    some = [
        before_after.Pair(
            source="real",
            clip=f"{i}.mp3",
            artist="A",
            change="mono",
            before=rng.dirichlet([1] * 8),
            after=rng.dirichlet([1] * 8),
            weights=weights,
        )
        for i in range(4)
    ]
    before_after.write(folder / "evidence" / before_after.FILE, some, GENRES)


def test_robustness_is_that_of_the_shipped_weights(release):
    rng = np.random.default_rng(0)
    write_predictions(release, np.arange(80) % 8, rng.dirichlet([1] * 8, 80), split="validation")
    write_release_config(release, sha256="c0ffee00")
    robustness_evidence(release, "c0ffee")
    found = figures_of(release).get("robustness")
    assert found is not None
    assert found["clips"]["real"]["total"]["pairs"] == 4
    robustness_evidence(release, "badc0de")
    assert "robustness" not in figures_of(release)


def test_no_evidence_is_one_sentence(release, tmp_path_factory):
    with pytest.raises(DataError, match="no evidence"):
        figures_of(release)
    with pytest.raises(DataError, match="export"):
        figures_of(tmp_path_factory.mktemp("nothing"))


def test_folds_are_calibrated_across_and_pooled(release):
    rng = np.random.default_rng(0)
    for fold in range(2):
        label, artist = rng.integers(8, size=400), np.arange(400) // 4
        sure = 0.9 * np.eye(8)[np.where(rng.random(400) < 0.5, label, 0)] + 0.0125
        write_predictions(
            release,
            label,
            sure,
            artist_id=artist + 100 * fold,
            first_track=1000 * fold,
            protocol="folds",
            number=fold,
        )
    folds = figures_of(release)["protocols"]["folds"]
    assert folds["clips"] == 800
    assert folds["artists"] == 200
    # Half of the predictions are correct, at a confidence of 91 %.
    assert folds["models"]["songnet"]["ece"]["mean"] < 0.1


def test_the_test_split_leads(release):
    """Its figures are those of the official split; then come the folds, then validation."""
    rng = np.random.default_rng(0)
    label, artists = np.arange(80) % 8, np.where(np.arange(80) % 8 == 2, 0, np.arange(80))
    for protocol, split in (
        *(("random", "test"), ("folds", "test"), ("official", "validation")),
        ("official", "test"),
    ):
        for model in ("songnet", "svm", "vggish"):
            sure = 0.4 if (split, model) == ("validation", "songnet") else 0.0
            noise = (1 - sure) * rng.dirichlet([1] * 8, 80) + sure * np.eye(8)[label]
            probabilities = np.eye(8)[label] if model == "vggish" else noise
            for number in range(2 if protocol == "folds" else 1):
                write_predictions(
                    release,
                    label,
                    probabilities,
                    artist_id=artists,
                    protocol=protocol,
                    split=split,
                    model=model,
                    number=number,
                )
    found = figures_of(release)
    protocols = found["protocols"]
    assert list(protocols) == ["official", "folds", "official-validation", "random"]
    assert protocols["official"]["split"] == "test"
    folk = {"clips": 10, "artists": 1, "most_of_one": 10}
    assert "chose the epoch" in protocols["official-validation"]["description"]
    assert protocols["official"].get("genres", {})["Folk"] == folk
    # What is there for reference only is not what SongNet is compared with.
    assert protocols["official"].get("lead", {})["over"] == "svm"
    parts = readme_parts.parts(release, found, ReleaseConfig.read(release))
    before, after = (
        protocols[name]["models"]["songnet"]["accuracy"]["mean"]
        for name in ("official-validation", "official")
    )
    points = f"| {100 * before:.1f} % | {100 * after:.1f} % | {100 * (after - before):+.1f} |"
    assert f"| **SongNet** {points}" in parts["harder"]
    assert "Random" not in parts["harder"]
    header, _, *rows = parts["genres"].splitlines()
    assert header.startswith("| Genre | official, test: found | artists (most clips of one) | ")
    assert [row for row in rows if row.startswith("| Folk | ") and " | 1 (10 of 10) | " in row]
    assert " ".join(parts["lead"].split()).count("SongNet is ") == 2
    recall = protocols["official"]["models"]["songnet"]
    low, high = recall.get("recall_interval", {})["Rock"]
    assert low <= recall["recall"]["Rock"] <= high


def test_what_was_noted_of_data_and_training_is_among_the_figures(release):
    write_predictions(release, np.arange(6) % 3, np.full((6, 8), 1 / 8))
    assert not {"licences", "training"} & figures_of(release).keys()
    counted = {"data_set": "FMA-small", "licences": {"CC BY": 2}}
    (release / "evidence" / "licences.json").write_text(json.dumps(counted))
    training.record(release / "evidence", "official0", processor_s=300, wall_s=400)
    found = figures_of(release)
    assert found.get("licences") == {"CC BY": 2}
    assert found.get("training", {})["processor_s"] == 300


def test_seeds_on_their_own_clips_are_pooled(release):
    rng = np.random.default_rng(0)
    for seed in (0, 1):
        write_predictions(
            release,
            rng.integers(8, size=40),
            rng.dirichlet([1] * 8, 40),
            artist_id=np.arange(40) // 4,
            first_track=100 * seed,
            protocol="random",
            number=seed,
        )
    model = figures_of(release)["protocols"]["random"]["models"]["songnet"]
    assert len(model["accuracy"]["seeds"]) == 2
    assert model["accuracy"]["mean"] == pytest.approx(np.mean(model["accuracy"]["seeds"]))
    assert model["accuracy"]["low"] < model["accuracy"]["mean"] < model["accuracy"]["high"]
