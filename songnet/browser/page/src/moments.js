/** Which moments of a song told its genre (songnet/moments.py). */

const MOMENT_S = 3;
const MOST = 3;
const APART_S = 6;
const APART = 1 / 12;
const LEAST = 0.5;

/**
 * The network's attention at a time: 1 is what each moment would have if all counted alike.
 *
 * @param {WindowPrediction[]} windows
 * @param {number} time - seconds
 * @param {number} window_s
 */
export function attentionAt(windows, time, window_s) {
  const there = covering(windows, time);
  let [total, count] = [0, 0];
  for (const { start_s, end_s, attention } of there) {
    const length = end_s - start_s;
    for (let k = 0; k < Math.max(1, Math.floor(window_s / length)); k++) {
      total += interpolated(attention, (time - start_s + k * length) / window_s);
      count += 1;
    }
  }
  return total / Math.max(count, 1);
}

/**
 * @param {WindowPrediction[]} windows
 * @param {number} time
 */
function covering(windows, time) {
  return windows.filter((w) => !w.silent && w.start_s <= time && time <= w.end_s);
}

/**
 * @param {number[]} weights
 * @param {number} share - of a window
 */
function interpolated(weights, share) {
  const last = weights.length - 1;
  const at = Math.min(last, Math.max(0, share * weights.length - 0.5));
  const low = Math.floor(at);
  const high = Math.min(last, low + 1);
  return weights.length * (weights[low] + (at - low) * (weights[high] - weights[low]));
}

/**
 * Where the moments begin that told most that a song is of some genres: first one for each genre,
 * then others; at most three, in order.
 *
 * @param {WindowPrediction[]} windows
 * @param {string[]} genres
 * @param {number} window_s
 */
export function momentsOf(windows, genres, window_s) {
  const heard = windows.filter(({ silent }) => !silent);
  if (!genres.length || !heard.length) return [];
  const end = windows[windows.length - 1].end_s;
  const starts = Array.from(
    { length: Math.floor(Math.max(end - MOMENT_S, 0) * 2 + 1e-9) + 1 },
    (_, i) => i / 2,
  );
  const named = [...new Set(genres)];
  const ofGenre = named.map(() => /** @type {number[]} */ ([]));
  for (const start of starts) {
    let attended = 0;
    for (let k = 0; k < 12; k++) {
      attended += attentionAt(heard, Math.min(start + k / 4 + 0.125, end), window_s) / 12;
    }
    const there = covering(heard, start + MOMENT_S / 2);
    named.forEach((genre, g) => {
      const share = there.reduce((sum, w) => sum + w.probabilities[genre], 0);
      ofGenre[g].push((attended * share) / Math.max(there.length, 1));
    });
  }
  const worth = starts.map((_, i) => ofGenre.reduce((sum, values) => sum + values[i], 0));
  const value = (/** @type {number} */ i) => worth[i] ?? Number.NEGATIVE_INFINITY;
  const least = LEAST * Math.max(...worth);
  const first = ofGenre.map((values) => values.indexOf(Math.max(...values)));
  const then = [...starts.keys()]
    .filter((i) => value(i) > value(i - 1) && value(i) >= value(i + 1) && worth[i] >= least)
    .sort((a, b) => worth[b] - worth[a]);
  const apart = Math.max(APART_S, APART * end);
  /** @type {number[]} */
  const found = [];
  for (const i of [...first, ...then]) {
    if (found.every((other) => Math.abs(starts[i] - other) >= apart)) found.push(starts[i]);
  }
  return found.slice(0, MOST).sort((a, b) => a - b);
}
