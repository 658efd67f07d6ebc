/** One file from end to end: tags, audio, windows, answer. */

import { answer } from "./answer.js";
import { checkSize, decode } from "./decode.js";
import { classify } from "./network.js";
import { describe } from "./tags.js";
import { isAudible, windowPlaces } from "./windows.js";
import { clock } from "./words.js";

// Columns of the waveform: few enough for gaps between the bars, on a telephone too.
const COLUMNS = 300;

/**
 * @param {File} file
 * @returns {Promise<Heard>}
 */
export async function hear(file) {
  checkSize(file);
  const { metadata, cover, format, seconds, promises } = await describe(file);
  const samples = await decode(file, seconds);
  const rate = RELEASE.sample_rate;
  /** @type {WindowPrediction[]} */
  const windows = [];
  for (const { start, end } of windowPlaces(samples.length, RELEASE)) {
    const stretch = samples.subarray(start, end);
    const silent = !isAudible(stretch, RELEASE.silence_peak);
    windows.push({
      start_s: start / rate,
      end_s: end / rate,
      ...(await classify(stretch)),
      silent,
    });
  }
  const { genre, confidence, abstained, probabilities, ...told } = answer(windows, RELEASE);
  const prediction = {
    file: file.name,
    genre,
    confidence,
    abstained,
    duration_s: windows[windows.length - 1].end_s,
    probabilities,
    windows,
    metadata,
    warnings: [
      ...(promises ? lacks(seconds ?? 0, samples.length / rate) : []),
      ...(told.verdict.kind !== "silence" ? [] : ["No sound is heard in it."]),
    ],
    model: {
      version: RELEASE.version,
      sha256: RELEASE.sha256,
      ...(RELEASE.license ? { license: RELEASE.license } : {}),
    },
    ...told,
  };
  return {
    prediction: rounded(prediction),
    blob: file,
    cover,
    format,
    loudness: loudness(samples),
  };
}

/**
 * A warning where a file promises clearly more than there is: half a download, say.
 *
 * @param {number} promised - seconds
 * @param {number} found - seconds
 */
function lacks(promised, found) {
  if (found * 1.1 + 1 >= promised) return [];
  return [`The file says ${clock(promised)}, but only ${clock(found)} of it is there.`];
}

/**
 * The answer with as many decimals as the command line's JSON has.
 *
 * @param {Prediction} prediction
 * @returns {Prediction}
 */
function rounded(prediction) {
  const all = (/** @type {Record<string, number>} */ probabilities) =>
    Object.fromEntries(Object.entries(probabilities).map(([name, p]) => [name, to(p, 6)]));
  return {
    ...prediction,
    confidence: to(prediction.confidence, 6),
    duration_s: to(prediction.duration_s, 3),
    probabilities: all(prediction.probabilities),
    windows: prediction.windows.map((window) => ({
      start_s: to(window.start_s, 3),
      end_s: to(window.end_s, 3),
      probabilities: all(window.probabilities),
      attention: window.attention.map((weight) => to(weight, 6)),
      silent: window.silent,
    })),
    sections: prediction.sections.map((section) => ({
      ...section,
      start_s: to(section.start_s, 3),
      end_s: to(section.end_s, 3),
      confidence: to(section.confidence, 6),
    })),
  };
}

/**
 * @param {number} value
 * @param {number} decimals
 */
function to(value, decimals) {
  return Number(value.toFixed(decimals));
}

/**
 * How loud each of `COLUMNS` equal parts is: the root mean square of its samples.
 *
 * @param {Float32Array} samples
 */
function loudness(samples) {
  return Float32Array.from({ length: COLUMNS }, (_, k) => {
    const [from, to] = [k, k + 1].map((i) => Math.floor((i * samples.length) / COLUMNS));
    let power = 0;
    for (let i = from; i < to; i++) power += samples[i] ** 2;
    return Math.sqrt(power / (to - from));
  });
}
