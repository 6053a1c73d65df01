// Dark and light: as the system says, until the user chooses.
import { remember, remembered } from "./storage.js";

/** @param {HTMLButtonElement} button switches and remembers */
export function startTheme(button) {
  const root = document.documentElement;
  const chosen = remembered("theme");
  if (chosen) root.dataset.theme = chosen;
  button.onclick = () => {
    const now = root.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
    root.dataset.theme = now === "dark" ? "light" : "dark";
    remember("theme", root.dataset.theme);
    dispatchEvent(new Event("themechange"));
  };
}
