/** The same windows and answers as Python's: golden.json is made and checked by pytest. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { answer } from "../src/answer.js";
import { mono } from "../src/mono.js";
import { Ring } from "../src/ring.js";
import { isAudible, repeated, windowPlaces } from "../src/windows.js";
import { clock, percentages } from "../src/words.js";

const golden = JSON.parse(readFileSync(new URL("golden.json", import.meta.url), "utf-8"));

for (const { samples, windows } of golden.windows) {
  test(`the windows of ${samples} samples`, () => {
    const places = windowPlaces(samples, golden.spec).map(({ start, end }) => [start, end]);
    assert.deepEqual(places, windows);
  });
}

for (const { stretch, size, window } of golden.repeated) {
  test(`${stretch.length} samples repeated to ${size}`, () => {
    assert.deepEqual([...repeated(Float32Array.from(stretch), size)], window);
  });
}

for (const { channels, mix } of golden.mono) {
  test(`${channels.length} channels mixed`, () => {
    const mixed = mono(
      channels.map((channel) => Float32Array.from(channel, (x) => x ?? Number.NaN)),
    );
    for (const [i, value] of mix.entries()) {
      assert.ok(Math.abs(mixed[i] - value) < 1e-6, `${mixed[i]}, ${value}`);
    }
  });
}

for (const [name, { windows, expected }] of Object.entries(golden.answers)) {
  test(`the answer for ${name}`, () => {
    const found = answer(windows, golden.release);
    assert.equal(found.genre, expected.genre);
    assert.equal(found.abstained, expected.abstained);
    assert.deepEqual(found.verdict, expected.verdict);
    assert.deepEqual(found.moments, expected.moments);
    assert.deepEqual(
      found.sections.map((s) => ({ ...s, confidence: Number(s.confidence.toFixed(6)) })),
      expected.sections,
    );
    for (const genre of golden.release.genres) {
      assert.ok(Math.abs(found.probabilities[genre] - expected.probabilities[genre]) < 1e-9);
    }
  });
}

test("percentages and times are written alike", () => {
  for (const { probabilities, whole } of golden.percentages) {
    assert.deepEqual(percentages(probabilities), whole);
  }
  for (const { seconds, text } of golden.clock) assert.equal(clock(seconds), text);
});

test("a peak of the least audible level is heard, and one below is not", () => {
  const { silence_peak: level } = golden.spec;
  assert.equal(isAudible(Float32Array.of(0, -level), level), true);
  assert.equal(isAudible(Float32Array.of(0, level / 2), level), false);
});

test("a ring keeps the latest samples in their order", () => {
  const ring = new Ring(5);
  ring.push(Float32Array.of(1, 2, 3));
  assert.deepEqual([...ring.latest()], [1, 2, 3]);
  ring.push(Float32Array.of(4, 5, 6));
  ring.push(Float32Array.of(7));
  assert.deepEqual([...ring.latest()], [3, 4, 5, 6, 7]);
  assert.equal(ring.length, 5);
});
