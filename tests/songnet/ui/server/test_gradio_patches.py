"""Gradio's insides are replaced as a whole or not at all, and nobody upgrades past a change."""

import hashlib
import inspect
import pkgutil
import subprocess
import sys
from importlib.metadata import version

import gradio.component_meta
import gradio.http_server
import gradio.route_utils
import pytest

from songnet.errors import PatchError
from songnet.ui import page
from songnet.ui.server import gradio_patches
from songnet.ui.server.gradio_patches import PATCHES, Patch
from tests.support.paths import ROOT

# SHA-256 of the source of what is replaced, and of what the replacements rely on: which function
# writes the stubs that `stubs` avoids, how a server is made, and how an upload reaches its parser.
REVIEWED = {
    "gradio.component_meta.create_or_modify_pyi": (
        "b40501ddad1680d091b85072a66782970e2f6d7725c3455a133087646eb01a86"
    ),
    "gradio.components.file.File._process_single_file": (
        "e7c4d6c576419a948dc12f4af8c22549000c0241c073a339c35942d43c631950"
    ),
    "gradio.http_server.Server": "0ee1d654bc850b2f4e5dd26cfeafe406f8a49f161ab34f5b40923dc41ac99124",
    "gradio.http_server.start_server": (
        "266da769f01a810005f4a1b42532fc7d3c896171e86a846d7c11cddcf18cad77"
    ),
    "gradio.mcp.GradioMCPServer": (
        "9f9278b1c7ae469585e67e2f257b0fcb1e03ced91b8f17b7ec8f66e26bb3a1e2"
    ),
    "gradio.processing_utils.async_ssrf_protected_download": (
        "01dca5b9abc47af91704fe27a0b6961609ec01de0f1d0e39a4708767e070fbef"
    ),
    "gradio.queueing.Queue": "d0f712468217414c65fcac024478fadfd2a0a4abc6de5bfefbbc3436ae9616e0",
    "gradio.queueing.error_payload": (
        "6f63a8574f0b455008b04b44be9d3d36b2f96b095bfda5ffb7c596b9e7adae25"
    ),
    "gradio.route_utils.CustomCORSMiddleware.is_valid_origin": (
        "0296155190ffd17ab788086a05d5e925fed4e70aa9ca4d8ffe3d4b2b701243f3"
    ),
    "gradio.route_utils.GradioMultiPartParser": (
        "26110d85a616a7eb1642ce46986081ea4a9da482901c89058e5bf0634ba54de8"
    ),
    "gradio.route_utils.delete_files_created_by_app": (
        "52f48da716f0c06eee8c957eb4a2568ebc0cd812f2a55278301b98ccfdeac760"
    ),
    "gradio.route_utils.upload_fn": (
        "986d84f98151c72409f1406ed3b75a15d7ce3b3de72eef10cb41d631cdf51e30"
    ),
    "gradio.routes.GradioMultiPartParser": (
        "26110d85a616a7eb1642ce46986081ea4a9da482901c89058e5bf0634ba54de8"
    ),
    "gradio.utils.error_payload": (
        "6f63a8574f0b455008b04b44be9d3d36b2f96b095bfda5ffb7c596b9e7adae25"
    ),
}
RELIED_ON = {
    "gradio.component_meta.create_or_modify_pyi": gradio.component_meta.create_or_modify_pyi,
    "gradio.http_server.start_server": gradio.http_server.start_server,
    "gradio.route_utils.upload_fn": gradio.route_utils.upload_fn,
}
HOW_TO_UPGRADE = """
Gradio {version} changed {name}. Before SongNet may use it:
1. Read the new source ({file}) next to the old one, and what calls it.
2. See that what takes its place still holds: {replacement}. {why}
3. Put {sha256} into REVIEWED, in this file.
4. Once all is reviewed, name the version in requirements.txt and in gradio_patches.PACKAGE.
"""


def sha256_of_source(thing: object) -> str:
    return hashlib.sha256(inspect.getsource(thing).encode()).hexdigest()


@pytest.mark.parametrize("name", REVIEWED)
def test_what_is_replaced_has_not_changed(name):
    replaced = {str(patch): patch for patch in PATCHES}
    patch = replaced.get(name)
    original = patch.original() if patch else RELIED_ON[name]
    found = sha256_of_source(original)
    assert found == REVIEWED[name], HOW_TO_UPGRADE.format(
        version=version("gradio"),
        name=name,
        file=inspect.getsourcefile(original),
        replacement=patch.replacement if patch else "the code of songnet/ui/server that names it",
        why=patch.why if patch else "",
        sha256=found,
    )


def test_everything_that_is_replaced_is_reviewed():
    assert REVIEWED.keys() == {str(patch) for patch in PATCHES} | RELIED_ON.keys()


@pytest.mark.parametrize("patch", PATCHES, ids=str)
def test_a_replacement_can_be_called_as_gradio_calls_its_own(patch):
    replacement, original = patch.current(), patch.original()
    assert replacement is pkgutil.resolve_name(patch.replacement)
    assert replacement is not original
    if inspect.isclass(original):
        assert issubclass(replacement, original)
        methods = {
            name: method
            for name, method in vars(replacement).items()
            if inspect.isfunction(method)
            and hasattr(original, name)
            and (name == "__init__" or not name.startswith("_"))
        }
        assert methods
        pairs = [(getattr(original, name), method) for name, method in methods.items()]
    else:
        pairs = [(original, replacement)]
    for theirs, ours in pairs:
        names = list(inspect.signature(theirs).parameters)
        inspect.signature(ours).bind(*names)
        inspect.signature(ours).bind(**dict.fromkeys(names))
        assert inspect.iscoroutinefunction(ours) == inspect.iscoroutinefunction(theirs)


def test_nothing_of_gradio_s_holds_an_original_under_another_name():
    """Else it would be called there, past the replacement."""
    originals = {id(patch.original()) for patch in PATCHES}
    modules = [module for name, module in sys.modules.items() if name.partition(".")[0] == "gradio"]
    assert len(modules) > 100
    found = [
        f"{module.__name__}.{name}"
        for module in modules
        for name, value in vars(module).items()
        if id(value) in originals
    ]
    assert found == []


def test_twice_does_no_harm():
    before = [(patch.current(), patch.original()) for patch in PATCHES]
    gradio_patches.apply()
    assert [(patch.current(), patch.original()) for patch in PATCHES] == before


def test_what_is_gone_leaves_all_as_it_was(monkeypatch):
    gone = Patch(
        "gradio.utils", "no_such_name", "songnet.ui.server.failures:error_payload", "A test."
    )
    there = Patch(
        "gradio.utils", "get_space", "songnet.ui.server.failures:error_payload", "A test."
    )
    monkeypatch.setattr(gradio_patches, "PATCHES", (there, gone))
    before = there.current()
    with pytest.raises(PatchError, match=r"Gradio [\d.]+ has no gradio\.utils\.no_such_name, "):
        gradio_patches.apply()
    assert there.current() is before


@pytest.mark.parametrize("holder", ["gradio.no_such_module", "gradio.queueing:NoSuchClass"])
def test_a_module_or_class_that_is_gone_is_named(holder):
    with pytest.raises(PatchError, match=f"has no {holder.replace(':', '.')}.a, which SongNet"):
        Patch(holder, "a", "songnet.ui.server.failures:error_payload", "A test.").current()


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["utils.error_payload", "route_utils.GradioMultiPartParser", "mcp.GradioMCPServer"]
)
def test_a_name_that_is_gone_stops_the_start_with_a_sentence(name):
    script = f"import sys, songnet.ui, gradio; del gradio.{name}; import app; sys.exit(app.main())"
    ended = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == (
        f"songnet: Gradio {version('gradio')} has no gradio.{name}, which SongNet has to replace: "
        f"pip install {gradio_patches.PACKAGE}\n"
    )


def test_a_page_is_not_served_by_gradio_as_it_is(monkeypatch):
    patch = gradio_patches.ERROR_PAYLOAD
    monkeypatch.setattr(pkgutil.resolve_name(patch.holder), patch.name, patch.original())
    with pytest.raises(PatchError, match=r"gradio\.utils\.error_payload is Gradio's own"):
        page.launch_options()


def test_the_version_is_the_one_that_is_pinned():
    assert gradio_patches.PACKAGE in (ROOT / "requirements.txt").read_text().splitlines()
