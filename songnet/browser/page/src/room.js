/** Listening to the room: starting, stopping, and saving what was heard. */

import { csvLine, save } from "./exports.js";
import { listen } from "./microphone.js";
import { part } from "./views/elements.js";
import { live } from "./views/live.js";

const START = "Listen to the room";

/**
 * @param {object} page
 * @param {(view: HTMLElement) => void} page.show - makes room for the view of what is heard
 * @param {() => void} page.hide - takes it away again
 * @param {(text: string) => void} page.say - tells what happens
 * @param {(error: unknown) => void} page.complain - tells what went wrong
 */
export function room({ show, hide, say, complain }) {
  /** Since the first start: a pause is a gap. @type {Moment[]} */
  const moments = [];
  const opened = performance.now();
  /** @type {(() => void) | undefined} */
  let end;
  // Grows with each start and stop: who stops while the microphone is asked for, has stopped.
  let turn = 0;
  let active = false;

  async function start() {
    const mine = ++turn;
    active = true;
    const view = live();
    const announce = announcer(say);
    show(view.section);
    part("listen").textContent = "Stop listening";
    try {
      const started = await listen((heard) => {
        const moment = { time_s: (performance.now() - opened) / 1000, ...heard };
        moments.push(moment);
        view.show(moments);
        announce(moment);
        part("save-ribbon").hidden = false;
      }, fail);
      if (mine === turn) end = started;
      else started();
    } catch (error) {
      if (mine === turn) fail(error);
    }
  }

  function stop() {
    turn++;
    active = false;
    end?.();
    end = undefined;
    part("listen").textContent = START;
  }

  /** @param {unknown} error */
  function fail(error) {
    stop();
    if (!moments.length) hide();
    complain(error);
  }

  return {
    isActive: () => active,
    stop,
    toggle() {
      if (active) stop();
      else void start();
    },
    saveRibbon() {
      const columns = ["time_s", "genre", "confidence", "abstained", ...RELEASE.genres];
      const rows = moments.map((moment) => [
        moment.time_s.toFixed(1),
        moment.silent ? "silence" : moment.genre,
        moment.confidence.toFixed(6),
        moment.abstained ? "True" : "False",
        ...RELEASE.genres.map((genre) => moment.probabilities[genre].toFixed(6)),
      ]);
      const text = `\ufeff${[columns, ...rows].map(csvLine).join("\r\n")}\r\n`;
      save("songnet-room.csv", text, "text/csv");
    },
  };
}

/**
 * Tells of a genre that has stayed for two moments, once: who hears the page read aloud is not told
 * every second.
 *
 * @param {(text: string) => void} say
 * @returns {(moment: Moment) => void}
 */
function announcer(say) {
  let last = "";
  let said = "";
  return ({ verdict }) => {
    const now = verdict.text;
    if (now === last && now !== said) {
      said = now;
      say(`In the room: ${now}.`);
    }
    last = now;
  };
}
