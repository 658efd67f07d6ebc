/** Installs the service worker, and tells when a new version waits or there is no room for it. */

/**
 * @param {(load: () => void) => void} onNewVersion - called with what loads the new version
 * @param {() => void} onNoRoom - called if the page cannot be kept: it works with a network alone
 */
export async function workOffline(onNewVersion, onNoRoom) {
  if (!("serviceWorker" in navigator)) return;
  const registration = await navigator.serviceWorker
    .register("service_worker.js")
    .catch(() => null);
  if (!registration) return;
  // Only the tab that asked for it: others may hold answers that were not saved.
  let asked = false;
  const hadPage = navigator.serviceWorker.controller !== null;
  const offer = () => {
    if (registration.waiting && hadPage) {
      onNewVersion(() => {
        asked = true;
        // Another tab may have loaded it in the meantime.
        if (registration.waiting) registration.waiting.postMessage("take over");
        else location.reload();
      });
    }
  };
  const watch = (/** @type {ServiceWorker | null} */ worker) =>
    worker?.addEventListener("statechange", () => {
      offer();
      if (worker.state === "redundant" && !registration.active) onNoRoom();
    });
  offer();
  watch(registration.installing);
  registration.addEventListener("updatefound", () => watch(registration.installing));
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    if (asked) location.reload();
  });
}
