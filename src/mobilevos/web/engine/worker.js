/** The worker: takes the client's calls one after the other. The network is on its way before the engine's own modules are. */

import { InputError } from "./errors.js";
import { loadNetwork } from "./loading.js";

const arriving = import("./calls.js").catch(() => {
  throw new InputError("fileUnreachable", { file: "engine/calls.js" });
});
let turn = arriving.catch(() => {});

self.onmessage = ({ data: { call, name, parameters } }) => {
  if (name === "load") {
    parameters.loading = loadNetwork(parameters, (fraction, text) => postMessage({ progress: { fraction, text } }));
    parameters.loading.catch(() => {}); // is told below
  }
  turn = turn.then(async () => {
    try {
      const { calls, handedOver } = await arriving;
      const result = await calls[name](parameters);
      postMessage({ call, result }, handedOver(result));
    } catch (error) {
      const known = error instanceof InputError;
      postMessage({ call, error: known ? { text: error.message, values: error.values } : { text: "engineFailed", values: { reason: error.message ?? error } } });
    }
  });
};
