// The player follows the figures: a click on a figure over time, or on a stretch, plays from there,
// and a line shows where the player is.
(() => {
  const player = () => document.querySelector("#song audio");

  const playFrom = (seconds) => {
    const audio = player();
    if (!audio) return;
    audio.currentTime = seconds;
    audio.play().catch(() => {});
  };

  const placePlayhead = (graph) => {
    const audio = player();
    const size = graph._fullLayout?._size;
    const line = graph.querySelector(".sn-playhead");
    if (!audio || !size || !line) return;
    const end = graph._fullLayout.xaxis.range[1];
    line.hidden = audio.currentTime === 0;
    line.style.left = `${size.l + (size.w * Math.min(audio.currentTime, end)) / end}px`;
  };

  const graphs = () => document.querySelectorAll(".sn-seekable .js-plotly-plot");

  // For Chromium and Windows, a WebM file is a film, and an APE is nothing that they know.
  const offerAll = () => {
    const chooser = document.querySelector("#song input[type=file]");
    if (chooser) chooser.accept = "audio/*,SUFFIXES";
  };

  // Gradio turns away what the browser does not call audio: a WebM song with a sentence that nobody
  // understands, and without one if it was dropped. What is audio, the server finds out by listening.
  const asAudio = (files) => {
    const transfer = new DataTransfer();
    for (const file of files) {
      const isAudio = file.type.startsWith("audio/");
      transfer.items.add(isAudio ? file : new File([file], file.name, { type: "audio/unknown" }));
    }
    return transfer;
  };
  document.addEventListener(
    "change",
    ({ target }) => {
      if (target.matches?.("#song input[type=file]")) target.files = asAudio(target.files).files;
    },
    true,
  );
  document.addEventListener(
    "drop",
    (event) => {
      if (!event.target.closest?.("#song") || !event.dataTransfer?.files.length) return;
      const value = asAudio(event.dataTransfer.files);
      Object.defineProperty(event, "dataTransfer", { value });
    },
    true,
  );

  // Browsers treat a microphone as a telephone's, unless told otherwise: that spoils music.
  const devices = navigator.mediaDevices;
  const open = devices?.getUserMedia.bind(devices);
  const asItSounds = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
  if (open) {
    devices.getUserMedia = ({ audio, ...others }) =>
      open({ ...others, audio: audio && { ...(audio === true ? {} : audio), ...asItSounds } });
  }

  // Plotly takes a browser a second or two to compile: better while the visitor chooses a file than
  // between the answer and its figures.
  const readyPlotly = () => {
    for (const { href } of document.querySelectorAll("link[rel=modulepreload][href*=Plotly]")) {
      import(href).catch(() => {}); // Gradio imports it, too, and says if that fails
    }
  };
  for (const sign of ["click", "dragenter"]) {
    const onSong = (event) => event.target.closest?.("#song") && setTimeout(readyPlotly);
    document.addEventListener(sign, onSong, true);
  }

  songnet.onChange(() => {
    offerAll();
    for (const graph of graphs()) {
      if (!graph.querySelector(".sn-playhead")) {
        const line = document.createElement("div");
        line.className = "sn-playhead";
        line.hidden = true;
        graph.append(line);
      }
    }
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-seek]");
    if (button) playFrom(Number(button.dataset.seek));
    // Plotly's own click event needs a point under the mouse, and there are gaps between them.
    const ground = event.target.closest?.(".sn-seekable .nsewdrag");
    if (!ground) return;
    const { left, width } = ground.getBoundingClientRect();
    const end = ground.closest(".js-plotly-plot")._fullLayout.xaxis.range[1];
    playFrom((end * (event.clientX - left)) / width);
  });

  // Media events do not bubble, but they can be caught on the way down.
  document.addEventListener("timeupdate", () => graphs().forEach(placePlayhead), true);
})();
