// Service worker: the page works without a network after the first visit, and any static host gives it threads.
//
// The page registers it as sw.js?version=V, with V from files.json: {"version": V, "files": {path: hash}}, the list of
// everything that the page needs, relative to this file. Another version is another worker with a cache of its own.

const VERSION = new URL(location.href).searchParams.get("version");
const LIST = "files.json";
const CACHE = `mobilevos-${VERSION}`;
/** Without these a browser gives no shared memory, and so no threads; a plain static host does not send them. */
const ISOLATION = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Resource-Policy": "same-origin",
};

const scope = new URL("./", location.href).href;
/** Address under which a file is kept: without query, and the folder itself stands for index.html. */
const keyOf = (url) => {
  const plain = url.split(/[?#]/)[0];
  return plain === scope ? `${scope}index.html` : plain;
};

addEventListener("activate", (event) => event.waitUntil(clients.claim()));

addEventListener("message", (event) => {
  if (event.data === "take over") skipWaiting();
  if (event.data !== "keep everything") return;
  // Without a network nothing is kept now; the next visit tries again.
  event.waitUntil(keepEverything().then(() => event.source.postMessage("everything is kept"), () => {}));
});

addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method === "GET" && request.url.startsWith(scope)) event.respondWith(answer(request));
});

async function answer(request) {
  const key = keyOf(request.url);
  const cache = await caches.open(CACHE);
  if (key === scope + LIST) {
    try {
      return await fetch(request); // the newest version is only known to the server
    } catch {
      return isolated(await cache.match(key));
    }
  }
  const kept = await cache.match(key);
  if (kept) return isolated(kept);
  const response = await fetch(request);
  if (response.status === 200) await cache.put(key, response.clone());
  return isolated(response);
}

function isolated(response) {
  if (!response || response.type === "opaque" || response.type === "error") return response ?? Response.error();
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(ISOLATION)) headers.set(name, value);
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
}

/** Fetches what the list names, takes unchanged files from the last version's cache, and drops that one. */
async function keepEverything() {
  const list = await (await fetch(scope + LIST, { cache: "no-cache" })).json();
  if (list.version !== VERSION) return; // the server has moved on; the next visit registers that version
  const cache = await caches.open(CACHE);
  const older = (await caches.keys()).filter((name) => name.startsWith("mobilevos-") && name !== CACHE);
  const before = await hashesOf(older[0]);
  for (const [path, hash] of Object.entries(list.files)) {
    const key = scope + path;
    if (await cache.match(key)) continue;
    const same = before[path] === hash && (await (await caches.open(older[0])).match(key));
    const response = same || (await fetch(key, { cache: "no-cache" }));
    if (!response.ok) throw new Error(`${path} is missing`);
    await cache.put(key, response);
  }
  await cache.put(scope + LIST, new Response(JSON.stringify(list), { headers: { "Content-Type": "application/json" } }));
  await Promise.all(older.map((name) => caches.delete(name)));
}

async function hashesOf(name) {
  const list = name && (await (await caches.open(name)).match(scope + LIST));
  return list ? (await list.json()).files : {};
}
