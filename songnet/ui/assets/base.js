// What the parts of the page share. Each part is a file of its own, in a function of its own; base.js
// comes first.
window.songnet = (() => {
  const whenever = [];

  // Calls a function after each change of the page: Gradio builds and rebuilds it piece by piece.
  const onChange = (look) => whenever.push(look);
  new MutationObserver(() => whenever.forEach((look) => look())).observe(document.documentElement, {
    childList: true,
    subtree: true,
  });

  // Saves a blob as a file of the visitor's.
  const save = (blob, name) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  };

  // What this tab of the browser keeps over a reload. What has no room, as in some private windows, is
  // not kept, nor what it was to take the place of.
  const session = {
    read: (key) => {
      try {
        return JSON.parse(sessionStorage.getItem(key));
      } catch {
        return null;
      }
    },
    write: (key, value) => {
      try {
        sessionStorage.setItem(key, JSON.stringify(value));
        return true;
      } catch {
        session.forget(key);
        return false;
      }
    },
    forget: (key) => {
      try {
        sessionStorage.removeItem(key);
      } catch {} // nothing can have been written either
    },
  };

  const button = (words, act) => {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "sn-picture";
    made.textContent = words;
    if (act) made.addEventListener("click", act);
    return made;
  };

  // What was kept is shown in this, under its title, with buttons or words beside that.
  const keptSection = (className, title, ...beside) => {
    const section = document.createElement("section");
    section.className = className;
    section.setAttribute("aria-label", title);
    const head = document.createElement("div");
    head.className = "sn-kept-head";
    const heading = document.createElement("h2");
    heading.textContent = title;
    head.append(heading, ...beside);
    section.append(head);
    return section;
  };

  // A file's name without characters that break or turn a line.
  const UNSAFE = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;
  const shownName = (name) => name.replace(UNSAFE, "\ufffd");

  // Gradio's lists of files show them as they are.
  onChange(() => {
    for (const cell of document.querySelectorAll(".file-preview .filename")) {
      // In its place, as Gradio writes the next name into the same text.
      for (const { firstChild: text } of cell.children) {
        if (text?.data && text.data !== shownName(text.data)) text.data = shownName(text.data);
      }
      for (const label of ["aria-label", "title"]) {
        const name = cell.getAttribute(label);
        if (name && name !== shownName(name)) cell.setAttribute(label, shownName(name));
      }
    }
  });

  // What Gradio's components lack for screen readers.
  onChange(() => {
    // A label that says something else than what is to be read there.
    for (const drop of document.querySelectorAll(".upload-container[aria-label]:not(.icon-mode)")) {
      drop.removeAttribute("aria-label");
    }
    // A button within a button, with the key of a translation that is not there for its name.
    for (const outer of document.querySelectorAll('button[aria-label="common.upload"]')) {
      outer.setAttribute("role", "group");
      outer.setAttribute("tabindex", "-1");
      outer.setAttribute("title", "Add files");
      outer.querySelector("button")?.setAttribute("aria-label", "Add files");
      outer.setAttribute("aria-label", "Add files");
    }
  });

  // Gradio's words for a place for files, three lines of them, on telephones, too.
  const toChoose = matchMedia("(pointer: coarse)").matches
    ? "Tap to choose files"
    : "Drop files here, or click to choose them";
  onChange(() => {
    for (const wrap of document.querySelectorAll(".upload-container .wrap:has(> .or)")) {
      wrap.querySelector(".or").remove();
      const words = [...wrap.childNodes].filter(({ nodeType }) => nodeType === Node.TEXT_NODE);
      words.forEach((text, i) => (text.data = i ? "" : toChoose));
    }
  });

  return { onChange, save, session, button, keptSection, shownName };
})();
