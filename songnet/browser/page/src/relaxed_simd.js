/** The runtime's two builds: LiteRT loads the faster one where the browser has relaxed SIMD. */

// A module with one function, which uses one instruction of relaxed SIMD (i8x16.relaxed_swizzle).
const PROBE = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 15, 1, 13, 0, 65, 1],
  ...[253, 15, 65, 2, 253, 15, 253, 128, 2, 11],
);

/** The files of the runtime that this browser needs, below the page. */
export function runtimeFiles() {
  const kind = WebAssembly.validate(PROBE) ? "" : "_compat";
  return ["js", "wasm"].map((ending) => `network/litert_wasm${kind}_internal.${ending}`);
}
