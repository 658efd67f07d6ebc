/** The last seconds of a stream of samples. */
export class Ring {
  #samples;
  #ordered;
  #written = 0;

  /** @param {number} size - samples that are kept */
  constructor(size) {
    this.#samples = new Float32Array(size);
    this.#ordered = new Float32Array(size);
  }

  /** @param {Float32Array} block - shorter than what is kept */
  push(block) {
    const size = this.#samples.length;
    const at = this.#written % size;
    const first = block.subarray(0, size - at);
    this.#samples.set(first, at);
    this.#samples.set(block.subarray(first.length), 0);
    this.#written += block.length;
  }

  /** Number of samples that can be had. */
  get length() {
    return Math.min(this.#written, this.#samples.length);
  }

  /** What is kept, the oldest sample first; the array is used again for the next call. */
  latest() {
    const size = this.#samples.length;
    const at = this.#written <= size ? 0 : this.#written % size;
    this.#ordered.set(this.#samples.subarray(at), 0);
    this.#ordered.set(this.#samples.subarray(0, at), size - at);
    return this.#ordered.subarray(0, this.length);
  }
}
