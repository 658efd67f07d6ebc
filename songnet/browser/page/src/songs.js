/** The songs of this visit: heard one after another, listed, and saved. */

import { csv, save } from "./exports.js";
import { hear } from "./song.js";
import { part } from "./views/elements.js";
import { table } from "./views/table.js";
import { sentence } from "./words.js";

/**
 * @param {object} page
 * @param {(heard: Heard) => void} page.show - shows a song's answer
 * @param {() => boolean} page.isBusy - whether something else is shown that changes by itself
 * @param {(text: string) => void} page.say - tells what happens
 * @param {(error: unknown) => void} page.complain - tells what went wrong
 */
export function songList({ show, isBusy, say, complain }) {
  /** In the order of the table's rows, as far as they are done. @type {(Heard | Failure)[]} */
  const songs = [];
  // The first song of what was dropped last is shown, unless the visitor has chosen another.
  let newest = { shown: true };
  // Also those that are dropped while others are heard wait for their turn.
  let turn = Promise.resolve();
  const list = table((index) => {
    const song = songs[index];
    if (!("prediction" in song)) return;
    newest.shown = true;
    list.mark(index);
    show(song);
  });
  part("list").append(list.section);

  /**
   * @param {File} file
   * @param {ReturnType<typeof list.add>} row
   * @param {{ shown: boolean }} batch
   */
  async function hearOne(file, row, batch) {
    row.start();
    say(`Listens to ${file.name} …`);
    try {
      const heard = await hear(file);
      songs.push(heard);
      row.finish(heard.prediction);
      const { verdict } = heard.prediction;
      say(`${file.name}: ${verdict.text}.`);
      if (!batch.shown && !isBusy()) {
        batch.shown = true;
        list.mark(songs.length - 1);
        show(heard);
      }
    } catch (error) {
      songs.push({ file: file.name, error: sentence(error) });
      row.fail(sentence(error));
      say("");
      if (part("list").hidden) complain(error);
    }
    part("saving").hidden = false;
  }

  const answers = () => songs.map((song) => ("prediction" in song ? song.prediction : song));
  return {
    /** Marks no song as the one that is shown. */
    unmark: () => list.mark(-1),
    /** @param {File[]} files */
    take(files) {
      const batch = { shown: false };
      newest = batch;
      const rows = files.map((file) => list.add(file.name));
      part("list").hidden = list.size() < 2;
      files.forEach((file, i) => {
        turn = turn.then(() => hearOne(file, rows[i], batch));
      });
    },
    saveCsv() {
      save("songnet.csv", csv(answers(), RELEASE.columns), "text/csv");
    },
    saveJson() {
      save("songnet.json", JSON.stringify(answers(), null, 2), "application/json");
    },
  };
}
