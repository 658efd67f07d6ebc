"""A `.keras` file of a stranger is data: no code in it is run, and damage is one sentence."""

import json
import zipfile

import keras
import pytest

from train.errors import DataError
from train.network.load import learned_from, load_network


@pytest.fixture
def network(tmp_path):
    """Saves a small network whose only layer is what is given."""

    def save(layer):
        path = tmp_path / "network.keras"
        keras.Sequential([keras.Input((2,)), layer]).save(path)
        return path

    return save


def configured(path, **changes):
    """Rewrites what the file says of its last layer."""
    with zipfile.ZipFile(path) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    config = json.loads(parts["config.json"])
    config["config"]["layers"][-1] |= changes
    parts["config.json"] = json.dumps(config).encode()
    with zipfile.ZipFile(path, "w") as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return path


def test_a_network_loads(network):
    assert load_network(network(keras.layers.Dense(2))).output_shape == (None, 2)


def test_code_in_a_network_is_not_run(network, tmp_path):
    ran = tmp_path / "ran"
    layer = keras.layers.Lambda(lambda x, ran=str(ran): (open(ran, "w").close(), x)[1])
    path = network(layer)
    ran.unlink()
    with pytest.raises(DataError, match=r"network\.keras is not a \.keras file that can be loaded"):
        load_network(path)
    assert not ran.exists()


@pytest.mark.parametrize(
    ("module", "name", "arguments"),
    [
        ("builtins", "exec", {"source": "open({ran!r}, 'w')"}),
        ("subprocess", "Popen", {"args": ["touch", "{ran}"]}),
        ("os", "system", {"command": "touch {ran}"}),
    ],
)
def test_a_network_names_no_code_of_python_s(network, tmp_path, module, name, arguments):
    ran = str(tmp_path / "ran")
    config = json.loads(json.dumps(arguments).replace("{ran}", ran).replace("{ran!r}", repr(ran)))
    path = configured(
        network(keras.layers.Dense(2)),
        module=module,
        class_name=name,
        registered_name=name,
        config=config,
    )
    with pytest.raises(DataError):
        load_network(path)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"no network" * 100])
def test_what_is_no_network(tmp_path, content):
    path = tmp_path / "network.keras"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"network\.keras is not a \.keras file"):
        load_network(path)


def test_a_damaged_network(network):
    path = network(keras.layers.Dense(2))
    path.write_bytes(path.read_bytes()[:-500])
    with pytest.raises(DataError, match=r"network\.keras is not a \.keras file"):
        load_network(path)


def test_a_network_of_another_kind_is_one_sentence(network):
    path = network(keras.layers.Dense(2))
    with pytest.raises(DataError, match="no output named probabilities"):
        learned_from(path, load_network(path))


@pytest.mark.parametrize(("written", "newer"), [("99.1.0", True), ("3.0.0", False), ("x", False)])
def test_a_network_of_a_newer_keras_says_so(network, written, newer):
    """Older ones know nothing of a layer's new settings, and say that at length."""
    path = configured(network(keras.layers.Dense(2)), class_name="Unheard")
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    files["metadata.json"] = json.dumps({"keras_version": written}).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    with pytest.raises(DataError) as failed:
        load_network(path)
    told = f"Keras 99.1.0 wrote it, and this is Keras {keras.__version__}: pip install "
    told += '"keras>=99.1.0".'
    assert str(failed.value).endswith(told) == newer
