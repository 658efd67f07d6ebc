// The picture of an answer, which is in the page as SVG, is saved as PNG.
(() => {
  const savePicture = async (template) => {
    const image = new Image();
    image.src = `data:image/svg+xml,${encodeURIComponent(template.content.textContent)}`;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = image.width;
    canvas.height = image.height;
    canvas.getContext("2d").drawImage(image, 0, 0);
    songnet.save(canvas.toDataURL("image/png"), "songnet.png");
  };

  document.addEventListener("click", ({ target }) => {
    const button = target.closest?.(".sn-picture");
    if (button) savePicture(button.nextElementSibling);
  });
})();
