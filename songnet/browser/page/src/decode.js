/** Decodes a file with the browser's own decoders, to mono at the network's sample rate. */

import { mono } from "./mono.js";

// A browser decodes a song as a whole: what would fill its memory is refused before that.
const MAX_BYTES = 200 * 2 ** 20;
// Of songs that do not say how long they are.
const MAX_BYTES_UNKNOWN = 20 * 2 ** 20;
// Sound takes more bits a second than this: of a file that is smaller, a part is missing.
const LEAST_BIT_RATE = 6000;

/**
 * Refuses a file that is empty or too large to be looked at.
 *
 * @param {File} file
 */
export function checkSize({ name, size }) {
  if (size === 0) throw new Error(`${name} is empty: choose another file.`);
  if (size > MAX_BYTES) throw tooLarge(name, size, MAX_BYTES, "");
}

/**
 * @param {File} file
 * @param {number | null} statedSeconds - its duration by its own header, if that tells it
 * @returns {Promise<Float32Array>} samples at RELEASE.sample_rate
 */
export async function decode(file, statedSeconds) {
  if (statedSeconds === null && file.size > MAX_BYTES_UNKNOWN) {
    const why = " of a song that does not say how long it is";
    throw tooLarge(file.name, file.size, MAX_BYTES_UNKNOWN, why);
  }
  const stated = statedSeconds ?? 0;
  if (stated > RELEASE.max_seconds && 8 * file.size > stated * LEAST_BIT_RATE) {
    throw tooLong(file.name);
  }
  // The browser resamples to the context's rate.
  const context = new OfflineAudioContext(1, 1, RELEASE.sample_rate);
  let buffer;
  try {
    buffer = await context.decodeAudioData(await read(file));
  } catch (error) {
    if (error instanceof DOMException && error.name === "EncodingError") {
      // What has a length is sound.
      const why = statedSeconds === null ? "is not audio that" : "is damaged, or no audio that";
      throw new Error(`${file.name} ${why} this browser can play: use MP3, WAV, FLAC or M4A.`);
    }
    if (error instanceof RangeError) {
      throw new Error(`${file.name} is too large for this device's memory: cut out a part.`);
    }
    throw error;
  }
  if (buffer.duration > RELEASE.max_seconds) throw tooLong(file.name);
  if (buffer.length < RELEASE.min_samples) {
    const least = RELEASE.min_samples / RELEASE.sample_rate;
    throw new Error(`${file.name} holds less than ${least} s of audio: choose a longer recording.`);
  }
  return mono(
    Array.from({ length: buffer.numberOfChannels }, (_, channel) => buffer.getChannelData(channel)),
  );
}

/** @param {File} file */
async function read(file) {
  try {
    return await file.arrayBuffer();
  } catch {
    throw new Error(`${file.name} cannot be read: it may have been moved, or be a folder.`);
  }
}

/** @param {string} name */
function tooLong(name) {
  const most = RELEASE.max_seconds / 60;
  return new Error(`${name} lasts longer than ${most} min: cut out a part.`);
}

/**
 * @param {string} name
 * @param {number} size
 * @param {number} most
 * @param {string} why
 */
function tooLarge(name, size, most, why) {
  const [has, accepted] = [size, most].map((bytes) => Math.round(bytes / 2 ** 20));
  return new Error(
    `${name} has ${has} MB and at most ${accepted} MB${why} are accepted: ` +
      "convert it to MP3 or cut out a part.",
  );
}
