/** From the windows' probabilities to the song's answer (songnet/classifier.py). */

/**
 * The song's probabilities are the mean over its windows, silent ones left out; it is "not sure"
 * below the release's threshold, or where all is silent.
 *
 * @param {WindowPrediction[]} windows - in the order of the song, at least one
 * @param {boolean[]} audible - of each window
 * @param {Pick<Release, "genres" | "abstain_below">} release
 */
export function answer(windows, audible, release) {
  const counted = audible.includes(true) ? windows.filter((_, i) => audible[i]) : windows;
  const probabilities = Object.fromEntries(
    release.genres.map((genre) => [genre, mean(counted.map((w) => w.probabilities[genre]))]),
  );
  const [[genre, confidence]] = ranking(probabilities);
  return {
    genre,
    confidence,
    abstained: !audible.includes(true) || confidence < release.abstain_below,
    probabilities,
  };
}

/**
 * All genres with their probabilities, the most probable first; equal ones keep their order.
 *
 * @param {Record<string, number>} probabilities
 * @returns {[string, number][]}
 */
export function ranking(probabilities) {
  return Object.entries(probabilities).sort((a, b) => b[1] - a[1]);
}

/** @param {number[]} values */
function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
