// What an answer is passed on by: its picture, which is in the page as SVG and is saved or shared as
// PNG, and the page's address.
(() => {
  const address = () => `${location.host}${location.pathname}`.replace(/\/$/, "");

  // The page alone knows under which address it is open, and the picture says it.
  const drawn = async ({ textContent }) => {
    const image = new Image();
    const named = textContent.replace(/>SongNet(?=<\/text><\/svg>)/, (name) => {
      const text = document.createElement("p");
      text.textContent = `${name.slice(1)} · ${address()}`;
      return `>${text.innerHTML}`;
    });
    image.src = `data:image/svg+xml,${encodeURIComponent(named)}`;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = image.width;
    canvas.height = image.height;
    canvas.getContext("2d").drawImage(image, 0, 0);
    return canvas;
  };

  const asFile = async (button) => {
    const canvas = await drawn(button.parentElement.querySelector("pre"));
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
    return new File([blob], button.dataset.name, { type: "image/png" });
  };

  const savePicture = async (button) => {
    songnet.save(await asFile(button), button.dataset.name);
  };

  const share = async (button) => {
    const files = [await asFile(button)];
    // Who closes the list of programs has shared nothing, and nothing is wrong.
    await navigator.share({ files, text: button.dataset.says, url: link() }).catch(() => {});
  };

  const link = () => `${location.origin}${location.pathname}`;

  const copyLink = async (button) => {
    const words = button.textContent;
    try {
      await navigator.clipboard.writeText(link());
      button.textContent = "Link copied";
    } catch {
      button.textContent = link(); // to be copied by hand
    }
    setTimeout(() => (button.textContent = words), 4_000);
  };

  const sharesPictures = () => {
    const file = new File([""], "songnet.png", { type: "image/png" });
    return Boolean(navigator.canShare?.({ files: [file] }));
  };

  const acts = { picture: savePicture, share, link: copyLink };
  document.addEventListener("click", ({ target }) => {
    const button = target.closest?.("[data-pass-on]");
    if (button) acts[button.dataset.passOn](button);
  });

  songnet.onChange(() => {
    for (const button of document.querySelectorAll("[data-pass-on=share][hidden]")) {
      if (sharesPictures()) button.hidden = false;
      else button.remove();
    }
  });
})();
