// Many songs: keeps the rows in the browser, for this tab alone, so that Back and reload show them
// again, and what is saved of them. The sounds are not kept, and the server keeps nothing.
(() => {
  const { session, button, keptSection } = songnet;
  const KEY = "songnet-many";
  const KINDS = {
    csv: { words: "Save CSV", key: "songnet-many-csv", type: "text/csv", before: "\ufeff" },
    json: { words: "Save JSON", key: "songnet-many-json", type: "application/json", before: "" },
  };
  // Of the five million or so characters that browsers keep, the tab for one song wants some, too.
  const MOST_CHARACTERS = 2_000_000;

  const keep = (root, rows, view) => {
    const named = rows.map((row) => ({ ...row, dropped: songnet.dropped.nameOf(row) }));
    if (!session.write(KEY, { of: root.dataset.of, rows: named, ...view })) forgetFiles();
  };

  // The server's files are deleted in time.
  const keepFiles = async (paths, areWanted) => {
    for (const [kind, path] of Object.entries(paths)) {
      const address = `${window.gradio_config?.root ?? "."}/gradio_api/file=${path}`;
      const answer = await fetch(address).catch(() => undefined);
      const text = answer?.ok ? await answer.text().catch(() => "") : "";
      if (!areWanted()) return;
      if (text && text.length <= MOST_CHARACTERS) session.write(KINDS[kind].key, text);
    }
  };

  const forgetFiles = () => Object.values(KINDS).forEach(({ key }) => session.forget(key));
  const forget = () => {
    session.forget(KEY);
    forgetFiles();
  };

  const ANSWERED = ["said", "perhaps", "title", "artist", "length", "playlist"];
  const COLOUR = /^(light-dark\(#\w{6}, #\w{6}\))?$/;
  const are = (kind, values) => values.every((value) => typeof value === kind);
  const isRow = (row) => {
    if (!are("string", [row?.file, row?.group, row?.note, row?.dropped])) return false;
    const answer = ANSWERED.map((key) => row[key]);
    return (
      (are("string", answer) || are("undefined", answer)) &&
      are("number", [row.size, row.percent ?? 0, row.seconds ?? 0]) &&
      are("boolean", [row.told]) &&
      COLOUR.test(row.colour ?? "")
    );
  };

  // What was kept by this version of the page with these weights, and can be drawn.
  const read = (root) => {
    const last = session.read(KEY);
    if (last?.of !== root.dataset.of || !Array.isArray(last?.rows)) return undefined;
    return last.rows.length && last.rows.every(isRow) ? last : undefined;
  };

  const saveFile = ({ key, type, before }, name) => {
    const text = session.read(key);
    songnet.save(new Blob([before, text], { type }), name);
  };

  const drawHead = (root, clear) => {
    if (root.querySelector(".sn-kept-many")) return;
    const saves = Object.entries(KINDS)
      .filter(([, { key }]) => typeof session.read(key) === "string")
      .map(([kind, saved]) => button(saved.words, () => saveFile(saved, `songnet.${kind}`)));
    const playlist = button("Save M3U");
    playlist.classList.add("sn-m3u");
    const beside = [...saves, playlist, button("Clear", clear)];
    const head = keptSection("sn-kept-many", "Your last songs", ...beside);
    const hint = document.createElement("p");
    hint.className = "sn-hint";
    hint.textContent =
      "The browser has kept them without their sounds: to hear a song, choose it again. Songs that " +
      "you choose here take the place of these.";
    head.append(hint);
    root.prepend(head);
  };
  const removeHead = (root) => root.querySelector(".sn-kept-many")?.remove();

  songnet.kept = { keep, keepFiles, forgetFiles, forget, read, drawHead, removeHead };
})();
