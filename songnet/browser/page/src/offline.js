/** Installs the service worker, and tells when a new version waits. */

/**
 * @param {(reload: () => void) => void} onNewVersion - called with what loads the new version
 */
export async function workOffline(onNewVersion) {
  if (!("serviceWorker" in navigator)) return;
  // Without storage the page works on as long as there is a network.
  const registration = await navigator.serviceWorker
    .register("service_worker.js")
    .catch(() => null);
  if (!registration) return;
  const hadPage = navigator.serviceWorker.controller !== null;
  const offer = () => {
    if (registration.waiting && hadPage) {
      const { waiting } = registration;
      onNewVersion(() => waiting.postMessage("take over"));
    }
  };
  offer();
  registration.addEventListener("updatefound", () => {
    registration.installing?.addEventListener("statechange", offer);
  });
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    if (hadPage) location.reload();
  });
}
