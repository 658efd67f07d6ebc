// Without a place in the order of tabs, what overflows is out of the keyboard's reach.
songnet.onChange(() => {
  document.querySelectorAll(".sn-about pre").forEach((code) => (code.tabIndex = 0));
});
