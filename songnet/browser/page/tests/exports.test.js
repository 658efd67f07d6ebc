import assert from "node:assert/strict";
import { test } from "node:test";
import { csv } from "../src/exports.js";

const prediction = {
  file: "a, b.mp3",
  genre: "Rock",
  confidence: 0.75,
  abstained: false,
  duration_s: 30,
  probabilities: { Rock: 0.75, Pop: 0.25 },
  windows: [],
  metadata: { title: '=1+1;"x";+2|＝3', artist: null, album: null, year: 2008, genre: null },
  model: { version: "0.1.0", sha256: "" },
  verdict: { kind: "genre", text: "Rock", genres: ["Rock"] },
  warnings: [],
};

test("a table has the answers, the failures and no formula", () => {
  const columns = [
    "file",
    "genre",
    "confidence",
    "abstained",
    "Rock",
    "title",
    "year",
    "verdict",
    "error",
  ];
  const text = csv([prediction, { file: "c.mp3", error: "c.mp3 is empty." }], columns);
  assert.equal(
    text,
    "\ufefffile,genre,confidence,abstained,Rock,title,year,verdict,error\r\n" +
      `"a, b.mp3",Rock,0.75,False,0.75,"'=1+1;""x"";'+2|'＝3",2008,Rock,\r\n` +
      "c.mp3,,,,,,,,c.mp3 is empty.\r\n",
  );
});
