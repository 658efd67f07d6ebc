// Files may be dropped anywhere, at any time, and pasted. The tab that is open takes them if it has
// a place for files; otherwise one song is heard, and several go to "Many songs".
(() => {
  const find = (selector) => document.querySelector(selector);
  const isSeen = (element) => element.getClientRects().length > 0;
  const ownPlace = (target) => target.closest?.(".upload-container, [data-testid=upload-button]");

  // What takes files in the tab that is open, if that is not the one for one song.
  const placeOfTab = () => {
    if (isSeen(find("#song"))) return undefined;
    const panels = [...document.querySelectorAll("[role=tabpanel]")].filter(isSeen);
    return panels
      .flatMap((panel) => [...panel.querySelectorAll("input[type=file][multiple]")])
      .find((input) => isSeen(input.closest(".block")));
  };

  const give = (input, files) => {
    const transfer = new DataTransfer();
    files.forEach((file) => transfer.items.add(file));
    input.files = transfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  };

  const openTab = (name) => {
    const tabs = [...document.querySelectorAll(".sn-tabs [role=tab]")];
    tabs.find((tab) => tab.textContent.trim() === name)?.click();
  };

  // A tab is built when it is opened for the first time.
  const whenThere = async (selector) => {
    for (let tries = 0; tries < 100; tries++) {
      const element = find(selector);
      if (element) return element;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return undefined;
  };

  const takeFiles = async (files) => {
    if (!files.length) return;
    const place = placeOfTab();
    if (place) return give(place, files);
    if (files.length === 1) {
      openTab("One song");
      songnet.take({ name: files[0].name, file: files[0] });
      return;
    }
    openTab("Many songs");
    const input = await whenThere("#songs input[type=file]");
    if (input) give(input, files);
  };
  songnet.takeFiles = takeFiles;

  const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");

  let veil;
  const lift = () => veil?.classList.remove("sn-dragging");
  const drawVeil = (count) => {
    if (!veil) {
      veil = document.createElement("div");
      veil.className = "sn-veil";
      veil.setAttribute("aria-hidden", "true");
      find(".gradio-container").append(veil);
    }
    const here = placeOfTab() ? "Drop to add" : "Drop to hear";
    const what = count > 1 ? `${count} songs` : "the song";
    veil.textContent = `${here} ${what}`;
    veil.classList.add("sn-dragging");
  };

  document.addEventListener("dragover", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
    drawVeil(event.dataTransfer.items.length);
  });
  // Whoever leaves the window leaves the last element for none.
  document.addEventListener("dragleave", (event) => event.relatedTarget || lift());
  document.addEventListener("drop", (event) => {
    lift();
    if (!carriesFiles(event)) return;
    event.preventDefault();
    if (!ownPlace(event.target)) takeFiles([...event.dataTransfer.files]);
  });
  // Gradio's own places keep what is dropped on them from going further.
  document.addEventListener("drop", lift, true);

  document.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    takeFiles(files);
  });
})();
