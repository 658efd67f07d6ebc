// Takes a song: sends it to the server and has it heard there. The whole page follows the state in
// which that is: "start", "busy", "answer", "wrong", or "record" while the microphone is on.
(() => {
  const find = (selector) => document.querySelector(selector);

  // What the event that hears a song is given: its file on the server, and whether it was recorded.
  songnet.sent = [];
  let current; // the song that was taken last
  let named = ""; // as what the page names it while it is heard
  let upload; // while it is on its way
  let before; // what stood in the answer's place until then
  let hearing; // resolved when the server is through with a song
  let ended = () => {};

  songnet.ended = () => {
    before = undefined;
    ended();
    show();
  };

  const content = () => find("#verdict :is(.sn-verdict, .sn-alert, .sn-empty)");

  const state = () => {
    if (songnet.recording) return "record";
    const shown = content();
    if (current && (upload || (before && before === shown))) return "busy";
    if (shown?.matches(".sn-verdict")) return "answer";
    if (shown?.matches(".sn-alert")) return "wrong";
    return hearing ? "busy" : "start";
  };

  // Where a keyboard goes on when what had the focus is no longer seen.
  const PLACES = { record: "[data-song=stop-recording]", busy: ".sn-strip", answer: ".sn-strip" };
  const keepFocus = (now) => {
    const { activeElement: last, body } = document;
    if (!last || last === body || last.getClientRects().length) return;
    const place = find(`#song ${PLACES[now] ?? "[data-song=choose]:not(.sn-strip *)"}`);
    if (place?.matches(".sn-strip")) place.tabIndex = -1;
    place?.focus({ preventScroll: true });
  };

  const show = () => {
    const main = find(".gradio-container .main");
    if (!main) return;
    const now = state();
    if (main.dataset.stage === now) return;
    main.dataset.stage = now;
    keepFocus(now);
  };
  songnet.show = show;

  const write = (what, text) => {
    const place = find(`#song [data-song=${what}]`);
    if (place) place.textContent = text;
  };

  // One sentence on what went wrong before the server heard anything; "" takes it away.
  const complain = (sentence) => {
    const place = find("#song .sn-trouble");
    place.textContent = sentence;
    place.hidden = !sentence;
  };
  songnet.complain = complain;

  const address = (rest) => `${window.gradio_config?.root ?? "."}/gradio_api/${rest}`;

  const sentence = (request) => {
    try {
      const { detail } = JSON.parse(request.responseText);
      if (typeof detail === "string") return detail;
    } catch {} // not the page's own words
    return "The song could not be sent: try again in a moment.";
  };

  const send = (file) =>
    new Promise((resolve, reject) => {
      const name = songnet.shownName(file.name);
      const most = window.gradio_config?.max_file_size;
      if (most && file.size > most) {
        const size = `${Math.round(most / 2 ** 20)} MB`;
        reject(`${name} is above the maximum allowed size of ${size}: send a smaller one.`);
        return;
      }
      const request = new XMLHttpRequest();
      upload = request;
      request.upload.onprogress = ({ loaded, total }) => {
        write("step", loaded < total ? `Sending, ${Math.floor((100 * loaded) / total)} %` : "");
      };
      request.onload = () => {
        if (request.status !== 200) return reject(sentence(request));
        const [path] = JSON.parse(request.responseText);
        resolve({ path, orig_name: file.name, size: file.size });
      };
      request.onerror = () =>
        reject(
          `${name} could not be sent: see whether it is a file, you are online, and the program ` +
            "that serves this page still runs.",
        );
      const form = new FormData();
      form.append("files", file);
      request.open("POST", address("upload"));
      request.send(form);
    });

  // Of two songs at once the server would say the answers in any order.
  const dropLast = async () => {
    if (!hearing) return;
    find("#drop").click();
    await hearing;
  };

  // A song: {name, file} or, if the server has it, {name, data, sound}; `recorded` if it was. Says
  // whether it was sent, and no other was taken meanwhile.
  songnet.take = async (song) => {
    const last = current;
    const lastName = named;
    current = song;
    upload?.abort();
    upload = undefined;
    complain("");
    before = content();
    // Below the strip nothing is seen while a song is heard.
    scrollTo(0, 0);
    named = song.recorded ? "Recording" : songnet.shownName(song.name);
    write("name", named);
    write("step", "");
    songnet.player.pause();
    try {
      if (!song.data) {
        const sending = send(song.file);
        show();
        song.data = await sending;
      }
    } catch (trouble) {
      if (current !== song) return false;
      current = last;
      named = lastName;
      write("name", named);
      upload = before = undefined;
      complain(trouble);
      show();
      return false;
    }
    if (current !== song) return false;
    upload = undefined;
    if (song.file?.size === 0) songnet.player.unload();
    else songnet.player.load(song.sound ?? URL.createObjectURL(song.file), song.name);
    await dropLast();
    if (current !== song) return false;
    before = content();
    songnet.sent = [{ ...song.data, meta: { _type: "gradio.FileData" } }, Boolean(song.recorded)];
    hearing = new Promise((resolve) => {
      ended = () => {
        hearing = undefined;
        resolve();
      };
    });
    show();
    find("#listen").click();
    return true;
  };

  songnet.hearExample = (number) => {
    const { components } = window.gradio_config;
    const files = components.find(({ props }) => props.elem_id === "example-files").props.value;
    const { path, orig_name } = files[number];
    const sound = address(`file=${path}`);
    songnet.take({ name: orig_name, data: { path, orig_name }, sound });
  };

  const clear = () => {
    upload?.abort();
    upload = before = current = undefined;
    complain("");
    songnet.player.unload();
    find("#clear").click();
    show();
  };

  document.addEventListener("change", ({ target }) => {
    if (!target.matches?.("#song input[type=file]") || !target.files.length) return;
    const [file] = target.files;
    songnet.take({ name: file.name, file });
    target.value = ""; // so that the same file can be chosen again
  });

  document.addEventListener("click", ({ target }) => {
    const what = target.closest?.("[data-song]")?.dataset.song;
    if (what === "choose") find("#song input[type=file]").click();
    if (what === "clear") clear();
  });

  // Plotly takes a browser a second or two to compile: better while the visitor chooses a file than
  // between the answer and its figures.
  const readyPlotly = () => {
    for (const { href } of document.querySelectorAll("link[rel=modulepreload][href*=Plotly]")) {
      import(href).catch(() => {}); // Gradio imports it, too, and says if that fails
    }
  };
  for (const sign of ["click", "dragenter"]) {
    const onSong = (event) => {
      if (sign === "dragenter" || event.target.closest?.("#song")) setTimeout(readyPlotly);
    };
    document.addEventListener(sign, onSong, true);
  }

  songnet.onChange(show);
})();
