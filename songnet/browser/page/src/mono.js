/** Mixes channels down to mono, with FFmpeg's gains (songnet/audio/mono.py). */

const HALF = Math.SQRT1_2;
// By the number of channels, in the order of the Web Audio API: quadraphonic and 5.1.
/** @type {Record<number, number[]>} */
const GAINS = {
  1: [1],
  2: [HALF, HALF],
  4: [HALF, HALF, 0.5, 0.5],
  6: [HALF, HALF, 1, 0, 0.5, 0.5],
};
// Larger samples, and NaN, are damage and become zero.
const LOUDEST = 1e10;

/**
 * @param {Float32Array[]} channels - of one length
 * @returns {Float32Array} the mono mix; no sample is NaN or larger than 1e10
 */
export function mono(channels) {
  const gains = GAINS[channels.length] ?? channels.map(() => HALF);
  const mixed = new Float32Array(channels[0].length);
  channels.forEach((channel, c) => {
    const gain = gains[c];
    if (gain === 0) return;
    for (let i = 0; i < mixed.length; i++) mixed[i] += gain * channel[i];
  });
  for (let i = 0; i < mixed.length; i++) if (!(Math.abs(mixed[i]) <= LOUDEST)) mixed[i] = 0;
  return mixed;
}
