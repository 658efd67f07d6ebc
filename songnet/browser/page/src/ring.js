/** The last seconds of a stream of samples. */
export class Ring {
  #samples;
  #written = 0;

  /** @param {number} size - samples that are kept */
  constructor(size) {
    this.#samples = new Float32Array(size);
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

  /** A copy of what is kept, the oldest sample first. */
  latest() {
    if (this.#written <= this.#samples.length) return this.#samples.slice(0, this.#written);
    const at = this.#written % this.#samples.length;
    const ordered = new Float32Array(this.#samples.length);
    ordered.set(this.#samples.subarray(at), 0);
    ordered.set(this.#samples.subarray(0, at), this.#samples.length - at);
    return ordered;
  }
}
