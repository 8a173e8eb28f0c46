/**
 * The app without a network. A release is kept whole or not at all: where one file does not arrive as
 * it was built, the release is given up and the one before goes on.
 *
 * Bundles are no business of this worker; they belong to IndexedDB.
 */
declare const self: ServiceWorkerGlobalScope;

export interface Release {
  readonly name: string;
  /** Relative to this script; "./" is the page. */
  readonly files: readonly { readonly url: string; readonly integrity: string }[];
}

/** Put in by the build. */
declare const __RELEASE__: Release;
const RELEASE = __RELEASE__;

const SCOPE = self.registration.scope;
/** An origin may hold the app in several folders. */
const PREFIX = `affiche ${SCOPE} `;
const CACHE = PREFIX + RELEASE.name;
const FILES = new Map(RELEASE.files.map(({ url, integrity }) => [new URL(url, SCOPE).href, integrity]));

self.addEventListener("install", (event) => event.waitUntil(keepRelease()));
self.addEventListener("activate", (event) => event.waitUntil(takeOver()));
self.addEventListener("fetch", (event) => {
  const address = addressOf(event.request);
  if (address !== null) event.respondWith(answer(address, event.request));
});
// A new release waits until the person asks for it.
self.addEventListener("message", ({ data }) => {
  if (data === "skip-waiting") void self.skipWaiting();
});

/** One file after the other: the page that is being read comes first. */
async function keepRelease(): Promise<void> {
  const begun = await caches.has(CACHE);
  const cache = await caches.open(CACHE);
  try {
    for (const [address, integrity] of FILES) await cache.put(address, await download(address, integrity));
  } catch (error) {
    if (!begun) await caches.delete(CACHE);
    throw error;
  }
}

/**
 * What arrives otherwise than it was built, say a sign-in page, is refused by its hash. The server is
 * asked in any case: the browser's own cache may hold a damaged copy, or old headers, for a year.
 */
function download(address: string, integrity: string): Promise<Response> {
  return fetch(address, { integrity, cache: "no-cache", redirect: "error" });
}

async function takeOver(): Promise<void> {
  const others = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  // The newest of them still serves the tabs that were opened with it.
  await Promise.all(others.slice(0, -1).map((name) => caches.delete(name)));
  await self.clients.claim();
}

/** Where the answer is kept; null: the network's business. Parameters change nothing. */
function addressOf({ method, url }: Request): string | null {
  const { origin, pathname } = new URL(url);
  const address = origin + pathname;
  if (method !== "GET") return null;
  if (address === `${SCOPE}index.html`) return SCOPE;
  return FILES.has(address) || address.startsWith(`${SCOPE}assets/`) ? address : null;
}

async function answer(address: string, request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  const options = { ignoreVary: true };
  // Beyond this release: for the tabs of the one before.
  return (await cache.match(address, options)) ?? (await caches.match(address, options)) ?? fetch(request);
}
