// Many songs: draws rows, and an overview that filters them. Rows stay as they come and go, so that
// what has the focus keeps it.
(() => {
  const { fileOf, nameOf, open } = songnet.dropped;
  const byNumber = (key) => (row) => row[key] ?? -1;
  // How each column is sorted, and in which direction first.
  const COLUMNS = [
    { name: "Song", key: (row) => (row.title || nameOf(row)).toLowerCase(), down: false },
    { name: "Genre", key: (row) => (row.told ? "" : "\uffff") + row.group.toLowerCase(), down: false },
    { name: "Confidence", key: byNumber("percent"), down: true },
    { name: "Length", key: byNumber("seconds"), down: true },
  ];
  const failed = (row) => row.said === undefined;

  let root; // what they are drawn into
  let rows = [];
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
      const [number, songs] = button.lastChild.childNodes;
      number.textContent = count;
      songs.textContent = count === 1 ? " song" : " songs";
      if (list.children[i] !== item) list.insertBefore(item, list.children[i] ?? null);
    });
    items.forEach((item) => item.remove());
  };

  const drawGroup = (name, row) => {
    const bar = make("span", { className: "sn-bar-track", "aria-hidden": "true" });
    bar.append(span("sn-bar-fill", ""));
    const number = document.createTextNode("");
    const count = make("span", { className: "sn-bar-value" }, number, span("sn-unseen", ""));
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
      redraw();
    });
    const item = make("li", { className: failed(row) ? "sn-failed" : "" }, button);
    item.dataset.group = name;
    return paint(item, row);
  };

  const build = () => {
    const head = make("tr", {}, make("td"));
    COLUMNS.forEach(({ name, down }, column) => {
      const button = make("button", { type: "button", textContent: name });
      button.addEventListener("click", () => {
        const again = sorting?.column === column;
        sorting = again && sorting.down !== down ? undefined : { column, down: again ? !down : down };
        redraw();
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
    root.hidden = !rows.length;
    if (!rows.length) {
      group = sorting = undefined;
      root.replaceChildren();
      drawn.clear();
      return;
    }
    if (!root.firstChild) build();
    drawOverview(root.querySelector("ul"));
    drawHead(root.querySelector("thead"));
    drawRows(root.querySelector("tbody"));
    const shown = rows.filter((row) => !group || row.group === group).length;
    const hint = group
      ? `${shown} of ${rows.length} songs shown. Choose ${group} again to see all.`
      : "Choose a genre to see its songs alone.";
    const place = root.querySelector(".sn-overview .sn-hint");
    if (place.textContent !== hint) place.textContent = hint;
  };

  // What a visitor changes.
  let changed = () => {};
  const redraw = () => {
    draw();
    changed();
  };

  const show = (now, place) => {
    // Rows that are as they were keep their elements, if these are there still.
    const isAnew = place !== root || !place.firstChild;
    rows.forEach((row, i) => {
      if (isAnew || JSON.stringify(row) !== JSON.stringify(now[i])) drawn.delete(i);
    });
    rows = now;
    root = place;
    draw();
  };

  songnet.many = {
    failed,
    show,
    // The rows that are seen, in their order.
    seen: () => ordered().map((i) => rows[i]),
    // Of which genre they are, and how they are sorted.
    view: () => ({ group, sorting }),
    look: (view) => {
      group = view.group;
      const isKnown = [...COLUMNS.keys()].includes(view.sorting?.column);
      sorting = isKnown ? view.sorting : undefined;
    },
    onChange: (act) => (changed = act),
  };
})();
