// Many songs: takes the rows that the server sends, or those that the browser has kept, and saves
// those that are seen as a playlist.
(() => {
  const { many, kept } = songnet;
  const find = (selector) => document.querySelector(selector);

  let sent; // what the server said last
  let rows = [];
  let isKept = false; // they are of before the page was loaded anew
  let firstLine = "";

  const drawSave = () => {
    const { group } = many.view();
    const text = group ? `Save M3U of ${group}` : "Save M3U";
    for (const button of document.querySelectorAll(".sn-m3u")) {
      if (button.textContent !== text) button.textContent = text;
      button.disabled = many.seen().every(many.failed);
    }
  };

  const stem = (name) => name.replace(/(?<=.)\.[^.]+$/, "").trim();
  // The files' names are those that were dropped.
  const savePlaylist = () => {
    const lines = [firstLine];
    for (const row of many.seen()) {
      if (many.failed(row)) continue;
      const name = songnet.dropped.nameOf(row);
      // Without a title, a playlist has the file's name.
      lines.push(row.title ? row.playlist : row.playlist.replace(stem(row.file), () => stem(name)));
      // A line that begins with # is a remark, and players cut spaces off.
      lines.push(name.startsWith("#") || name.startsWith(" ") ? `./${name}` : name);
    }
    const text = new Blob([`${lines.join("\n")}\n`], { type: "audio/x-mpegurl" });
    songnet.save(text, `${many.view().group ?? "songnet"}.m3u8`);
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

  const draw = (root) => {
    many.show(rows, root);
    if (isKept && rows.length) kept.drawHead(root, clear);
    else kept.removeHead(root);
    drawSave();
    if (rows.length) kept.keep(root, rows, many.view());
  };

  const clear = () => {
    kept.forget();
    isKept = false;
    rows = [];
    draw(find("#answers .sn-many"));
    find("#songs button")?.focus();
  };

  const numbered = (now) => {
    const copies = new Map();
    return now.map((row) => {
      const key = `${row.size} ${row.file}`;
      const copy = copies.get(key) ?? 0;
      copies.set(key, copy + 1);
      return { ...row, copy };
    });
  };

  const takeSent = (content, root) => {
    const isFirst = sent === undefined;
    const { rows: now, playlist, files } = JSON.parse(content);
    sent = content;
    firstLine = playlist;
    if (now.length) {
      kept.forgetFiles();
      kept.keepFiles(files, () => sent === content);
    } else if (isFirst) {
      const last = kept.read(root);
      isKept = Boolean(last);
      rows = last?.rows ?? [];
      many.look(last ?? {});
      return;
    } else if (isKept) return;
    else kept.forget();
    isKept = false;
    rows = numbered(now);
  };

  const take = () => {
    const data = find("#answers-data pre");
    const root = find("#answers .sn-many");
    if (!data || !root) return;
    watch(data);
    const content = data.textContent;
    const isAnew = rows.length > 0 && !root.firstChild; // the tab was built anew
    if (content === sent && !isAnew) return drawSave();
    if (content !== sent) takeSent(content, root);
    draw(root);
  };

  many.onChange(() => {
    drawSave();
    kept.keep(find("#answers .sn-many"), rows, many.view());
  });
  songnet.onChange(take);
})();
