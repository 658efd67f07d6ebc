// The one player: a sound that is not seen, played from the waveform and from every element with
// data-play-from="SECONDS". Where another tab is open, a bar at the bottom can stop it.
(() => {
  const STEP_S = 5;
  const ZOOM_FROM_S = 60; // shorter songs are seen well as they are
  const NARROWEST_S = 10;
  const ROUNDED_S = 0.5; // a song that lacks less of a tick ends at it, as its length is shown
  const TICKS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600];

  const find = (selector) => document.querySelector(selector);
  const each = (selector, act) => document.querySelectorAll(selector).forEach(act);
  const audio = () => find("#song audio");
  const graphs = () => [...document.querySelectorAll(".sn-seekable .js-plotly-plot")];

  let name = "";
  let own; // an address that is to be revoked
  let view; // the part of the song that is shown [s], if not all
  let length = 0; // as the figures have it [s]
  let layout; // of the figure that said so

  // As songnet/words.py has them, so that no time reads differently beside a moment's.
  const wholeSeconds = (seconds) => Math.floor((Math.round(1_000 * seconds) + 500) / 1_000);
  const clock = (seconds) => {
    const whole = wholeSeconds(seconds);
    const [hours, minutes, rest] = [whole / 3600, (whole / 60) % 60, whole % 60].map(Math.floor);
    const tail = String(rest).padStart(2, "0");
    return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${tail}` : `${minutes}:${tail}`;
  };

  const unload = () => {
    audio().pause();
    audio().removeAttribute("src");
    audio().load();
    if (own) URL.revokeObjectURL(own);
    own = view = undefined;
    name = "";
    length = 0;
    each(".sn-silent", (say) => (say.hidden = true));
    drawState();
  };

  const load = (address, itsName) => {
    unload();
    name = songnet.shownName(itsName);
    if (address.startsWith("blob:")) own = address;
    audio().src = address;
  };

  const play = () =>
    audio()
      .play()
      .catch(() => {});

  const playFrom = (seconds) => {
    if (!audio()?.src) return;
    const { ended } = audio();
    audio().currentTime = Math.max(0, Math.min(seconds, (length || Infinity) - 0.05));
    // Who asks a sound at its end to play before it has moved hears it from its beginning.
    if (ended) audio().addEventListener("seeked", play, { once: true });
    else play();
    keepInView();
    drawTime();
  };
  const toggle = () => (audio().paused ? play() : audio().pause());

  const shown = (graph) => graph._fullLayout.xaxis.range;

  const drawPlayhead = (graph, now) => {
    const size = graph._fullLayout?._size;
    const line = graph.querySelector(".sn-playhead");
    if (!size || !line) return;
    const [start, end] = shown(graph);
    line.hidden = now < start || now > end || (now === 0 && audio().paused);
    line.style.transform = `translateX(${size.l + (size.w * (now - start)) / (end - start)}px)`;
    graph.setAttribute("aria-valuemax", wholeSeconds(length));
    graph.setAttribute("aria-valuenow", wholeSeconds(now));
    graph.setAttribute("aria-valuetext", `${clock(now)} of ${clock(length)}`);
  };

  const drawTime = () => {
    const now = audio()?.currentTime ?? 0;
    const text = clock(now);
    each("[data-play=now]", (place) => {
      if (place.textContent !== text) place.textContent = text;
    });
    graphs().forEach((graph) => drawPlayhead(graph, now));
  };

  const drawState = () => {
    const playing = !audio().paused;
    each("[data-play=toggle]", (button) => {
      button.setAttribute("aria-label", playing ? "Pause" : "Play");
      button.classList.toggle("sn-playing", playing);
    });
    drawTime();
    drawBar();
  };

  // Follows the sound as smoothly as the screen is drawn.
  const follow = () => {
    drawTime();
    keepInView();
    if (!audio().paused) requestAnimationFrame(follow);
  };

  // Zoom: all figures show the same part.
  const setView = (start, end) => {
    const wide = Math.min(end - start, length);
    start = Math.max(0, Math.min(start, length - wide));
    view = wide < length ? [start, start + wide] : undefined;
    graphs().forEach(drawView);
    drawTime();
  };

  const drawView = (graph) => {
    const range = view ?? [0, length];
    const step = TICKS_S.find((s) => (range[1] - range[0]) / s <= 6) ?? TICKS_S.at(-1);
    const ticks = [];
    for (let tick = Math.ceil(range[0] / step) * step; tick < range[1] + ROUNDED_S; tick += step) {
      ticks.push(Math.min(tick, range[1]));
    }
    graph.classList.toggle("sn-zoomed", Boolean(view));
    window.Plotly.relayout(graph, {
      "xaxis.range": [...range],
      "xaxis.tickvals": ticks,
      "xaxis.ticktext": ticks.map(clock),
    });
  };

  const zoom = (factor, middle = audio().currentTime) => {
    if (length < ZOOM_FROM_S) return;
    const [start, end] = view ?? [0, length];
    const wide = Math.min(length, Math.max(NARROWEST_S, (end - start) / factor));
    const inside = middle >= start && middle <= end ? middle : (start + end) / 2;
    const left = inside - (wide * (inside - start)) / (end - start);
    setView(left, left + wide);
  };

  const keepInView = () => {
    if (!view || audio().paused || dragged) return;
    const [start, end] = view;
    const now = audio().currentTime;
    if (now < start || now > end) setView(now, now + end - start);
  };

  // A figure's own slider: it is there anew after each answer.
  const dress = (graph) => {
    if (graph.querySelector(".sn-playhead") || !graph._fullLayout?.xaxis) return;
    const line = document.createElement("div");
    line.className = "sn-playhead";
    graph.append(line);
    graph.tabIndex = 0;
    graph.setAttribute("role", "slider");
    graph.setAttribute("aria-label", "Where the song plays: Space plays and pauses");
    graph.setAttribute("aria-valuemin", 0);
    graph.setAttribute("aria-valuenow", 0);
    // A figure on a tab that was not open is drawn once it is.
    drawPlayhead(graph, audio()?.currentTime ?? 0);
  };

  const look = () => {
    const all = graphs().filter((graph) => graph._fullLayout?.xaxis);
    all.forEach(dress);
    const [first] = all;
    // Plotly keeps the object when only the view changes; a new song brings one of its own.
    if (!first || first.layout === layout) return;
    layout = first.layout;
    length = shown(first)[1];
    view = undefined;
    each("[data-play=end]", (place) => (place.textContent = clock(length)));
    each(".sn-zoom", (group) => (group.hidden = length < ZOOM_FROM_S));
    drawState();
  };

  const timeAt = (graph, clientX) => {
    const { left, width } = graph.querySelector(".nsewdrag").getBoundingClientRect();
    const [start, end] = shown(graph);
    return start + ((end - start) * (clientX - left)) / width;
  };

  const KEYS = {
    " ": toggle,
    Enter: toggle,
    ArrowLeft: () => seek(-STEP_S),
    ArrowDown: () => seek(-STEP_S),
    ArrowRight: () => seek(STEP_S),
    ArrowUp: () => seek(STEP_S),
    PageUp: () => seek(6 * STEP_S),
    PageDown: () => seek(-6 * STEP_S),
    Home: () => seek(-Infinity),
    End: () => seek(Infinity),
    "+": () => zoom(2),
    "-": () => zoom(0.5),
  };
  const seek = (by) => {
    const to = audio().currentTime + by;
    audio().currentTime = Math.max(0, Math.min(to, length - 0.05));
    if (view && (to < view[0] || to > view[1])) setView(to, to + view[1] - view[0]);
    drawTime();
  };

  document.addEventListener(
    "keydown",
    (event) => {
      if (!event.target.matches?.(".sn-seekable .js-plotly-plot")) return;
      const act = event.ctrlKey || event.metaKey || event.altKey ? undefined : KEYS[event.key];
      if (!act) return;
      event.preventDefault();
      act();
    },
    true,
  );

  document.addEventListener("click", (event) => {
    const { target } = event;
    const from = target.closest?.("[data-play-from]");
    if (from) playFrom(Number(from.dataset.playFrom));
    if (target.closest?.("[data-play=toggle]")) toggle();
    if (target.closest?.("[data-play=stop]")) audio().pause();
    const by = target.closest?.("[data-zoom]");
    if (by) zoom(Number(by.dataset.zoom));
    // Plotly's own click event needs a point under the mouse, and there are gaps between them.
    const ground = target.closest?.(".sn-seekable .nsewdrag");
    if (ground && !moved) playFrom(timeAt(ground.closest(".js-plotly-plot"), event.clientX));
    moved = false;
  });

  // A part of a song is moved by dragging, and by what scrolls to the side; Ctrl and wheel zooms.
  let dragged;
  let moved = false;
  document.addEventListener("pointerdown", ({ target, clientX }) => {
    moved = false;
    const graph = view && target.closest?.(".nsewdrag") && target.closest(".sn-seekable .sn-zoomed");
    if (graph) dragged = { graph, clientX, start: view[0] };
  });
  document.addEventListener("pointermove", ({ clientX }) => {
    if (!dragged) return;
    const by = clientX - dragged.clientX;
    moved ||= Math.abs(by) > 4;
    if (!moved) return;
    const wide = view[1] - view[0];
    const start = dragged.start - (wide * by) / dragged.graph._fullLayout._size.w;
    setView(start, start + wide);
  });
  for (const end of ["pointerup", "pointercancel"]) {
    document.addEventListener(end, () => (dragged = undefined));
  }
  document.addEventListener(
    "wheel",
    (event) => {
      const graph = event.target.closest?.(".sn-seekable .js-plotly-plot");
      if (!graph || length < ZOOM_FROM_S) return;
      if (event.ctrlKey || event.metaKey) {
        zoom(2 ** (-event.deltaY / 200), timeAt(graph, event.clientX));
      } else if (view && event.deltaX) {
        const by = ((view[1] - view[0]) * event.deltaX) / graph._fullLayout._size.w;
        setView(view[0] + by, view[1] + by);
      } else return;
      event.preventDefault();
    },
    { passive: false },
  );

  // On other tabs the sound goes on.
  let bar;
  const drawBar = () => {
    const away = !find("#song")?.getClientRects().length;
    if (!bar) {
      bar = document.createElement("section");
      bar.className = "sn-bar";
      bar.setAttribute("aria-label", "Playing");
      bar.innerHTML =
        '<p class="sn-bar-song"></p><p class="sn-time"><b data-play="now">0:00</b></p>' +
        '<button type="button" data-play="stop">Stop</button>';
      find(".gradio-container")?.append(bar);
    }
    bar.hidden = !away || audio().paused;
    const title = find(".main[data-stage=answer] #heard .sn-song-title")?.textContent;
    bar.querySelector(".sn-bar-song").textContent = title ?? name;
  };

  // Media events do not bubble, but they can be caught on the way down.
  const onSound = (types, act) => {
    for (const type of types) {
      document.addEventListener(type, ({ target }) => target === audio() && act(), true);
    }
  };
  onSound(["play"], () => {
    drawState();
    follow();
  });
  onSound(["pause", "ended"], () => drawState());
  onSound(["timeupdate", "seeked"], () => drawTime());
  onSound(["error"], () => {
    if (audio().getAttribute("src")) each(".sn-silent", (say) => (say.hidden = false));
  });
  document.addEventListener("click", ({ target }) => {
    if (target.closest?.("[role=tab]")) setTimeout(() => audio() && drawBar());
  });

  songnet.onChange(look);
  songnet.player = { load, unload, pause: () => audio().pause() };
  window.songnetPlayFrom = playFrom;
})();
