/** The song's cover, tags and properties; what is missing is left out. */

import { clock } from "../words.js";
import { element } from "./elements.js";

/** @param {Heard} heard */
export function metadata({ prediction, cover, format }) {
  const { title, artist, album, year, genre } = prediction.metadata;
  /** @type {[string, string | null][]} */
  const facts = [
    ["Artist", artist],
    ["Album", album],
    ["Year", year === null ? null : String(year)],
    ["Genre in the file", genre],
    ["Duration", clock(prediction.duration_s)],
    ["Format", format || null],
    ["File", title ? prediction.file : null],
  ];
  return element(
    "section",
    { className: "card metadata", attributes: { "aria-label": "The song" } },
    cover && picture(cover),
    element("h3", {}, title || prediction.file || "The song"),
    element(
      "dl",
      {},
      ...facts
        .filter(([, value]) => value)
        .flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]),
    ),
  );
}

/** @param {Blob} cover */
function picture(cover) {
  const url = URL.createObjectURL(cover);
  const image = element("img", { src: url, alt: "Cover", className: "cover" });
  image.onload = () => URL.revokeObjectURL(url);
  // A cover that the browser cannot show is left out.
  image.onerror = () => image.remove();
  return image;
}
