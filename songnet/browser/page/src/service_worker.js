/** Keeps the page for use without a network; a new version replaces an old one as a whole. */

import { runtimeFiles } from "./relaxed_simd.js";

const worker = /** @type {any} */ (self);
// Other builds may lie below other paths of the same server.
const MINE = `songnet ${worker.registration.scope} `;
const CACHE = MINE + KEPT.version;

worker.addEventListener("install", (/** @type {any} */ event) => event.waitUntil(keep()));
worker.addEventListener("activate", (/** @type {any} */ event) => event.waitUntil(takeOver()));
worker.addEventListener("message", (/** @type {any} */ event) => {
  if (event.data === "take over") worker.skipWaiting();
});
worker.addEventListener("fetch", (/** @type {any} */ event) => {
  if (event.request.method === "GET") event.respondWith(respond(event.request));
});

async function keep() {
  const cache = await caches.open(CACHE);
  // Asks the server whether the browser's own copies are still right.
  const files = [...KEPT.files, ...runtimeFiles()];
  await cache.addAll(files.map((file) => new Request(file, { cache: "no-cache" })));
}

async function takeOver() {
  const old = (await caches.keys()).filter((key) => key.startsWith(MINE) && key !== CACHE);
  await Promise.all(old.map((key) => caches.delete(key)));
  await worker.clients.claim();
}

/** @param {Request} request */
async function respond(request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(request, { ignoreSearch: true })) ?? fetch(request);
}
