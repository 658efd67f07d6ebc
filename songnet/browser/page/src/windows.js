/** Cuts a song into the windows that the network classifies (songnet/audio/windows.py). */

/**
 * Where the windows of a song lie, in samples. One begins where another ends; the last one ends
 * where the song ends, give or take `n_fft` samples. A song shorter than a window is one window.
 *
 * @param {number} samples - length of the song
 * @param {{ window_samples: number, n_fft: number }} spec
 * @returns {{ start: number, end: number }[]}
 */
export function windowPlaces(samples, spec) {
  const size = spec.window_samples;
  if (samples <= size) return [{ start: 0, end: samples }];
  const places = [];
  for (let start = 0; start + size <= samples; start += size)
    places.push({ start, end: start + size });
  if (samples % size > spec.n_fft) places.push({ start: samples - size, end: samples });
  return places;
}

/**
 * A stretch of audio, repeated until it fills a window.
 *
 * @param {Float32Array} stretch - 0 < length <= size
 * @param {number} size - samples
 * @param {Float32Array} window - of that size, which is filled
 * @returns {Float32Array} the window
 */
export function repeated(stretch, size, window = new Float32Array(size)) {
  for (let at = 0; at < size; at += stretch.length) {
    window.set(stretch.subarray(0, Math.min(stretch.length, size - at)), at);
  }
  return window;
}

/**
 * Whether the peak of a stretch reaches the level below which it counts as silent.
 *
 * @param {Float32Array} stretch
 * @param {number} silencePeak - full scale is 1
 */
export function isAudible(stretch, silencePeak) {
  for (const sample of stretch) if (Math.abs(sample) >= silencePeak) return true;
  return false;
}
