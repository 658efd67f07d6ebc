/** Times, percentages and confidence as text (songnet/words.py). */

/**
 * A share as a whole percentage, a half rounded up.
 *
 * @param {number} share - 0..1
 */
export function percent(share) {
  return Math.floor((Math.round(1_000_000 * share) + 5_000) / 10_000);
}

/**
 * Whole percentages, each rounded by itself.
 *
 * @param {Record<string, number>} probabilities - 0..1
 * @returns {Record<string, number>}
 */
export function percentages(probabilities) {
  return Object.fromEntries(
    Object.entries(probabilities).map(([genre, share]) => [genre, percent(share)]),
  );
}

/**
 * A time as whole seconds, a half rounded up.
 *
 * @param {number} seconds
 */
export function wholeSeconds(seconds) {
  return Math.floor((Math.round(1_000 * seconds) + 500) / 1_000);
}

/**
 * A time as "3:07", or "1:02:03" from an hour on.
 *
 * @param {number} seconds
 */
export function clock(seconds) {
  const whole = wholeSeconds(seconds);
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
