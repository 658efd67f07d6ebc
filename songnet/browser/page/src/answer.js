/** From the windows' probabilities to the song's answer (songnet/classifier.py). */

import { momentsOf } from "./moments.js";
import { sectionsOf, verdictOf } from "./sections.js";

/**
 * The song's probabilities are the mean over its windows, silent ones left out; it is "not sure"
 * below the release's threshold, or where all is silent.
 *
 * @param {WindowPrediction[]} windows - in the order of the song, at least one
 * @param {Pick<Release, "genres" | "abstain_below" | "sections">} release
 */
export function answer(windows, release) {
  const audible = windows.filter(({ silent }) => !silent);
  const counted = audible.length ? audible : windows;
  const probabilities = Object.fromEntries(
    release.genres.map((genre) => [genre, mean(counted.map((w) => w.probabilities[genre]))]),
  );
  const [[genre, confidence]] = ranking(probabilities);
  const abstained = !audible.length || confidence < release.abstain_below;
  const rule = { ...release.sections, abstain_below: release.abstain_below };
  const sections = sectionsOf(windows, rule);
  const verdict = verdictOf(probabilities, sections, abstained, rule);
  const moments = momentsOf(windows, verdict.genres, rule.window_s);
  return { genre, confidence, abstained, probabilities, verdict, sections, moments };
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
