// What the page says, in the language of its user where there is a file of it.
import english from "./en.js";

/** Codes of the files beside this one; a page of which they cannot be fetched speaks English. */
async function languages() {
  const answer = await fetch(new URL("./languages.json", import.meta.url)).catch(() => null);
  return answer?.ok ? answer.json() : [];
}

/** The first of the user's languages that there is; English needs no asking. */
async function choose() {
  const wanted = navigator.languages.map((tag) => tag.split("-")[0]);
  if (wanted[0] === "en") return { language: "en", texts: english };
  const known = await languages();
  const language = wanted.find((code) => code === "en" || known.includes(code)) ?? "en";
  if (language === "en") return { language, texts: english };
  const { default: texts } = await import(`./${language}.js`).catch(() => ({ default: {} }));
  return { language, texts };
}

const { language, texts } = await choose();
const plurals = new Intl.PluralRules(language);

/** Code of the language that is spoken. */
export const LANGUAGE = language;

/** A text by its name in en.js. @param {object} values what is put in for {name}; `count` picks the plural */
export function t(key, values = {}) {
  const text = texts[key] ?? english[key];
  const form = typeof text === "string" ? text : (text[plurals.select(values.count)] ?? text.other);
  return form.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** Says what the elements of a page are to say: data-t is their text, data-label their name, data-tip their title. */
export function speak(root) {
  root.documentElement.lang = LANGUAGE;
  for (const each of root.querySelectorAll("[data-t]")) each.textContent = t(each.dataset.t);
  for (const each of root.querySelectorAll("[data-label]")) each.setAttribute("aria-label", t(each.dataset.label));
  for (const each of root.querySelectorAll("[data-tip]")) each.title = t(each.dataset.tip);
}
