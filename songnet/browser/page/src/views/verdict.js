/** The answer in large type, and the bars of all genres. */

import { ranking } from "../answer.js";
import { confidenceWord, percentages } from "../words.js";
import { element } from "./elements.js";

/**
 * Genre, confidence in words and number, runner-up; "Not sure" with the two best where it abstains.
 *
 * @param {Pick<Prediction, "genre" | "abstained" | "probabilities"> & { warnings?: string[] }} prediction
 * @param {string} eyebrow - what stands above it
 */
export function verdict({ genre, abstained, probabilities, warnings = [] }, eyebrow) {
  const shown = percentages(probabilities);
  const [[first], [second]] = ranking(probabilities);
  const named = (/** @type {string} */ name) =>
    element("b", {}, `${name}\u00a0${shown[name]}\u00a0%`);
  return element(
    "section",
    {
      className: "card verdict",
      style: { "--genre": abstained ? "var(--muted)" : RELEASE.colours[genre] },
      attributes: { "aria-label": "Answer" },
    },
    element("p", { className: "eyebrow" }, eyebrow),
    element("h2", {}, abstained ? "Not sure" : genre),
    abstained
      ? element("p", {}, "The two best candidates are ", named(first), " and ", named(second), ".")
      : element(
          "p",
          {},
          element("strong", {}, `${shown[genre]} %`),
          `, ${confidenceWord(shown[genre], RELEASE.confidence_words)}. Runner-up: `,
          named(second),
          ".",
        ),
    ...warnings.map((warning) => element("p", { className: "warning" }, warning)),
  );
}

/**
 * All genres with bars and percentages, the most probable first.
 *
 * @param {Record<string, number>} probabilities
 */
export function bars(probabilities) {
  const shown = percentages(probabilities);
  const rows = ranking(probabilities).map(([genre, probability]) =>
    element(
      "li",
      { style: { "--genre": RELEASE.colours[genre], "--share": `${100 * probability}%` } },
      element("span", {}, genre),
      element("span", { className: "track", ariaHidden: "true" }, element("span")),
      element("span", { className: "number" }, `${shown[genre]} %`),
    ),
  );
  return element(
    "section",
    { className: "card", attributes: { "aria-label": "All genres" } },
    element("h3", {}, "All genres"),
    element("ol", { className: "bars" }, ...rows),
  );
}
