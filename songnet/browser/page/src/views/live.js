/** What the microphone hears: the verdict, the bars, and a ribbon of the last minutes. */

import { percentages } from "../words.js";
import { element } from "./elements.js";
import { bars, verdict } from "./verdict.js";

// The ribbon's length; what is older is in the CSV.
const RIBBON_S = 600;

/** The view, and what shows a new moment in it. */
export function live() {
  const answer = element("div", { className: "stack", attributes: { "aria-live": "off" } });
  const canvas = element("canvas", { width: 1200, height: 56, className: "ribbon" });
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", "The genres of the last ten minutes");
  answer.append(
    element("p", { className: "card hint" }, "Listens … the first answer takes a second."),
  );
  return {
    section: element(
      "div",
      { className: "stack" },
      answer,
      element("section", { className: "card" }, element("h3", {}, "The last ten minutes"), canvas),
    ),
    /** @param {import("../microphone.js").Moment[]} moments - all so far, at least one */
    show(moments) {
      const last = moments[moments.length - 1];
      answer.replaceChildren(
        last.silent
          ? element("section", { className: "card verdict" }, element("h2", {}, "Silence"))
          : verdict(last, "SongNet hears in the last 30 s"),
        bars(last.probabilities),
      );
      draw(canvas, moments);
    },
  };
}

/**
 * A column for each moment, in its genre's colour and as high as it is sure.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {import("../microphone.js").Moment[]} moments
 */
function draw(canvas, moments) {
  const context = canvas.getContext("2d");
  if (!context) return;
  const { width, height } = canvas;
  const end = moments[moments.length - 1].time_s;
  const shown = moments.filter(({ time_s }) => time_s > end - RIBBON_S);
  const span = Math.min(RIBBON_S, Math.max(60, end - shown[0].time_s));
  context.clearRect(0, 0, width, height);
  for (const { time_s, genre, abstained, silent, probabilities } of shown) {
    if (silent) continue;
    const share = percentages(probabilities)[genre] / 100;
    context.fillStyle = `${RELEASE.colours[genre]}${abstained ? "55" : "ff"}`;
    const x = width * (1 - (end - time_s) / span);
    context.fillRect(x - width / span, height * (1 - share), width / span + 1, height * share);
  }
}
