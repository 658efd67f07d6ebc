/** The song's own metadata, from the file's tags. */

import { parseBlob, selectCover } from "music-metadata";

/**
 * @typedef {object} Description
 * @property {Metadata} metadata
 * @property {Blob | null} cover
 * @property {string} format - such as "MP3 · 44.1 kHz · stereo"; "" where it is unknown
 * @property {number | null} seconds - the duration by the file's header
 * @property {boolean} promises - whether a shorter song is sure to lack a part
 */

// Codecs by the names that people know, where music-metadata has others.
/** @type {Record<string, string>} */
const FORMATS = {
  "MPEG 1 Layer 3": "MP3",
  "MPEG 2 Layer 3": "MP3",
  "MPEG-4/AAC": "AAC",
  WAVE: "WAV",
};
// The share of its samples that loud music takes in a FLAC.
const LOUD = 0.6;
/** @type {Metadata} */
const NO_TAGS = { title: null, artist: null, album: null, year: null, genre: null };

/**
 * Reads a file's tags; a file whose tags cannot be read has none.
 *
 * @param {File} file
 * @returns {Promise<Description>}
 */
export async function describe(file) {
  try {
    let { common, format } = await parseBlob(file);
    // Some have to be read to their ends for that.
    if (!format.duration) ({ common, format } = await parseBlob(file, { duration: true }));
    const picture = selectCover(common.picture);
    return {
      metadata: {
        title: common.title || null,
        artist: common.artist || common.albumartist || null,
        album: common.album || null,
        year: common.year || null,
        genre: common.genre?.join(", ") || null,
      },
      cover: picture ? new Blob([new Uint8Array(picture.data)], { type: picture.format }) : null,
      format: formatText(format),
      seconds: format.duration || null,
      promises: format.container !== "FLAC" || isLarge(file, format),
    };
  } catch {
    return { metadata: { ...NO_TAGS }, cover: null, format: "", seconds: null, promises: false };
  }
}

/**
 * Whether a FLAC has as many bytes as loud music of its length takes. A part that was cut out of one
 * keeps the header of the whole; a damaged one keeps its size, too.
 *
 * @param {File} file
 * @param {import("music-metadata").IFormat} format
 */
function isLarge({ size }, { duration, sampleRate, bitsPerSample, numberOfChannels }) {
  const raw = (duration ?? 0) * (sampleRate ?? 0) * (bitsPerSample ?? 0) * (numberOfChannels ?? 0);
  return raw > 0 && 8 * size > LOUD * raw;
}

/** @param {import("music-metadata").IFormat} format */
function formatText({ codec, container, sampleRate, numberOfChannels }) {
  // What is not coded is known by what it lies in.
  const name = (codec === "PCM" ? container : codec) ?? container ?? "";
  const channels = { 1: "mono", 2: "stereo", 6: "5.1" }[numberOfChannels ?? 0];
  return [
    FORMATS[name] ?? name,
    sampleRate && `${Number((sampleRate / 1000).toPrecision(4))} kHz`,
    channels ?? (numberOfChannels && `${numberOfChannels} channels`),
  ]
    .filter(Boolean)
    .join(" · ");
}
