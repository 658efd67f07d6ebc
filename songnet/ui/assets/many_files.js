// Many songs: the files as they were dropped. Rows have their names, of which the server drops what no
// file system should have, and are played from them.
(() => {
  const find = (selector) => document.querySelector(selector);

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
  // A file's name as it was dropped, if it can be shown so.
  const nameOf = (row) => {
    const name = fileOf(row)?.name ?? row.dropped;
    return name && name === songnet.shownName(name) ? name : row.file;
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

  songnet.dropped = { fileOf, nameOf, open };
})();
