// Many songs: draws the rows that the server sends, with an overview that filters them. Rows stay as
// they come and go, so that what has the focus keeps it.
(() => {
  const find = (selector) => document.querySelector(selector);
  const byNumber = (key) => (row) => row[key] ?? -1;
  // How each column is sorted, and in which direction first.
  const COLUMNS = [
    { name: "Song", key: (row) => (row.title || nameOf(row)).toLowerCase(), down: false },
    { name: "Genre", key: (row) => (row.told ? "" : "\uffff") + row.group.toLowerCase(), down: false },
    { name: "Confidence", key: byNumber("percent"), down: true },
    { name: "Length", key: byNumber("seconds"), down: true },
  ];
  const failed = (row) => row.said === undefined;

  let sent = ""; // what was drawn last
  let rows = [];
  let firstLine = "";
  let group; // the one that alone is shown
  let sorting; // { column, down }; without it, errors first, then as they came
  const drawn = new Map(); // elements by the place of their row

  const make = (name, properties = {}, ...children) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(properties)) {
      if (key.includes("-") || key === "role") element.setAttribute(key, value);
      else element[key] = value;
    }
    element.append(...children.filter((child) => child !== ""));
    return element;
  };
  const span = (className, text) => make("span", { className, textContent: text });
  const paint = (element, row) => {
    if (row.told) element.style.setProperty("--genre", row.colour);
    return element;
  };

  // The files as they were dropped: to be opened, and for their names, of which the server drops
  // what no file system should have.
  let files = [];
  const keep = (list) => {
    const isKnown = (file) =>
      files.some((f) => ["name", "size", "lastModified"].every((key) => f[key] === file[key]));
    files = [...files, ...[...(list ?? [])].filter((file) => !isKnown(file))];
  };
  const onSongs = (event) => event.target.closest?.("#songs");
  document.addEventListener("change", (e) => onSongs(e) && keep(e.target.files), true);
  document.addEventListener("drop", (e) => onSongs(e) && keep(e.dataTransfer?.files), true);
  // What browsers and Gradio make of a name; then what no server changes: its letters and digits,
  // and of long ones the start.
  const sentAs = (name) =>
    name
      .replace(/["\r\n]/g, (character) => encodeURIComponent(character))
      .replace(/[<>:/\\|?*`$!{}\p{Cc}]/gu, "")
      .replace(/[ .]+$/, "");
  const letters = (name) => sentAs(name).replace(/[^\p{L}\p{M}\p{N}]/gu, "");
  const LIKENESSES = [sentAs, letters, (name) => letters(name).slice(0, 40)];
  const fileOf = ({ file, size, copy }) => {
    const alike = files.filter((candidate) => candidate.size === size);
    for (const part of LIKENESSES) {
      const found = alike.filter(({ name }) => part(name) === part(file));
      // Songs of one name and size come in the order in which they were dropped.
      if (found.length) return found[Math.min(copy, found.length - 1)];
    }
    return alike.length === 1 ? alike[0] : undefined;
  };
  // A file's name as it was dropped, unless it has characters that break or turn a line.
  const UNSAFE = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;
  const nameOf = (row) => {
    const name = fileOf(row)?.name;
    return name && !UNSAFE.test(name) ? name : row.file;
  };

  const openTab = (name) => {
    const tabs = [...document.querySelectorAll(".sn-tabs [role=tab]")];
    tabs.find((tab) => tab.textContent.trim() === name)?.click();
  };
  const until = async (there) => {
    for (let tries = 0; tries < 200; tries++) {
      const found = there();
      if (found) return found;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return undefined;
  };

  // Hands a song to the tab for one song, and plays it.
  const open = async (row) => {
    const file = fileOf(row);
    if (!file) return;
    openTab("One song");
    const before = find("#song audio")?.src;
    songnet.take({ name: file.name, file });
    const isNew = (audio) => audio?.src.startsWith("blob:") && audio.src !== before;
    const there = await until(() => isNew(find("#song audio")));
    if (there) await find("#song audio").play().catch(() => {});
  };

  const verdict = (row) => [
    row.said ?? row.group,
    row.perhaps ? make("b", { textContent: row.perhaps }) : "",
  ];

  const drawRow = (row) => {
    const name = row.title || nameOf(row);
    const below = [row.artist, row.title ? nameOf(row) : ""].filter(Boolean).join(" · ");
    const text = make("span", { className: "sn-many-text" }, make("b", { textContent: name }));
    if (below) text.append(span("", below));
    if (row.note) text.append(span(failed(row) ? "sn-many-error" : "sn-many-warning", row.note));
    const opens = !failed(row) && fileOf(row);
    const button = opens
      ? make("button", { type: "button", className: "sn-many-open", "aria-label": `Play ${name}` })
      : span("sn-many-closed", failed(row) ? "!" : "");
    if (failed(row)) button.setAttribute("aria-hidden", "true");
    const share = make("span", { className: "sn-many-track", "aria-hidden": "true" });
    share.append(make("span", { style: `width: ${row.percent ?? 0}%` }));
    const number = row.percent === undefined ? "" : `${row.percent} %`;
    const element = make(
      "tr",
      {},
      make("td", { className: "sn-many-play" }, button),
      make("th", { scope: "row" }, text),
      make(
        "td",
        { className: "sn-many-genre" },
        make("span", { className: "sn-dot", "aria-hidden": "true" }),
        make("span", {}, ...verdict(row)),
      ),
      make("td", { className: "sn-many-share" }, ...(number ? [share] : []), span("", number)),
      make("td", { className: "sn-many-length", textContent: row.length ?? "" }),
    );
    element.className = failed(row) ? "sn-failed" : row.told ? "" : "sn-unsure";
    if (opens) {
      element.classList.add("sn-opens");
      element.addEventListener("click", () => getSelection().toString() || open(row));
    }
    return paint(element, row);
  };

  const ordered = () => {
    const places = [...rows.keys()].filter((i) => !group || rows[i].group === group);
    const compare = (a, b) => (a < b ? -1 : Number(a > b));
    const key = sorting ? COLUMNS[sorting.column].key : (row) => Number(!failed(row));
    const sign = sorting?.down ? -1 : 1;
    return places.sort((a, b) => sign * compare(key(rows[a]), key(rows[b])) || a - b);
  };

  const drawRows = (body) => {
    const elements = ordered().map((i) => {
      if (!drawn.has(i)) drawn.set(i, drawRow(rows[i]));
      return drawn.get(i);
    });
    const kept = new Set(elements);
    [...body.children].forEach((child) => kept.has(child) || child.remove());
    elements.forEach((element, i) => {
      if (body.children[i] !== element) body.insertBefore(element, body.children[i] ?? null);
    });
  };

  const drawHead = (head) => {
    head.querySelectorAll("th[aria-sort]").forEach((cell, column) => {
      const here = sorting?.column === column;
      cell.setAttribute("aria-sort", here ? (sorting.down ? "descending" : "ascending") : "none");
    });
  };

  // A bar for each genre that was heard, the most frequent first; what is no genre comes last.
  const drawOverview = (list) => {
    const groups = new Map();
    for (const row of rows) {
      const known = groups.get(row.group) ?? { row, count: 0 };
      groups.set(row.group, { ...known, count: known.count + 1 });
    }
    if (!groups.has(group)) group = undefined;
    const sorted = [...groups].sort(
      ([, a], [, b]) => Number(b.row.told) - Number(a.row.told) || b.count - a.count,
    );
    const most = Math.max(...sorted.map(([, { count }]) => count));
    const items = new Map([...list.children].map((item) => [item.dataset.group, item]));
    sorted.forEach(([name, { row, count }], i) => {
      const item = items.get(name) ?? drawGroup(name, row);
      items.delete(name);
      const button = item.firstChild;
      button.setAttribute("aria-pressed", String(name === group));
      button.style.setProperty("--share", `${(100 * count) / most}%`);
      button.lastChild.firstChild.textContent = count;
      if (list.children[i] !== item) list.insertBefore(item, list.children[i] ?? null);
    });
    items.forEach((item) => item.remove());
  };

  const drawGroup = (name, row) => {
    const bar = make("span", { className: "sn-bar-track", "aria-hidden": "true" });
    bar.append(span("sn-bar-fill", ""));
    const number = document.createTextNode("");
    const count = make("span", { className: "sn-bar-value" }, number, span("sn-unseen", " songs"));
    const button = make(
      "button",
      { type: "button", "aria-pressed": "false" },
      make("span", { className: "sn-dot", "aria-hidden": "true" }),
      span("sn-bar-name", name),
      bar,
      count,
    );
    button.addEventListener("click", () => {
      group = group === name ? undefined : name;
      draw();
    });
    const item = make("li", { className: failed(row) ? "sn-failed" : "" }, button);
    item.dataset.group = name;
    return paint(item, row);
  };

  const build = (root) => {
    const head = make("tr", {}, make("td"));
    COLUMNS.forEach(({ name, down }, column) => {
      const button = make("button", { type: "button", textContent: name });
      button.addEventListener("click", () => {
        const again = sorting?.column === column;
        sorting = again && sorting.down !== down ? undefined : { column, down: again ? !down : down };
        draw();
      });
      head.append(make("th", { scope: "col", "aria-sort": "none" }, button));
    });
    root.replaceChildren(
      make(
        "section",
        { className: "sn-card sn-overview", "aria-label": "Genres of your songs" },
        make("h3", { textContent: "What they are" }),
        make("p", { className: "sn-hint", role: "status" }),
        make("ul"),
      ),
      make(
        "div",
        { className: "sn-card sn-many-rows" },
        make(
          "table",
          {},
          make("caption", { className: "sn-unseen", textContent: "Your songs" }),
          make("thead", {}, head),
          make("tbody"),
        ),
      ),
    );
  };

  const draw = () => {
    const root = find("#answers .sn-many");
    root.hidden = !rows.length;
    if (!rows.length) {
      group = sorting = undefined;
      root.replaceChildren();
      drawn.clear();
      return;
    }
    if (!root.firstChild) build(root);
    drawOverview(root.querySelector("ul"));
    drawHead(root.querySelector("thead"));
    drawRows(root.querySelector("tbody"));
    const shown = rows.filter((row) => !group || row.group === group).length;
    const hint = group
      ? `${shown} of ${rows.length} songs shown. Choose ${group} again to see all.`
      : "Choose a genre to see its songs alone.";
    const place = root.querySelector(".sn-overview .sn-hint");
    if (place.textContent !== hint) place.textContent = hint;
    drawSave();
  };

  const drawSave = () => {
    const button = find("#batch-m3u .sn-m3u");
    if (!button) return;
    const text = group ? `Save M3U of ${group}` : "Save M3U";
    if (button.textContent !== text) button.textContent = text;
    button.disabled = !ordered().some((i) => !failed(rows[i]));
  };

  const stem = (name) => name.replace(/(?<=.)\.[^.]+$/, "").trim();
  // The rows that are shown, in their order, with the files' names as they were dropped.
  const savePlaylist = () => {
    const lines = [firstLine];
    for (const row of ordered().map((i) => rows[i])) {
      if (failed(row)) continue;
      const name = nameOf(row);
      // Without a title, a playlist has the file's name.
      lines.push(row.title ? row.playlist : row.playlist.replace(stem(row.file), () => stem(name)));
      // A line that begins with # is a remark, and players cut spaces off.
      lines.push(name.startsWith("#") || name.startsWith(" ") ? `./${name}` : name);
    }
    const text = new Blob([`${lines.join("\n")}\n`], { type: "audio/x-mpegurl" });
    songnet.save(text, `${group ?? "songnet"}.m3u8`);
  };
  document.addEventListener("click", (event) => {
    if (event.target.closest?.(".sn-m3u")) savePlaylist();
  });

  // Gradio changes the text in its place, which is no change of the page's elements.
  let watched;
  const watch = (data) => {
    if (watched === data) return;
    watched = data;
    new MutationObserver(take).observe(data, { characterData: true, subtree: true });
  };

  const take = () => {
    const data = find("#answers-data pre");
    const root = find("#answers .sn-many");
    if (!data || !root) return;
    watch(data);
    const content = data.textContent;
    const isEmpty = rows.length > 0 && !root.firstChild; // the tab was built anew
    if (content === sent && !isEmpty) return drawSave();
    sent = content;
    const { rows: now, playlist } = JSON.parse(content);
    const copies = new Map();
    for (const row of now) {
      const key = `${row.size} ${row.file}`;
      row.copy = copies.get(key) ?? 0;
      copies.set(key, row.copy + 1);
    }
    // Rows that are as they were keep their elements.
    rows.forEach((row, i) => {
      if (JSON.stringify(row) !== JSON.stringify(now[i])) drawn.delete(i);
    });
    rows = now;
    firstLine = playlist;
    if (isEmpty) drawn.clear();
    draw();
  };
  songnet.onChange(take);
})();
