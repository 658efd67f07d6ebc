// Each tab has an address, #many, say, so that it can be linked to, and Back goes to the last one.
(() => {
  const NAMES = {
    "One song": "song",
    "Many songs": "many",
    "Your genres": "own",
    "Your library": "library",
    About: "about",
  };
  const tabs = () => [...document.querySelectorAll(".sn-tabs > .tab-wrapper [role=tab]")];
  const nameOf = (tab) => NAMES[tab.textContent.trim()];
  const asked = () => location.hash.slice(1) || "song";
  let opening; // the name of a tab that the address asks for, until it is open

  const openAsked = () => {
    const tab = tabs().find((one) => nameOf(one) === asked());
    if (!tab || tab.getAttribute("aria-selected") === "true") return;
    opening = asked();
    tab.click();
  };

  let ready = false;
  const follow = () => {
    const open = tabs().find((tab) => tab.getAttribute("aria-selected") === "true");
    const name = open && nameOf(open);
    if (!name) return;
    if (!ready) {
      ready = true;
      openAsked();
      return;
    }
    if (opening) {
      if (name === opening) opening = undefined;
      return;
    }
    if (name !== asked()) history.pushState(null, "", `#${name}`);
  };

  new MutationObserver(follow).observe(document.documentElement, {
    attributeFilter: ["aria-selected"],
    childList: true,
    subtree: true,
  });
  addEventListener("popstate", openAsked);
})();
