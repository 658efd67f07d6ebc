/** Runs the network with LiteRT, apart from the page, so that the page never waits for it. */

import { loadAndCompile, loadLiteRt, Tensor } from "@litertjs/core";

// What LiteRT reports although nothing is wrong; the browser would show it as errors.
const CHATTER = /^(INFO|WARNING|VERBOSE|Created TensorFlow Lite)/;
// LiteRT's runtime takes its settings from here.
Object.assign(self, {
  Module: {
    printErr: (/** @type {string} */ line) => CHATTER.test(line) || console.error(line),
  },
});

/** @type {Promise<import("@litertjs/core").CompiledModel> | undefined} */
let model;

/** @param {MessageEvent<{ id: number, weights?: Uint8Array, waveform?: Float32Array }>} event */
self.onmessage = async ({ data: { id, weights, waveform } }) => {
  try {
    if (weights) {
      model = load(weights);
      await model;
      self.postMessage({ id });
    } else if (waveform && model) {
      const answer = await classify(await model, waveform);
      self.postMessage({ id, waveform, ...answer }, { transfer: [waveform.buffer] });
    }
  } catch (error) {
    self.postMessage({ id, error: error instanceof Error ? error.message : String(error) });
  }
};

/** @param {Uint8Array} weights */
async function load(weights) {
  await loadLiteRt(new URL("./", self.location.href).href);
  return loadAndCompile(weights, { accelerator: "wasm" });
}

/**
 * @param {import("@litertjs/core").CompiledModel} network
 * @param {Float32Array} waveform - one window
 * @returns {Promise<{ probabilities: number[], attention: number[] }>}
 */
async function classify(network, waveform) {
  const input = new Tensor(waveform, [1, waveform.length]);
  try {
    const outputs = await network.run("classify", { waveform: input });
    const values = await Promise.all(
      [outputs.probabilities, outputs.attention].map(async (tensor) => [...(await tensor.data())]),
    );
    for (const tensor of Object.values(outputs)) tensor.delete();
    return { probabilities: values[0], attention: values[1] };
  } finally {
    input.delete();
  }
}
