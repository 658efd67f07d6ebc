"""A song from the microphone: Chromium's fake one, into which a synthesised song is played."""

import pytest

_REMEMBER_TRACKS = """() => {
    window.tracks = [];
    const open = navigator.mediaDevices.getUserMedia;
    navigator.mediaDevices.getUserMedia = async (wanted) => {
        const stream = await open.call(navigator.mediaDevices, wanted);
        tracks.push(...stream.getAudioTracks());
        return stream;
    };
}"""
# The audio thread hands on 40 s at once.
_HURRY = """() => {
    window.AudioWorkletNode = class extends GainNode {
        constructor(context) {
            super(context);
            this.port = {};
            const samples = new Float32Array(40 * context.sampleRate);
            samples.forEach((_, i) => (samples[i] = 0.5 * Math.sin(i / 20)));
            setTimeout(() => this.port.onmessage({ data: samples }), 500);
        }
    };
}"""


def test_a_recording_as_it_sounds(visit):
    seen = visit(permissions=["microphone"])
    seen.tab.evaluate(_REMEMBER_TRACKS)
    seen.tab.get_by_role("button", name="Record").click()
    stop = seen.tab.get_by_role("button", name="Stop and listen")
    stop.wait_for()
    seen.holds("() => document.activeElement.dataset.song === 'stop-recording'")
    seen.tab.wait_for_selector("[role=timer] >> text=/0:(0[2-9]|[12])/")
    spoilt = seen.tab.evaluate(
        "tracks.map((track) => track.getSettings()).flatMap((set) => "
        "[set.echoCancellation, set.noiseSuppression, set.autoGainControl])"
    )
    assert spoilt
    assert not any(spoilt)
    seen.tab.keyboard.press("Enter")
    seen.heard()
    assert seen.text("#heard .sn-song-title") == "Recording"
    assert seen.tab.evaluate("tracks.map((track) => track.readyState)") == ["ended"]
    # The recording has sound (a chord and a beat): with silence, the bars would not move.
    seen.tab.wait_for_selector("#timeline .bars path")
    heights = seen.tab.eval_on_selector_all(
        "#timeline .bars path", "bars => bars.map((bar) => bar.getBoundingClientRect().height)"
    )
    assert max(heights) > 2 * min(heights)
    assert seen.complaints == []


def test_it_stops_by_itself(visit):
    seen = visit(permissions=["microphone"])
    seen.tab.evaluate(_HURRY)
    seen.tab.get_by_role("button", name="Record").click()
    seen.heard()
    assert "0:30" in seen.text("#metadata")


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        ("NotAllowedError", "The microphone is not allowed"),
        ("NotFoundError", "There is no microphone"),
        ("NotReadableError", "The microphone does not start"),
    ],
)
def test_without_a_microphone_one_sentence(visit, error, sentence):
    seen = visit()
    seen.tab.evaluate(
        "(error) => (navigator.mediaDevices.getUserMedia = async () => { "
        "throw new DOMException('', error); })",
        error,
    )
    seen.tab.get_by_role("button", name="Record").click()
    seen.says("#song [role=alert]", sentence)
    assert seen.tab.get_by_role("button", name="Record").is_visible()


def test_a_recording_is_dropped(visit):
    seen = visit(permissions=["microphone"])
    seen.tab.get_by_role("button", name="Record").click()
    seen.tab.get_by_role("button", name="Stop and listen").wait_for()
    seen.tab.keyboard.press("Escape")
    seen.tab.get_by_role("button", name="Choose a file").wait_for()
    assert seen.complaints == []
