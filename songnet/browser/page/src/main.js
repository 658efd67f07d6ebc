/** Wires the page: what the visitor does, and where the answers appear. */

import { csv, csvLine, save } from "./exports.js";
import { listen } from "./microphone.js";
import { start } from "./network.js";
import { workOffline } from "./offline.js";
import { hear } from "./song.js";
import { element, part } from "./views/elements.js";
import { live } from "./views/live.js";
import { metadata } from "./views/metadata.js";
import { table } from "./views/table.js";
import { silence, timeline } from "./views/timeline.js";
import { bars, verdict } from "./views/verdict.js";
import { sentence } from "./words.js";

/** The songs of this visit, in the order in which they were dropped. */
/** @type {(Heard | Failure)[]} */
let songs = [];
/** @type {import("./microphone.js").Moment[]} */
let moments = [];
/** @type {(() => void) | undefined} */
let stopListening;
// Songs are heard one after another, also those that are dropped while others are heard.
let turn = Promise.resolve();
/** @type {ReturnType<typeof table> | undefined} */
let list;

/** @param {string} text */
function say(text) {
  part("status").textContent = text;
}

/** @param {unknown} error */
function complain(error) {
  part("problem").textContent = sentence(error);
  part("problem").hidden = false;
}

/** @param {Heard} heard */
function show(heard) {
  part("answer").replaceChildren(
    verdict(heard.prediction, "SongNet hears"),
    bars(heard.prediction.probabilities),
    timeline(heard),
    metadata(heard),
  );
}

/** @param {Iterable<File>} files */
function take(files) {
  const chosen = [...files];
  if (!chosen.length) return;
  stop();
  part("problem").hidden = true;
  if (!list || songs.length === 0) startList();
  const rows = chosen.map((file) => ({ file, row: list?.add(file.name) }));
  part("songs").hidden = (list?.section.querySelectorAll("tbody tr").length ?? 0) < 2;
  for (const { file, row } of rows) turn = turn.then(() => hearOne(file, row));
}

function startList() {
  songs = [];
  list = table((index) => {
    const song = songs[index];
    if ("prediction" in song) show(song);
  });
  part("list").replaceChildren(list.section);
}

/**
 * @param {File} file
 * @param {ReturnType<ReturnType<typeof table>["add"]> | undefined} row
 */
async function hearOne(file, row) {
  row?.start();
  say(`Listens to ${file.name} …`);
  try {
    const heard = await hear(file);
    songs.push(heard);
    row?.finish(heard.prediction);
    const { genre, abstained } = heard.prediction;
    say(`${file.name}: ${abstained ? "not sure" : genre}.`);
    if (songs.length === 1 || part("answer").childElementCount === 0) show(heard);
  } catch (error) {
    songs.push({ file: file.name, error: sentence(error) });
    row?.fail(sentence(error));
    say("");
    if (part("songs").hidden) complain(error);
  }
}

async function toggleListening() {
  if (stopListening) {
    stop();
    return;
  }
  silence();
  part("problem").hidden = true;
  moments = [];
  const view = live();
  part("answer").replaceChildren(view.section);
  part("listen").textContent = "Stop";
  try {
    stopListening = await listen((moment) => {
      moments.push(moment);
      view.show(moments);
      part("save-ribbon").hidden = false;
    }, fail);
  } catch (error) {
    fail(error);
  }
}

/** @param {unknown} error */
function fail(error) {
  stop();
  if (!moments.length) part("answer").replaceChildren();
  complain(error);
}

function stop() {
  stopListening?.();
  stopListening = undefined;
  part("listen").textContent = "Listen to the room";
}

function answers() {
  return songs.map((song) => ("prediction" in song ? song.prediction : song));
}

function saveRibbon() {
  const rows = moments.map((moment) => [
    moment.time_s.toFixed(1),
    moment.silent ? "silence" : moment.genre,
    moment.confidence.toFixed(6),
    moment.abstained ? "True" : "False",
    ...RELEASE.genres.map((genre) => moment.probabilities[genre].toFixed(6)),
  ]);
  const lines = [["time_s", "genre", "confidence", "abstained", ...RELEASE.genres], ...rows];
  save("songnet-room.csv", `\ufeff${lines.map(csvLine).join("\r\n")}\r\n`, "text/csv");
}

function wire() {
  const input = part("files");
  if (!(input instanceof HTMLInputElement)) throw new Error("#files is no input");
  input.onchange = () => {
    take(input.files ?? []);
    input.value = "";
  };
  part("choose").onclick = () => input.click();
  part("listen").onclick = () => void toggleListening();
  part("save-csv").onclick = () => save("songnet.csv", csv(answers(), RELEASE.columns), "text/csv");
  part("save-json").onclick = () =>
    save("songnet.json", JSON.stringify(answers(), null, 2), "application/json");
  part("save-ribbon").onclick = saveRibbon;
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    document.body.classList.add("dropping");
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) document.body.classList.remove("dropping");
  });
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    document.body.classList.remove("dropping");
    take(event.dataTransfer?.files ?? []);
  });
  void workOffline((reload) => {
    const button = element("button", { type: "button" }, "Load it");
    button.onclick = reload;
    part("update").replaceChildren("A new version of this page is there. ", button);
    part("update").hidden = false;
  });
  // The network loads while the visitor looks for a song.
  start().then(() => {
    document.body.dataset.ready = "yes";
  }, complain);
}

wire();
