// When to go on drawing: with the screen, and without it where nothing is shown.

/** Resolves before the next picture of the screen; at once while the page is hidden, where browsers draw none. */
export function nextPicture() {
  return new Promise((resolve) => {
    const go = () => {
      document.removeEventListener("visibilitychange", look);
      resolve();
    };
    const look = () => document.hidden && go();
    document.addEventListener("visibilitychange", look);
    if (document.hidden) setTimeout(go);
    else requestAnimationFrame(go);
  });
}
