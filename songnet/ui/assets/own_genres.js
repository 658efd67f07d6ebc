// The list of one's own genres and their file.
(() => {
  songnet.onChange(() => document.querySelector("#shelf")?.setAttribute("tabindex", "-1"));

  // The genres are in the page, so that the server keeps no file of them.
  const saveGenres = (button) => {
    const text = button.nextElementSibling.textContent;
    songnet.save(new Blob([text], { type: "application/json" }), button.dataset.name);
  };

  // Gradio has no buttons in a list: each presses one that is not seen, whose event asks for the name.
  const press = ({ act, genre }) => {
    window.songnetGenre = genre;
    document.querySelector(`#shelf-${act}`)?.click();
    // What is removed takes the focus along.
    document.querySelector(act === "more" ? "#genre :is(input, textarea)" : "#shelf")?.focus();
  };

  // On a telephone what a button says is below the screen. What stands above it changes with it.
  const SETTLED_MS = 200;
  const said = "#taught .html-container > *, #not-added .html-container > *";
  let last = "";
  let soon;
  songnet.onChange(() => {
    const places = [...document.querySelectorAll(said)].filter((place) => place.textContent);
    const text = places.map((place) => place.textContent).join("\n");
    if (text === last) return;
    last = text;
    clearTimeout(soon);
    soon = setTimeout(() => places.at(-1)?.scrollIntoView({ block: "nearest" }), SETTLED_MS);
  });

  document.addEventListener("click", ({ target }) => {
    const keep = target.closest?.(".sn-save");
    if (keep) saveGenres(keep);
    const act = target.closest?.(".sn-act");
    if (act) press(act.dataset);
  });
})();
