/** A song's sections and what is said of it (songnet/sections.py, songnet/verdict.py). */

import { ranking } from "./answer.js";

// Between more genres than these, none is named.
const MOST_BETWEEN = 3;

/**
 * The song cut where windows start and end, each part with the mean of the windows that cover it.
 *
 * @param {WindowPrediction[]} windows - in the order of the song
 */
export function partsOf(windows) {
  const edges = windows.flatMap(({ start_s, end_s }) => [start_s, end_s]);
  const cuts = [...new Set(edges.map((edge) => Math.round(1000 * edge) / 1000))];
  cuts.sort((a, b) => a - b);
  return cuts.slice(1).flatMap((end_s, i) => {
    const start_s = cuts[i];
    const middle = (start_s + end_s) / 2;
    const covering = windows.filter((w) => w.start_s <= middle && middle < w.end_s);
    if (!covering.length) return [];
    const audible = covering.filter(({ silent }) => !silent);
    const counted = audible.length ? audible : covering;
    const weighted = counted.map(({ probabilities }) => ({ weight: 1, probabilities }));
    return [{ start_s, end_s, probabilities: meanOf(weighted), silent: !audible.length }];
  });
}

/** @param {{ weight: number, probabilities: Record<string, number> }[]} weighted */
function meanOf(weighted) {
  const total = weighted.reduce((sum, { weight }) => sum + weight, 0);
  const share = (/** @type {string} */ genre) =>
    weighted.reduce((sum, { weight, probabilities }) => sum + weight * probabilities[genre], 0);
  return Object.fromEntries(
    Object.keys(weighted[0].probabilities).map((genre) => [genre, share(genre) / total]),
  );
}

/**
 * The sections of a song, in order.
 *
 * @param {WindowPrediction[]} windows
 * @param {SectionRule} rule
 * @returns {Section[]}
 */
export function sectionsOf(windows, rule) {
  const parts = partsOf(windows);
  const named = bestCourse(
    parts.filter(({ silent }) => !silent),
    rule,
  );
  /** @type {{ genre: string | null, members: Part[] }[]} */
  const runs = [];
  for (const part of parts) {
    const genre = part.silent ? null : (named.shift() ?? null);
    const last = runs[runs.length - 1];
    if (last && last.genre === genre) last.members.push(part);
    else runs.push({ genre, members: [part] });
  }
  return runs.map(({ genre, members }) => {
    const weighted = members.map((part) => ({
      weight: part.end_s - part.start_s,
      probabilities: part.probabilities,
    }));
    const confidence = genre === null ? 0 : meanOf(weighted)[genre];
    return {
      start_s: members[0].start_s,
      end_s: members[members.length - 1].end_s,
      genre,
      confidence,
      sure: genre !== null && confidence >= rule.abstain_below,
    };
  });
}

/**
 * The genre of each part, by Viterbi's algorithm.
 *
 * @param {Part[]} parts
 * @param {SectionRule} rule
 */
function bestCourse(parts, { change, least, window_s }) {
  if (!parts.length) return [];
  const genres = Object.keys(parts[0].probabilities);
  let score = Object.fromEntries(genres.map((genre) => [genre, 0]));
  const cameFrom = parts.map(({ start_s, end_s, probabilities }) => {
    const best = first(genres, score);
    /** @type {Record<string, string>} */
    const before = Object.fromEntries(
      genres.map((g) => [g, score[g] >= score[best] - change ? g : best]),
    );
    score = Object.fromEntries(
      genres.map((g) => [
        g,
        score[before[g]] -
          (before[g] === g ? 0 : change) +
          ((end_s - start_s) / window_s) * Math.log(Math.max(probabilities[g], least)),
      ]),
    );
    return before;
  });
  const course = [first(genres, score)];
  for (const before of cameFrom.slice(1).reverse()) course.unshift(before[course[0]]);
  return course;
}

/**
 * The first of those with the highest value.
 *
 * @param {string[]} names
 * @param {Record<string, number>} values
 */
function first(names, values) {
  return names.reduce((best, name) => (values[name] > values[best] ? name : best));
}

/**
 * What is said of a song.
 *
 * @param {Record<string, number>} probabilities
 * @param {Section[]} sections
 * @param {boolean} abstained
 * @param {SectionRule} rule
 * @returns {Verdict}
 */
export function verdictOf(probabilities, sections, abstained, rule) {
  if (sections.every(({ genre }) => genre === null)) return say("silence", [], "Nothing to hear");
  const course = courseOf(sections, rule.share);
  const different = [...new Set(course)];
  if (course.length && course.length <= rule.most_steps && different.length * 2 > course.length) {
    return say("changes", course, `Changes: ${course.join(" → ")}`);
  }
  if (course.length) {
    const times = timeOf(sections);
    const kept = [...times.keys()].sort((a, b) => (times.get(b) ?? 0) - (times.get(a) ?? 0));
    const most = different.filter((genre) => kept.slice(0, MOST_BETWEEN).includes(genre));
    return say("between", most, between(most));
  }
  const best = ranking(probabilities).slice(0, 2);
  const names = best.map(([genre]) => genre);
  if (!abstained) return say("genre", names.slice(0, 1), names[0]);
  if (best.reduce((sum, [, p]) => sum + p, 0) >= rule.pair) {
    return say("between", names, between(names));
  }
  return say("not_sure", [], "Not sure");
}

/**
 * @param {Verdict["kind"]} kind
 * @param {string[]} genres
 * @param {string} text
 * @returns {Verdict}
 */
function say(kind, genres, text) {
  return { kind, text, genres };
}

/** @param {string[]} genres */
function between(genres) {
  return `Between ${genres.slice(0, -1).join(", ")} and ${genres[genres.length - 1]}`;
}

/**
 * The genres that a song changes through; empty where one has nearly all of it.
 *
 * @param {Section[]} sections
 * @param {number} share
 */
function courseOf(sections, share) {
  /** @type {string[]} */
  const course = [];
  for (const { genre, sure } of sections) {
    if (sure && genre !== null && course[course.length - 1] !== genre) course.push(genre);
  }
  const all = [...timeOf(sections).values()];
  const total = all.reduce((sum, time) => sum + time, 0);
  return all.length < 2 || Math.max(...all) >= share * total ? [] : course;
}

/**
 * How long each genre is heard in the sections that are sure of it.
 *
 * @param {Section[]} sections
 */
function timeOf(sections) {
  /** @type {Map<string, number>} */
  const times = new Map();
  for (const { genre, sure, start_s, end_s } of sections) {
    if (sure && genre !== null) times.set(genre, (times.get(genre) ?? 0) + end_s - start_s);
  }
  return times;
}
