// A question with a few answers.
import { t } from "../texts/texts.js";
import { byId, make } from "./dom.js";

/**
 * @param {{title: string, text: string, answers: {label: string, value: *}[]}} question the first answer is the main one
 * @returns {Promise<*>} the answer's value; null if the question was closed
 */
export function ask({ title, text, answers }) {
  const dialog = byId("ask-dialog");
  return new Promise((resolve) => {
    let given = null;
    const buttons = answers.map(({ label, value }, at) =>
      make("button", { className: at ? "" : "primary", textContent: label, onclick: () => ((given = value), dialog.close()) }),
    );
    dialog.replaceChildren(
      make("h2", { id: "ask-title", textContent: title }),
      make("p", { className: "asked", textContent: text }),
      make("div", { className: "answers" }, ...buttons, make("button", { textContent: t("cancel"), onclick: () => dialog.close() })),
    );
    dialog.onclose = () => resolve(given);
    dialog.showModal();
  });
}
