/** The song over time: the waveform, coloured by genre, with the attention and a playhead. */

import WaveSurfer from "wavesurfer.js";
import { attentionAt } from "../moments.js";
import { clock, wholeSeconds } from "../words.js";
import { element, legend, paint } from "./elements.js";

// Points of the line.
const COLUMNS = 200;
// By the arrow keys.
const SKIP_S = 5;

/** @type {WaveSurfer | undefined} */
let player;
/** @type {string | undefined} */
let playing;

/** Ends what plays, before another song is shown. */
export function silence() {
  player?.destroy();
  if (playing) URL.revokeObjectURL(playing);
  player = playing = undefined;
}

/**
 * Plays the song that is shown.
 *
 * @param {number} seconds - from where
 */
export function playFrom(seconds) {
  player?.setTime(seconds);
  void player?.play();
}

/**
 * Shows a song; clicking plays from there.
 *
 * @param {Heard} heard
 */
export function timeline({ prediction, blob, loudness }) {
  silence();
  const container = element("div", {
    className: "waveform",
    tabIndex: 0,
    role: "slider",
    ariaLabel: "Place in the song",
    ariaValueMin: "0",
    ariaValueMax: String(wholeSeconds(prediction.duration_s)),
  });
  const time = element("span", { className: "number" });
  const button = element("button", { type: "button" }, "Play");
  playing = URL.createObjectURL(blob);
  const song = WaveSurfer.create({
    container,
    height: 88,
    url: playing,
    peaks: [loudness],
    duration: prediction.duration_s,
    normalize: true,
    barWidth: 2,
    barGap: 1,
    barRadius: 1,
    cursorColor: getComputedStyle(document.documentElement).getPropertyValue("--text"),
    cursorWidth: 2,
    cspNonce: RELEASE.nonce,
  });
  player = song;
  colour(song, prediction);
  song.on("interaction", () => void song.play());
  song.on("play", () => {
    button.textContent = "Pause";
  });
  song.on("pause", () => {
    button.textContent = "Play";
  });
  const tell = (/** @type {number} */ seconds) => {
    time.textContent = `${clock(seconds)} / ${clock(prediction.duration_s)}`;
    container.ariaValueNow = String(wholeSeconds(seconds));
    container.ariaValueText = time.textContent;
  };
  tell(0);
  song.on("timeupdate", tell);
  container.onkeydown = (event) => {
    const step = { ArrowLeft: -SKIP_S, ArrowRight: SKIP_S }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    song.setTime(Math.min(prediction.duration_s, Math.max(0, song.getCurrentTime() + step)));
  };
  song.on("error", () => {
    time.textContent = "This browser hears the song, but does not play it.";
  });
  button.onclick = () => void song.playPause();
  return element(
    "section",
    { className: "card timeline", attributes: { "aria-label": "The song over time" } },
    element("h3", {}, "The song over time"),
    attention(prediction),
    container,
    element("div", { className: "row" }, button, time),
    legend(new Set(prediction.sections.flatMap(({ genre }) => genre ?? []))),
  );
}

/**
 * Colours a waveform by genre, now and whenever its width changes.
 *
 * @param {WaveSurfer} song
 * @param {Prediction} prediction
 */
function colour(song, prediction) {
  const repaint = () => {
    const width = song.getWidth() * devicePixelRatio;
    song.setOptions({
      waveColor: gradient(prediction, width, "59"),
      progressColor: gradient(prediction, width, "ff"),
    });
  };
  song.on("resize", repaint);
  song.once("redraw", repaint);
}

/**
 * A gradient with hard edges where sections meet; silence and what is unsure are paler.
 *
 * @param {Prediction} prediction
 * @param {number} width - of the canvas, in its own pixels
 * @param {string} opacity - two hexadecimal digits
 */
function gradient({ sections, duration_s }, width, opacity) {
  const context = element("canvas").getContext("2d");
  const made = context?.createLinearGradient(0, 0, width, 0);
  const muted = getComputedStyle(document.documentElement).getPropertyValue("--muted").trim();
  const pale = opacity === "ff" ? "99" : "33";
  sections.forEach(({ genre, sure, start_s }, i) => {
    const end = sections[i + 1]?.start_s ?? duration_s;
    const colour = genre === null ? muted : paint(genre);
    for (const edge of [start_s, end]) {
      made?.addColorStop(Math.min(1, edge / duration_s), `${colour}${sure ? opacity : pale}`);
    }
  });
  return made;
}

/**
 * The network's attention along the song, as a line that is smooth in a long song, too.
 *
 * @param {Prediction} prediction
 */
function attention({ windows, duration_s }) {
  const window_s = RELEASE.window_samples / RELEASE.sample_rate;
  const width = Math.max(0.5, duration_s / 80);
  const around = Array.from({ length: 15 }, (_, k) => width * (k / 14 - 0.5));
  const points = Array.from({ length: COLUMNS + 1 }, (_, i) => {
    const x = (duration_s * i) / COLUMNS;
    const there = around.map((shift) => Math.min(duration_s, Math.max(0, x + shift)));
    const sum = there.reduce((total, time) => total + attentionAt(windows, time, window_s), 0);
    return { x, y: sum / around.length };
  });
  const highest = Math.max(...points.map(({ y }) => y), 1);
  const path = points
    .map(
      ({ x, y }) =>
        `${((1000 * x) / duration_s).toFixed(1)},${(40 - (38 * y) / highest).toFixed(1)}`,
    )
    .join(" ");
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 1000 40");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", "Which moments the answer rests on: the higher, the more");
  const line = document.createElementNS("http://www.w3.org/2000/svg", "polyline");
  line.setAttribute("points", path);
  svg.append(line);
  return element("figure", {}, element("figcaption", {}, "Which moments the answer rests on"), svg);
}
