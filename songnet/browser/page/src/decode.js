/** Decodes a file with the browser's own decoders, to mono at the network's sample rate. */

import { mono } from "./mono.js";
import { clock } from "./words.js";

// Larger files are refused before they are read; songs of unknown length would fill the memory.
const MAX_BYTES = 200 * 2 ** 20;

/**
 * @param {File} file
 * @param {number | null} statedSeconds - its duration by its own header, if that tells it
 * @returns {Promise<Float32Array>} samples at RELEASE.sample_rate
 */
export async function decode(file, statedSeconds) {
  if (file.size === 0) throw new Error(`${file.name} is empty: choose another file.`);
  if (file.size > MAX_BYTES) {
    throw new Error(
      `${file.name} has ${Math.round(file.size / 2 ** 20)} MB and at most ` +
        `${MAX_BYTES / 2 ** 20} MB are accepted: convert it to MP3 or cut out a part.`,
    );
  }
  if ((statedSeconds ?? 0) > RELEASE.max_seconds) throw tooLong(file.name);
  // The browser resamples to the context's rate.
  const context = new OfflineAudioContext(1, 1, RELEASE.sample_rate);
  let buffer;
  try {
    buffer = await context.decodeAudioData(await read(file));
  } catch (error) {
    if (error instanceof DOMException && error.name === "EncodingError") {
      throw new Error(
        `${file.name} is not audio that this browser can play: use MP3, WAV, FLAC or M4A.`,
      );
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
  return new Error(
    `${name} lasts longer than the ${clock(RELEASE.max_seconds)} that are accepted: cut out a part.`,
  );
}
