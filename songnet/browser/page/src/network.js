/** The page's side of the network, which runs in a worker. */

import { repeated } from "./windows.js";

/** @type {Promise<Worker> | undefined} */
let started;
let nextId = 0;
// The last window's memory, which the worker gives back: a new one each second would pile up before
// the browser frees any.
/** @type {Float32Array | undefined} */
let spare;
/** @type {Map<number, { resolve: (value: any) => void, reject: (error: Error) => void }>} */
const waiting = new Map();

/** Loads the runtime and the weights, once; a failure may be tried again. */
export function start() {
  started ??= load().catch((error) => {
    started = undefined;
    throw error;
  });
  return started;
}

/**
 * Classifies a stretch of audio, repeated to a window where it is shorter.
 *
 * @param {Float32Array} stretch - at most one window
 * @returns {Promise<{ probabilities: Record<string, number>, attention: number[] }>}
 */
export async function classify(stretch) {
  const worker = await start();
  const window = repeated(stretch, RELEASE.window_samples, spare);
  spare = undefined;
  const answer = await ask(worker, { waveform: window }, [window.buffer]);
  const { probabilities, attention, waveform } = answer;
  spare = waveform;
  const sum = probabilities.reduce(
    (/** @type {number} */ total, /** @type {number} */ p) => total + p,
    0,
  );
  return {
    probabilities: Object.fromEntries(
      RELEASE.genres.map((genre, i) => [genre, probabilities[i] / sum]),
    ),
    attention,
  };
}

async function load() {
  const weights = await checkedWeights();
  const worker = new Worker("network/worker.js");
  worker.onmessage = ({ data: { id, error, ...answer } }) => {
    const { resolve, reject } = waiting.get(id) ?? {};
    waiting.delete(id);
    if (error) reject?.(new Error(`The network does not run in this browser: ${error}`));
    else resolve?.(answer);
  };
  worker.onerror = () => {
    for (const { reject } of waiting.values()) {
      reject(new Error("The network stopped: load the page again."));
    }
    waiting.clear();
    started = undefined;
  };
  await ask(worker, { weights }, [weights.buffer]);
  return worker;
}

async function checkedWeights() {
  if (!globalThis.crypto?.subtle) {
    throw new Error("Browsers let SongNet run from https and from localhost only: open it there.");
  }
  const response = await fetch("network/songnet.tflite").catch(() => null);
  if (!response?.ok) throw new Error("The network cannot be loaded: check the connection.");
  const weights = new Uint8Array(await response.arrayBuffer());
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", weights));
  const sha256 = [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  if (sha256 !== RELEASE.sha256) {
    throw new Error("The network is damaged or of another version: load the page again.");
  }
  return weights;
}

/**
 * @param {Worker} worker
 * @param {object} message
 * @param {Transferable[]} transfer
 * @returns {Promise<any>}
 */
function ask(worker, message, transfer) {
  const id = nextId++;
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject });
    worker.postMessage({ id, ...message }, transfer);
  });
}
