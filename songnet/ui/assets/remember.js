// Keeps the last answer in the browser, for this tab alone, so that Back and reload show it again:
// what was written, and its picture. The song is kept beside it, where the browser has room for it,
// so that it can be heard again. The server keeps nothing.
(() => {
  const KEY = "songnet-last";
  const KEPT_MS = 24 * 60 * 60_000;
  const MOST_BYTES = 64 * 2 ** 20;
  const PARTS = ["heard", "verdict", "bars", "metadata", "similar", "picture"];
  const find = (selector) => document.querySelector(selector);
  const { session } = songnet;

  const database = (mode, act) =>
    new Promise((resolve, reject) => {
      const opening = indexedDB.open("songnet", 1);
      opening.onupgradeneeded = () => opening.result.createObjectStore("songs");
      opening.onerror = () => reject(opening.error);
      opening.onsuccess = () => {
        const transaction = opening.result.transaction("songs", mode);
        const request = act(transaction.objectStore("songs"));
        transaction.oncomplete = () => {
          opening.result.close();
          resolve(request?.result);
        };
        transaction.onerror = transaction.onabort = () => {
          opening.result.close();
          reject(transaction.error);
        };
      };
    });
  const quietly = (promise) => promise.catch(() => undefined); // private windows may have no room

  // Songs whose tab was closed long ago.
  const tidy = () =>
    database("readwrite", (songs) => {
      songs.openCursor().onsuccess = ({ target: { result: cursor } }) => {
        if (!cursor) return;
        if (Date.now() - cursor.value.at > KEPT_MS) cursor.delete();
        cursor.continue();
      };
    });

  let song = {}; // what was taken last: {file, recorded} or {example}

  const keep = () => {
    const parts = {};
    for (const name of PARTS) {
      const part = find(`#${name} .prose`) ?? find(`#${name}`);
      if (part) parts[name] = part.innerHTML;
    }
    const { file, recorded, example } = song;
    const id = crypto.randomUUID?.() ?? String(Math.random());
    const last = session.read(KEY);
    const isKept = session.write(KEY, { parts, example, recorded, id: file && id });
    if (last?.id) quietly(database("readwrite", (songs) => songs.delete(last.id)));
    if (isKept && file && file.size <= MOST_BYTES) {
      quietly(database("readwrite", (songs) => songs.put({ file, at: Date.now() }, id)));
    }
  };

  const forget = () => {
    clearTimeout(soon); // an answer that is not kept yet is not to be kept either
    isNew = false;
    const last = session.read(KEY);
    find(".sn-kept")?.remove();
    session.forget(KEY);
    if (last?.id) quietly(database("readwrite", (songs) => songs.delete(last.id)));
  };

  const hearAgain = (last, file) => {
    if (last.example !== undefined) {
      document.querySelectorAll(".sn-example")[last.example]?.click();
    } else {
      songnet.take({ name: file.name, file, recorded: last.recorded });
    }
  };

  const again = (last, file) => {
    if (last.example === undefined && !file) {
      const words = document.createElement("p");
      words.className = "sn-hint";
      words.textContent = "To hear the song, or to see it over time, choose it again.";
      return words;
    }
    return songnet.button("Hear it again", () => hearAgain(last, file));
  };

  const restore = async () => {
    const last = session.read(KEY);
    if (!last || find(".sn-kept")) return;
    const entry = last.id && (await quietly(database("readonly", (songs) => songs.get(last.id))));
    const place = find(".sn-answer");
    if (!place || find("#verdict .sn-verdict")) return;
    const kept = songnet.keptSection("sn-kept", "Your last answer", again(last, entry?.file));
    for (const name of PARTS.filter((part) => last.parts[part])) {
      const part = document.createElement("div");
      part.className = `sn-kept-${name}`;
      part.innerHTML = last.parts[name];
      kept.append(part);
    }
    if (entry) songnet.player?.load(URL.createObjectURL(entry.file), entry.file.name);
    else for (const moment of kept.querySelectorAll("[data-play-from]")) moment.disabled = true;
    place.before(kept);
  };

  // Every way to take a song.
  document.addEventListener(
    "click",
    ({ target }) => {
      const example = target.closest?.(".sn-example");
      if (example) song = { example: [...document.querySelectorAll(".sn-example")].indexOf(example) };
      if (target.closest?.("#song [aria-label=Clear]")) forget();
    },
    true,
  );
  const take = () => {
    if (!songnet.take || songnet.take.kept) return;
    const theirs = songnet.take;
    songnet.take = (taken) => {
      const last = song;
      if (taken.file) song = { file: taken.file, recorded: taken.recorded };
      const mine = song;
      return theirs(taken).then((heard) => {
        // What was refused before the server heard it is not the song of the next answer.
        if (!heard && song === mine) song = last;
      });
    };
    songnet.take.kept = true;
    const itEnds = songnet.ended;
    songnet.ended = () => {
      itEnds();
      isWhole = true;
      keepWhole();
    };
  };

  let seen; // the verdict that was there at the last look
  let isNew = false; // it is not kept yet
  let isWhole = false; // the server has said all of the answer
  let begun = false;
  let soon;
  const keepWhole = () => {
    // The parts of an answer come together, but are not drawn in the same moment.
    if (!isNew || !isWhole || !find("#bars .sn-bars") || !find("#metadata dl")) return;
    isNew = false;
    soon = setTimeout(keep, 100);
  };
  songnet.onChange(() => {
    take();
    const verdict = find("#verdict .sn-verdict");
    if (!begun && find("#verdict .sn-empty")) {
      begun = true;
      quietly(tidy());
      restore();
    }
    if (!verdict && !find("#verdict .sn-alert") && !find("#verdict .progress-text")) return;
    find(".sn-kept")?.remove();
    if (!verdict || verdict === seen) return keepWhole();
    seen = verdict;
    clearTimeout(soon);
    isNew = true;
    isWhole = false;
  });
})();
