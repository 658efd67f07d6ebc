/** The answer in large type, and the bars of all genres. */

import { ranking } from "../answer.js";
import { clock, confidenceWord, percentages } from "../words.js";
import { element, genreColour } from "./elements.js";

/**
 * What is said of a song or of what the microphone hears, how sure, and what told it.
 *
 * @param {Pick<Prediction, "probabilities" | "verdict" | "sections" | "moments"> & { warnings?: string[] }} prediction
 * @param {string} eyebrow - what stands above a genre
 * @param {(seconds: number) => void} [playFrom]
 */
export function verdict(prediction, eyebrow, playFrom) {
  const { probabilities, verdict: said, warnings = [] } = prediction;
  const isGenre = said.kind === "genre";
  return element(
    "section",
    {
      className: "card verdict",
      style: { "--genre": isGenre ? genreColour(said.genres[0]) : "var(--muted)" },
      attributes: { "aria-label": "Answer" },
    },
    element("p", { className: "eyebrow" }, isGenre ? eyebrow : "SongNet's answer"),
    element("h2", { className: isGenre ? "" : "long" }, said.text),
    course(prediction.sections),
    element("p", {}, ...detail(said, percentages(probabilities), ranking(probabilities))),
    playFrom && moments(prediction.moments, playFrom),
    ...warnings.map((warning) => element("p", { className: "warning" }, warning)),
  );
}

/**
 * The sentence below an answer.
 *
 * @param {Verdict} said
 * @param {Record<string, number>} shown
 * @param {[string, number][]} ranked
 * @returns {(Node | string)[]}
 */
function detail({ kind }, shown, [[first], [second]]) {
  const named = (/** @type {string} */ name) =>
    element("b", {}, `${name}\u00a0${shown[name]}\u00a0%`);
  const both = [named(first), " and ", named(second)];
  switch (kind) {
    case "genre":
      return [
        element("strong", {}, `${shown[first]} %`),
        `, ${confidenceWord(shown[first], RELEASE.confidence_words)}. Runner-up: `,
        named(second),
        ".",
      ];
    case "changes":
      return ["Over the whole song ", ...both, " come first."];
    case "between":
      return ["Nearest are ", ...both, ": neither is ahead by enough for an answer."];
    case "not_sure":
      return ["Nearest are ", ...both, ", which is hardly better than a guess."];
    case "silence":
      return ["Without a sound there is no genre."];
  }
}

/**
 * The song's sections as a bar, as wide as they are long.
 *
 * @param {Section[]} sections
 */
function course(sections) {
  if (sections.length < 2) return null;
  const told = sections.map(({ genre, start_s }) => `${genre ?? "silence"} from ${clock(start_s)}`);
  return element(
    "div",
    { className: "course", role: "img", ariaLabel: told.join(", ") },
    ...sections.map(({ genre, sure, start_s, end_s }) =>
      element("span", {
        className: genre === null ? "silent" : sure ? "" : "unsure",
        style: {
          "flex-grow": String(end_s - start_s),
          "--genre": genre === null ? "transparent" : genreColour(genre),
        },
      }),
    ),
  );
}

/**
 * Buttons that play the moments which told the answer.
 *
 * @param {number[]} seconds
 * @param {(seconds: number) => void} playFrom
 */
function moments(seconds, playFrom) {
  if (!seconds.length) return null;
  const buttons = seconds.map((moment) => {
    const label = { "aria-label": `Play from ${clock(moment)}` };
    const button = element("button", { type: "button", attributes: label }, `▶ ${clock(moment)}`);
    button.onclick = () => playFrom(moment);
    return button;
  });
  return element("p", { className: "moments" }, "What told it: ", ...buttons);
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
      { style: { "--genre": genreColour(genre), "--share": `${100 * probability}%` } },
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
