/** In the audio thread: hands the microphone's samples to the page, in blocks. */

const BLOCK = 4096;

// @ts-expect-error: the audio thread's globals are in no library of types.
class Recorder extends AudioWorkletProcessor {
  #block = new Float32Array(BLOCK);
  #filled = 0;

  /** @param {Float32Array[][]} inputs */
  process([channels]) {
    const [first, second] = channels;
    if (!first) return true;
    for (let i = 0; i < first.length; i++) {
      this.#block[this.#filled++] = second ? (first[i] + second[i]) * Math.SQRT1_2 : first[i];
      if (this.#filled === BLOCK) {
        // @ts-expect-error: as above.
        this.port.postMessage(this.#block, [this.#block.buffer]);
        this.#block = new Float32Array(BLOCK);
        this.#filled = 0;
      }
    }
    return true;
  }
}

// @ts-expect-error: as above.
registerProcessor("recorder", Recorder);
