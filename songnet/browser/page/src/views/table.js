/** Many songs as a table that fills as they finish. */

import { percent } from "../words.js";
import { element, genreColour } from "./elements.js";

/**
 * @param {(index: number) => void} onChoose - called with the place of the song that is clicked
 */
export function table(onChoose) {
  const body = element("tbody");
  const headings = ["Song", "Genre", "Sure"].map((text) =>
    element("th", { attributes: { scope: "col" } }, text),
  );
  return {
    section: element(
      "section",
      { className: "card table", attributes: { "aria-label": "All songs" } },
      element("table", {}, element("thead", {}, element("tr", {}, ...headings)), body),
    ),
    size: () => body.rows.length,
    /** @param {number} index - of the song that is shown */
    mark(index) {
      for (const [i, row] of [...body.rows].entries()) {
        if (i === index) row.ariaCurrent = "true";
        else row.removeAttribute("aria-current");
      }
    },
    /** @param {string} name */
    add(name) {
      const index = body.rows.length;
      const cells = [element("td", {}, name), element("td", {}, "waits"), element("td")];
      body.append(element("tr", { className: "waiting" }, ...cells));
      return {
        start() {
          cells[1].textContent = "listens …";
        },
        /** @param {Prediction} prediction */
        finish({ genre, probabilities, verdict, warnings }) {
          const button = element("button", { type: "button", className: "link" }, name);
          button.onclick = () => onChoose(index);
          cells[0].replaceChildren(button);
          cells[1].replaceChildren(
            verdict.kind === "genre"
              ? element(
                  "span",
                  { className: "genre", style: { "--genre": genreColour(genre) } },
                  genre,
                )
              : verdict.text,
          );
          if (warnings.length) cells[1].append(element("p", { className: "hint" }, ...warnings));
          cells[2].textContent =
            verdict.kind === "genre" ? `${percent(probabilities[genre])} %` : "";
          body.rows[index].className = "";
        },
        /** @param {string} reason */
        fail(reason) {
          cells[1].textContent = reason;
          cells[1].colSpan = 2;
          cells[2].remove();
          body.rows[index].className = "failed";
        },
      };
    },
  };
}
