/** Times, percentages and confidence as text (songnet/words.py). */

/**
 * Whole percentages that sum to exactly 100: the largest remainders are rounded up.
 *
 * @param {Record<string, number>} probabilities - 0..1, which sum to 1
 * @returns {Record<string, number>}
 */
export function percentages(probabilities) {
  const exact = Object.entries(probabilities).map(([genre, p]) => ({ genre, value: 100 * p }));
  const rounded = Object.fromEntries(exact.map(({ genre, value }) => [genre, Math.floor(value)]));
  const left = 100 - Object.values(rounded).reduce((sum, value) => sum + value, 0);
  exact.sort((a, b) => (b.value % 1) - (a.value % 1));
  for (const { genre } of exact.slice(0, left)) rounded[genre] += 1;
  return rounded;
}

/**
 * A time as "3:07", or "1:02:03" from an hour on.
 *
 * @param {number} seconds
 */
export function clock(seconds) {
  const whole = Math.round(seconds);
  const [hours, minutes, rest] = [whole / 3600, (whole / 60) % 60, whole % 60].map(Math.floor);
  const tail = String(rest).padStart(2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${tail}` : `${minutes}:${tail}`;
}

/**
 * The words for a confidence.
 *
 * @param {number} percentage
 * @param {[number, string][]} words - each with the least percentage that it stands for, falling
 */
export function confidenceWord(percentage, words) {
  return words.find(([least]) => percentage >= least)?.[1] ?? "";
}

/**
 * A sentence for an error that has none of its own.
 *
 * @param {unknown} error
 */
export function sentence(error) {
  return error instanceof Error ? error.message : String(error);
}
