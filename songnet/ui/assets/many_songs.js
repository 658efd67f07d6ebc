// The menus of the table's columns, in which sorting is, are within the keyboard's reach.
songnet.onChange(() => {
  document.querySelectorAll("#answers .cell-menu-button").forEach((menu) => (menu.tabIndex = 0));
});
