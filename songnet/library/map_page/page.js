"use strict";
// What the file holds of the songs: a list for each property, in one order.
const data = JSON.parse(document.getElementById("songs").textContent);
const count = data.titles.length;
const byId = (id) => document.getElementById(id);
const [map, ring, tip, search, results, found] =
  ["map", "ring", "tip", "search", "results", "found"].map(byId);
const still = matchMedia("(prefers-reduced-motion: reduce)");
const dark = matchMedia("(prefers-color-scheme: dark)");
// Places are numbers from 0 to this.
const SIDE = 65535;
// How far from a point a pointer may be, a finger farther [pixels].
const REACH = { mouse: 12, pen: 16, touch: 24 };
// The largest number of pixels for the map's side, as a multiple of the smallest.
const CLOSEST = 60;
const LISTED = 50;

// The view: the map's point in the middle of the canvas, and pixels for the map's whole side.
const view = { x: 0.5, y: 0.5, side: 1 };
const hidden = new Set();
let matches = null;
let chosen = -1;
let hovered = -1;

// --- Drawing -----------------------------------------------------------------------------------

const VERTEX = `
attribute vec2 place; attribute vec4 colour;
uniform vec2 middle; uniform vec2 scale; uniform float size;
varying vec4 shade; varying float across;
void main() {
  gl_Position = vec4((place - middle) * scale, 0.0, 1.0);
  gl_PointSize = size * (colour.a > 0.97 ? 1.6 : colour.a > 0.3 ? 1.0 : 0.75);
  across = gl_PointSize;
  shade = colour;
}`;
// The edge is darker on light ground and lighter on dark, so that pale points stand out from it.
const FRAGMENT = `
precision mediump float;
varying vec4 shade; varying float across; uniform vec3 edge;
void main() {
  float left = across * 0.5 - length(gl_PointCoord - 0.5) * across;
  float inside = clamp(left, 0.0, 1.0);
  float rim = clamp(1.6 - left, 0.0, 1.0);
  float alpha = shade.a * inside;
  gl_FragColor = vec4(mix(shade.rgb, edge, 0.3 * rim) * alpha, alpha);
}`;

function withWebGl() {
  const gl = map.getContext("webgl", { antialias: false, premultipliedAlpha: true });
  if (!gl) return null;
  const program = gl.createProgram();
  for (const [kind, source] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]]) {
    const shader = gl.createShader(kind);
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  gl.useProgram(program);
  const at = (name) => gl.getUniformLocation(program, name);
  const uniforms = Object.fromEntries(["middle", "scale", "size", "edge"].map((n) => [n, at(n)]));
  const places = new Uint16Array(2 * count);
  for (let i = 0; i < count; i++) {
    places[2 * i] = data.x[i];
    places[2 * i + 1] = data.y[i];
  }
  feed("place", 2, gl.UNSIGNED_SHORT);
  gl.bufferData(gl.ARRAY_BUFFER, places, gl.STATIC_DRAW);
  feed("colour", 4, gl.UNSIGNED_BYTE);
  gl.enable(gl.BLEND);
  gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);

  function feed(name, numbers, type) {
    const attribute = gl.getAttribLocation(program, name);
    gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
    gl.enableVertexAttribArray(attribute);
    gl.vertexAttribPointer(attribute, numbers, type, true, 0, 0);
  }

  return {
    kind: "webgl",
    paint: (colours) => gl.bufferData(gl.ARRAY_BUFFER, colours, gl.DYNAMIC_DRAW),
    draw(size, edge) {
      gl.viewport(0, 0, map.width, map.height);
      gl.clear(gl.COLOR_BUFFER_BIT);
      gl.uniform2f(uniforms.middle, view.x, view.y);
      gl.uniform2f(uniforms.scale, (2 * view.side) / map.clientWidth, (-2 * view.side) / map.clientHeight);
      gl.uniform1f(uniforms.size, size * devicePixelRatio);
      gl.uniform3f(uniforms.edge, edge, edge, edge);
      gl.drawArrays(gl.POINTS, 0, count);
    },
  };
}

// For browsers without WebGL: slower, and the same picture but for the edges.
function withoutWebGl() {
  const context = map.getContext("2d");
  let painted;
  return {
    kind: "2d",
    paint: (colours) => { painted = colours.slice(); },
    draw(size) {
      context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
      context.clearRect(0, 0, map.clientWidth, map.clientHeight);
      for (let i = 0; i < count; i++) {
        const [r, g, b, alpha] = painted.subarray(4 * i, 4 * i + 4);
        if (!alpha) continue;
        const [x, y] = onScreen(i);
        context.fillStyle = `rgb(${r} ${g} ${b} / ${alpha / 255})`;
        context.beginPath();
        context.arc(x, y, size / 2, 0, 7);
        context.fill();
      }
    },
  };
}

const painter = withWebGl() ?? withoutWebGl();
document.body.dataset.painter = painter.kind;
map.addEventListener("webglcontextlost", () => say("The browser has dropped the map's picture: load this page again."));

dark.addEventListener("change", () => paint());

function paint() {
  const channels = data.genres.map(({ colours: [onLight, onDark] }) =>
    [1, 3, 5].map((i) => Number.parseInt((dark.matches ? onDark : onLight).slice(i, i + 2), 16)));
  const colours = new Uint8Array(4 * count);
  for (let i = 0; i < count; i++) {
    colours.set(channels[data.genre[i]], 4 * i);
    // An answer that SongNet is not sure of is pale, what the search leaves out is paler, and what
    // it finds is opaque, and larger for that.
    let alpha = data.unsure[i] ? 150 : 235;
    if (matches) alpha = matches.has(i) ? 255 : 26;
    if (hidden.has(data.genre[i])) alpha = 0;
    colours[4 * i + 3] = alpha;
  }
  painter.paint(colours);
  draw();
}

let asked = false;
function draw() {
  if (asked) return;
  asked = true;
  requestAnimationFrame(() => {
    asked = false;
    const pixels = Math.round(map.clientWidth * devicePixelRatio);
    const lines = Math.round(map.clientHeight * devicePixelRatio);
    if (map.width !== pixels || map.height !== lines) [map.width, map.height] = [pixels, lines];
    painter.draw(pointSize(), dark.matches ? 1 : 0);
    const marked = chosen >= 0 ? chosen : hovered;
    ring.hidden = marked < 0;
    if (marked >= 0) {
      const [x, y] = onScreen(marked);
      ring.style.transform = `translate(${x}px, ${y}px)`;
    }
  });
}

// Fewer points may be larger, and they grow while one comes closer, more slowly than the map.
function pointSize() {
  const alone = Math.min(11, Math.max(4.5, 420 / Math.sqrt(count)));
  return Math.min(18, alone * (view.side / smallest()) ** 0.4);
}

// --- Where things are --------------------------------------------------------------------------

// What the panels leave free: [left, top, right, bottom].
function free() {
  const wide = innerWidth > 640;
  const panel = document.querySelector("header").getBoundingClientRect();
  const below = byId("player").hidden ? 20 : byId("player").offsetHeight + 24;
  return wide ? [panel.right + 16, 20, innerWidth - 76, innerHeight - below] :
    [14, Math.min(panel.bottom, 200) + 14, innerWidth - 14, innerHeight - below];
}

function smallest() {
  const [left, top, right, bottom] = free();
  return Math.max(100, Math.min(right - left, bottom - top));
}

function onScreen(i) {
  return [
    (data.x[i] / SIDE - view.x) * view.side + map.clientWidth / 2,
    (data.y[i] / SIDE - view.y) * view.side + map.clientHeight / 2,
  ];
}

function onMap(x, y) {
  return [
    (x - map.clientWidth / 2) / view.side + view.x,
    (y - map.clientHeight / 2) / view.side + view.y,
  ];
}

// The songs in each cell of a grid, so that a pointer's neighbours are few.
const CELLS = 64;
const cells = new Map();
const cellOf = (v) => Math.min(CELLS - 1, Math.max(0, Math.floor(v * CELLS)));
for (let i = 0; i < count; i++) {
  const key = cellOf(data.y[i] / SIDE) * CELLS + cellOf(data.x[i] / SIDE);
  if (!cells.has(key)) cells.set(key, []);
  cells.get(key).push(i);
}

function songAt(x, y, reach) {
  const [left, top] = onMap(x - reach, y - reach);
  const [right, bottom] = onMap(x + reach, y + reach);
  let [best, nearest] = [-1, reach];
  for (let row = cellOf(top); row <= cellOf(bottom); row++) {
    for (let column = cellOf(left); column <= cellOf(right); column++) {
      for (const i of cells.get(row * CELLS + column) ?? []) {
        if (hidden.has(data.genre[i]) || (matches && !matches.has(i))) continue;
        const [px, py] = onScreen(i);
        const distance = Math.hypot(px - x, py - y);
        if (distance < nearest) [best, nearest] = [i, distance];
      }
    }
  }
  return best;
}

// --- Moving ------------------------------------------------------------------------------------

let moving = 0;
function show(target) {
  cancelAnimationFrame(moving);
  if (still.matches) {
    Object.assign(view, target);
    return draw();
  }
  const [from, start] = [{ ...view }, performance.now()];
  const step = (now) => {
    const part = Math.min(1, (now - start) / 350);
    const eased = 1 - (1 - part) ** 3;
    for (const key of ["x", "y", "side"]) view[key] = from[key] + (target[key] - from[key]) * eased;
    draw();
    if (part < 1) moving = requestAnimationFrame(step);
  };
  moving = requestAnimationFrame(step);
}

function fitted() {
  const [left, top, right, bottom] = free();
  const side = smallest();
  return {
    x: 0.5 + (map.clientWidth - left - right) / 2 / side,
    y: 0.5 + (map.clientHeight - top - bottom) / 2 / side,
    side,
  };
}

function zoomed(factor, x = map.clientWidth / 2, y = map.clientHeight / 2) {
  const side = Math.min(CLOSEST * smallest(), Math.max(0.5 * smallest(), view.side * factor));
  const [mx, my] = onMap(x, y);
  return { side, x: mx - (x - map.clientWidth / 2) / side, y: my - (y - map.clientHeight / 2) / side };
}

function centre(i) {
  const [left, top, right, bottom] = free();
  const side = Math.max(view.side, 4 * smallest());
  show({
    side,
    x: data.x[i] / SIDE + (map.clientWidth - left - right) / 2 / side,
    y: data.y[i] / SIDE + (map.clientHeight - top - bottom) / 2 / side,
  });
}

const pointers = new Map();
let travelled = 0;
map.addEventListener("pointerdown", (event) => {
  cancelAnimationFrame(moving);
  map.setPointerCapture(event.pointerId);
  if (!pointers.size) travelled = 0;
  pointers.set(event.pointerId, [event.clientX, event.clientY]);
});
map.addEventListener("pointermove", (event) => {
  const before = pointers.get(event.pointerId);
  if (!before) return hover(event);
  const here = [event.clientX, event.clientY];
  const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1];
  travelled += Math.hypot(here[0] - before[0], here[1] - before[1]);
  if (other) {
    const span = (point) => Math.hypot(point[0] - other[0], point[1] - other[1]);
    const middle = [(here[0] + other[0]) / 2, (here[1] + other[1]) / 2];
    Object.assign(view, zoomed(span(here) / Math.max(1, span(before)), ...middle));
  }
  // Two fingers move the map by half of what each of them moves.
  const share = other ? 0.5 : 1;
  if (travelled > 4) {
    view.x -= (share * (here[0] - before[0])) / view.side;
    view.y -= (share * (here[1] - before[1])) / view.side;
    map.classList.add("moved");
  }
  pointers.set(event.pointerId, here);
  unhover();
  draw();
});
for (const name of ["pointerup", "pointercancel"]) {
  map.addEventListener(name, (event) => {
    if (!pointers.delete(event.pointerId) || pointers.size) return;
    map.classList.remove("moved");
    if (travelled > 4 || name === "pointercancel") return;
    const i = songAt(event.clientX, event.clientY, REACH[event.pointerType] ?? REACH.mouse);
    if (i >= 0) choose(i);
  });
}
map.addEventListener("pointerleave", unhover);
map.addEventListener("wheel", (event) => {
  event.preventDefault();
  cancelAnimationFrame(moving);
  const lines = event.deltaMode ? 30 : 1;
  Object.assign(view, zoomed(Math.exp(-0.0022 * lines * event.deltaY), event.clientX, event.clientY));
  unhover();
  draw();
}, { passive: false });
map.addEventListener("keydown", (event) => {
  const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] ?? [0, 0];
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (dx || dy) show({ ...view, x: view.x + (80 * dx) / view.side, y: view.y + (80 * dy) / view.side });
  else if (event.key === "+" || event.key === "=") show(zoomed(1.6));
  else if (event.key === "-") show(zoomed(1 / 1.6));
  else if (event.key === "0") show(fitted());
  else return;
  event.preventDefault();
});
byId("closer").addEventListener("click", () => show(zoomed(1.8)));
byId("farther").addEventListener("click", () => show(zoomed(1 / 1.8)));
byId("all").addEventListener("click", () => show(fitted()));
addEventListener("resize", draw);
dark.addEventListener("change", draw);

// --- Words -------------------------------------------------------------------------------------

const artist = (i) => data.artists[data.artist[i]];
const album = (i) => data.albums[data.album[i]];

function verdict(i) {
  const genre = data.genres[data.genre[i]].name;
  return data.unsure[i] ? `not sure, perhaps ${genre}` : `${genre}, ${data.sure[i]} %`;
}

function element(name, text = "", className = "") {
  const made = document.createElement(name);
  made.textContent = text;
  made.className = className;
  return made;
}

function dot(genre) {
  const made = element("span", "", "dot");
  made.style.background = `light-dark(${data.genres[genre].colours.join(", ")})`;
  return made;
}

function genreLine(i) {
  const line = element("span", "", "genre");
  line.append(dot(data.genre[i]), verdict(i));
  return line;
}

function hover(event) {
  hovered = event.pointerType === "touch" ? -1 : songAt(event.clientX, event.clientY, REACH.mouse);
  map.classList.toggle("over", hovered >= 0);
  tip.hidden = hovered < 0;
  if (hovered >= 0) {
    tip.replaceChildren(element("b", data.titles[hovered]), element("span", artist(hovered)), genreLine(hovered));
    const left = Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 8);
    const below = event.clientY + 18 + tip.offsetHeight < innerHeight;
    tip.style.transform = `translate(${left}px, ${below ? event.clientY + 18 : event.clientY - tip.offsetHeight - 14}px)`;
  }
  draw();
}

function unhover() {
  hovered = -1;
  tip.hidden = true;
  map.classList.remove("over");
}

// --- Search ------------------------------------------------------------------------------------

const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const texts = data.titles.map((title, i) => plain(`${title} ${artist(i)} ${album(i)}`));
let listed = [];
let active = -1;

function find() {
  const words = plain(search.value).split(/\s+/).filter(Boolean);
  const all = [];
  if (words.length) {
    texts.forEach((text, i) => words.every((word) => text.includes(word)) && all.push(i));
  }
  matches = words.length ? new Set(all) : null;
  listed = all.slice(0, LISTED);
  active = -1;
  const more = all.length > LISTED ? `, the first ${LISTED} are listed` : "";
  found.textContent = words.length ? `${all.length.toLocaleString()} ${all.length === 1 ? "song" : "songs"}${more}` : "";
  results.replaceChildren(...listed.map((i, row) => {
    const item = element("li");
    item.id = `result-${row}`;
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", "false");
    item.append(element("b", data.titles[i]), element("span", artist(i) || "No artist"));
    item.addEventListener("click", () => take(row));
    return item;
  }));
  results.hidden = !listed.length;
  byId("legend").hidden = Boolean(words.length);
  search.setAttribute("aria-expanded", String(!results.hidden));
  mark(-1);
  paint();
}

function mark(row) {
  active = row;
  [...results.children].forEach((item, i) => item.setAttribute("aria-selected", String(i === row)));
  if (row < 0) return search.removeAttribute("aria-activedescendant");
  search.setAttribute("aria-activedescendant", `result-${row}`);
  results.children[row].scrollIntoView({ block: "nearest" });
}

function take(row) {
  mark(row);
  hidden.delete(data.genre[listed[row]]);
  choose(listed[row]);
  centre(listed[row]);
  legend();
}

search.addEventListener("input", find);
search.addEventListener("keydown", (event) => {
  const last = listed.length - 1;
  if (event.key === "Escape") {
    search.value = "";
    find();
  } else if (event.key === "Enter" && last >= 0) take(Math.max(0, active));
  else if (event.key === "ArrowDown" && last >= 0) mark(active === last ? 0 : active + 1);
  else if (event.key === "ArrowUp" && last >= 0) mark(active <= 0 ? last : active - 1);
  else return;
  event.preventDefault();
});

// --- Genres ------------------------------------------------------------------------------------

const counts = data.genres.map(() => 0);
for (const genre of data.genre) counts[genre]++;
function legend() {
  byId("legend").replaceChildren(...data.genres.flatMap(({ name }, genre) => {
    if (!counts[genre]) return [];
    const button = element("button");
    button.type = "button";
    button.append(dot(genre), element("span", name), element("span", counts[genre].toLocaleString()));
    button.setAttribute("aria-pressed", String(!hidden.has(genre)));
    button.addEventListener("click", () => {
      if (!hidden.delete(genre)) hidden.add(genre);
      button.setAttribute("aria-pressed", String(!hidden.has(genre)));
      paint();
    });
    const item = element("li");
    item.append(button);
    return [item];
  }));
  paint();
}

// --- Playing -----------------------------------------------------------------------------------

const [player, audio] = [byId("player"), byId("audio")];
player.classList.toggle("silent", !data.plays);
audio.hidden = !data.plays;

const say = (text) => { byId("message").textContent = text; };

// The path in a song's address, as far as it is text.
function path(i) {
  const address = (data.base + data.files[i]).replace(/^file:\/\//, "");
  try {
    return decodeURIComponent(address);
  } catch {
    return address;
  }
}

function choose(i) {
  chosen = i;
  player.hidden = false;
  byId("chosen-title").textContent = data.titles[i];
  byId("chosen-artist").textContent = [artist(i), album(i)].filter(Boolean).join(" · ");
  byId("chosen-genre").replaceChildren(genreLine(i));
  say("");
  if (data.plays) {
    audio.src = data.base + data.files[i];
    // Why it does not play is told by the event "error"; a browser may want a click first.
    audio.play().catch(() => {});
  }
  draw();
}

audio.addEventListener("error", () => {
  if (chosen < 0) return;
  say(`This song cannot be played: its file has gone, or this browser does not play its kind. It is ${path(chosen)}`);
});
byId("close").addEventListener("click", () => {
  chosen = -1;
  player.hidden = true;
  audio.removeAttribute("src");
  audio.load();
  draw();
});

Object.assign(view, fitted());
legend();
Object.assign(view, fitted());
document.body.dataset.ready = count;
