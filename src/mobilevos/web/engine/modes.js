/** Modes: a port of mobilevos/engine/modes.py; both read the same table, modes.json. */

import { InputError } from "./errors.js";
import { download } from "./network.js";

/** {name: {size, margin, shrink, refresh, search, ghosts}} of a model, as modes.py describes them. */
export async function modesOf(model) {
  const bytes = await download(new URL("./modes.json", import.meta.url));
  return rowsOf(JSON.parse(new TextDecoder().decode(bytes)), model);
}

/** The rows of the table, with what differs for a model. */
export function rowsOf(table, model) {
  const own = table.models[model] ?? {};
  return Object.fromEntries(Object.entries(table.modes).map(([name, row]) => [name, { ...row, ...own[name] }]));
}

/** The row of a name. */
export function modeOf(modes, name) {
  const known = Object.keys(modes);
  if (!known.includes(name)) throw new InputError("noMode", { name, known: known.join(", ") });
  return modes[name];
}
