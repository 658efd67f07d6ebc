/** The answers as files: the CSV and JSON of the command line (songnet/table/cells.py). */

// What a spreadsheet takes for a formula, also after a sign at which it may begin a new cell.
const FORMULA = /(?:^|(?<=[;|\t]))(?=["\s]*[=+\-@＝＋－＠])/g;

/**
 * @param {(Prediction | Failure)[]} answers
 * @param {string[]} columns
 * @returns {string} with a byte order mark, by which a spreadsheet knows UTF-8
 */
export function csv(answers, columns) {
  const rows = answers.map((item) => {
    const row = cells(item);
    return columns.map((column) => row[column]);
  });
  return `\ufeff${[columns, ...rows].map(csvLine).join("\r\n")}\r\n`;
}

/** @param {unknown[]} row */
export function csvLine(row) {
  return row.map(csvCell).join(",");
}

/** @param {unknown} value */
function csvCell(value) {
  if (value === null || value === undefined) return "";
  const text = typeof value === "string" ? value.replace(FORMULA, "'") : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * @param {Prediction | Failure} item
 * @returns {Record<string, unknown>}
 */
function cells(item) {
  if ("error" in item) return { file: item.file, error: item.error };
  const { file, genre, confidence, abstained, duration_s, probabilities, metadata } = item;
  const { verdict, warnings } = item;
  const { artist, title, album, year } = metadata;
  return {
    file,
    genre,
    confidence,
    abstained: abstained ? "True" : "False",
    duration_s,
    ...probabilities,
    ...{ artist, title, album, year },
    verdict: verdict.text,
    warnings: warnings.join(" "),
  };
}

/**
 * Lets the visitor save a text as a file.
 *
 * @param {string} name
 * @param {string} text
 * @param {string} type - media type
 */
export function save(name, text, type) {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = Object.assign(document.createElement("a"), { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
