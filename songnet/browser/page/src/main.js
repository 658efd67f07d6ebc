/** Wires the page: what the visitor does, and where the answers appear. */

import { droppedFiles } from "./dropped.js";
import { start } from "./network.js";
import { workOffline } from "./offline.js";
import { room } from "./room.js";
import { songList } from "./songs.js";
import { element, part } from "./views/elements.js";
import { metadata } from "./views/metadata.js";
import { playFrom, silence, timeline } from "./views/timeline.js";
import { bars, verdict } from "./views/verdict.js";
import { sentence } from "./words.js";

/** @param {string} text */
function say(text) {
  part("status").textContent = text;
}

/** @param {unknown} error */
function complain(error) {
  part("problem").textContent = sentence(error);
  part("problem").hidden = false;
}

const microphone = room({
  show(view) {
    silence();
    songs.unmark();
    say("");
    part("problem").hidden = true;
    part("answer").replaceChildren(view);
  },
  hide: () => part("answer").replaceChildren(),
  say,
  complain,
});

const songs = songList({
  show(heard) {
    microphone.stop();
    part("answer").replaceChildren(
      verdict(heard.prediction, "SongNet hears", playFrom),
      ...(heard.prediction.verdict.kind === "silence"
        ? []
        : [bars(heard.prediction.probabilities)]),
      timeline(heard),
      metadata(heard),
    );
  },
  isBusy: microphone.isActive,
  say,
  complain,
});

/** @param {File[]} files */
function take(files) {
  if (!files.length) return;
  microphone.stop();
  part("problem").hidden = true;
  songs.take(files);
}

function wireDropping() {
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
    if (event.dataTransfer) droppedFiles(event.dataTransfer).then(take, complain);
  });
}

function wireButtons() {
  /** @type {HTMLInputElement} */
  const input = part("files");
  input.onchange = () => {
    take([...(input.files ?? [])]);
    input.value = "";
  };
  part("choose").onclick = () => input.click();
  part("listen").onclick = microphone.toggle;
  part("save-csv").onclick = songs.saveCsv;
  part("save-json").onclick = songs.saveJson;
  part("save-ribbon").onclick = microphone.saveRibbon;
  window.addEventListener("pagehide", microphone.stop);
}

/** @param {...(Node | string)} content */
function notice(...content) {
  part("notice").replaceChildren(...content);
  part("notice").hidden = false;
}

wireDropping();
wireButtons();
void workOffline(
  (load) => {
    const button = element("button", { type: "button" }, "Load it");
    button.onclick = load;
    notice("There is a new version of this page. Save your answers first. ", button);
  },
  () => notice("This page needs a network: there is no room to keep it on this device."),
);
// The network loads while the visitor looks for a song.
start().then(() => {
  document.body.dataset.ready = "yes";
}, complain);
