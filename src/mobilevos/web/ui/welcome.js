// The first screen: ways to bring a video in, and what is kept from before.
import { forget, keptProjects } from "../project/keeper.js";
import { LANGUAGE, t } from "../texts/texts.js";
import { byId, icon, make } from "./dom.js";
import { dropped } from "./open.js";

const SHOWN = 4;
const ago = new Intl.RelativeTimeFormat(LANGUAGE, { numeric: "auto" });

/**
 * Listens to the first screen and to drops anywhere.
 * @param {{sample: () => void, camera: () => void, frames: (files: File[]) => void, files: (files: File[] | Promise<File[]>) => void}} open
 *   frames: chosen as such; files: may be frames, masks or a project
 */
export function startWelcome(open) {
  byId("open-sample").onclick = open.sample;
  byId("open-camera").onclick = open.camera;
  const chooser = (button, input, take = open.frames) => {
    byId(button).onclick = () => byId(input).click();
    byId(input).onchange = ({ target }) => {
      const files = [...target.files];
      target.value = "";
      if (files.length) take(files);
    };
  };
  chooser("open-video", "video-file");
  chooser("open-images", "image-files");
  chooser("open-folder", "image-folder");
  chooser("open", "any-file", open.files);

  const isOver = (over) => document.body.classList.toggle("dropping", over);
  addEventListener("dragover", (event) => (event.preventDefault(), isOver(true)));
  addEventListener("dragleave", (event) => !event.relatedTarget && isOver(false));
  addEventListener("drop", (event) => {
    event.preventDefault();
    isOver(false);
    open.files(dropped(event.dataTransfer));
  });
}

/** Shows the projects that are kept on this device. @param {(id: string) => void} open */
export async function showRecent(open) {
  const kept = (await keptProjects()).slice(0, SHOWN);
  byId("recent").hidden = !kept.length;
  byId("recent-list").replaceChildren(
    ...kept.map(({ id, changed, head }) => {
      const about = `${head.video.width} × ${head.video.height}, ${timeAgo(changed)}`;
      const name = make("span", {}, make("b", { textContent: head.video.name }), make("small", { textContent: about }));
      const go = make("button", { className: "kept-project", onclick: () => open(id) }, icon("film"), name);
      const away = make("button", {
        className: "quiet",
        "aria-label": t("forgetOne", head.video),
        title: t("forget"),
        onclick: async () => (await forget(id), showRecent(open)),
      }, icon("close"));
      return make("div", { className: "recent-row" }, go, away);
    }),
  );
}

function timeAgo(time) {
  const minutes = Math.round((time - Date.now()) / 60_000);
  if (minutes > -60) return ago.format(minutes, "minute");
  return minutes > -1440 ? ago.format(Math.round(minutes / 60), "hour") : ago.format(Math.round(minutes / 1440), "day");
}
