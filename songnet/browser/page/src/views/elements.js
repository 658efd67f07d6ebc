/**
 * Makes an element. Texts become text nodes, so that a file's name or tags are never markup.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, unknown>} [properties] - of the element; `style` and `attributes` are objects
 * @param {...(Node | string | null | undefined | false)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(tag, properties = {}, ...children) {
  const { style, attributes, ...rest } = properties;
  const made = Object.assign(document.createElement(tag), rest);
  for (const [name, value] of Object.entries(style ?? {})) made.style.setProperty(name, value);
  for (const [name, value] of Object.entries(attributes ?? {})) made.setAttribute(name, value);
  made.append(
    ...children.filter((child) => child !== null && child !== undefined && child !== false),
  );
  return made;
}

/**
 * The part of the page with an id.
 *
 * @template {HTMLElement} [Kind=HTMLElement]
 * @param {string} id
 * @returns {Kind}
 */
export function part(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`index.html lacks #${id}`);
  return /** @type {Kind} */ (found);
}

/**
 * A genre's colour for CSS, in both schemes.
 *
 * @param {string} genre
 */
export function genreColour(genre) {
  return `light-dark(${RELEASE.colours[genre].join(", ")})`;
}

/**
 * A genre's colour for a canvas, in the scheme that the page has now.
 *
 * @param {string} genre
 */
export function paint(genre) {
  return RELEASE.colours[genre][Number(matchMedia("(prefers-color-scheme: dark)").matches)];
}

/**
 * Genres with their colours.
 *
 * @param {Iterable<string>} genres
 */
export function legend(genres) {
  return element(
    "ul",
    { className: "legend" },
    ...[...genres].map((genre) =>
      element("li", { style: { "--genre": genreColour(genre) } }, genre),
    ),
  );
}
