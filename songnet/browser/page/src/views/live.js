/** What the microphone hears: the verdict, the bars, and a ribbon of the last minutes. */

import { clock, percentages } from "../words.js";
import { element, legend, paint } from "./elements.js";
import { bars, verdict } from "./verdict.js";

// The ribbon's length; what is older is in the CSV.
const RIBBON_S = 600;

/** The view, and what shows a new moment in it. */
export function live() {
  const answer = element("div", { className: "stack", attributes: { "aria-live": "off" } });
  const canvas = element("canvas", { width: 1200, height: 56 });
  const since = element("span");
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", "The genres of the last ten minutes");
  const key = legend([]);
  answer.append(
    element("p", { className: "card hint" }, "Listens … the first answer takes a second."),
  );
  return {
    section: element(
      "div",
      { className: "stack" },
      answer,
      element(
        "section",
        { className: "card ribbon" },
        element("h3", {}, "The last ten minutes"),
        canvas,
        element("p", { className: "hint ends" }, since, "now"),
        key,
      ),
    ),
    /** @param {Moment[]} moments - all so far, at least one */
    show(moments) {
      const last = moments[moments.length - 1];
      answer.replaceChildren(
        verdict(last, "SongNet hears in the last 30 s"),
        ...(last.silent ? [] : [bars(last.probabilities)]),
      );
      since.textContent = `${clock(draw(canvas, moments))} ago`;
      const heard = new Set(recent(moments).flatMap(({ silent, genre }) => (silent ? [] : genre)));
      key.replaceChildren(...legend(heard).childNodes);
    },
  };
}

/** @param {Moment[]} moments */
function recent(moments) {
  const end = moments[moments.length - 1].time_s;
  return moments.filter(({ time_s }) => time_s > end - RIBBON_S);
}

/**
 * A column for each moment, in its genre's colour and as high as it is sure.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {Moment[]} moments
 * @returns {number} how many seconds the ribbon shows
 */
function draw(canvas, moments) {
  const context = canvas.getContext("2d");
  const { width, height } = canvas;
  const end = moments[moments.length - 1].time_s;
  const shown = recent(moments);
  const span = Math.min(RIBBON_S, Math.max(60, end - shown[0].time_s));
  if (!context) return span;
  context.clearRect(0, 0, width, height);
  for (const { time_s, genre, abstained, silent, probabilities } of shown) {
    if (silent) continue;
    const share = percentages(probabilities)[genre] / 100;
    context.fillStyle = `${paint(genre)}${abstained ? "55" : "ff"}`;
    const x = width * (1 - (end - time_s) / span);
    context.fillRect(x - width / span, height * (1 - share), width / span + 1, height * share);
  }
  return span;
}
