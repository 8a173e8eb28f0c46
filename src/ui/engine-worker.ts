/** Where the engine runs: a worker of this page's own, or one that shares the person's own profile. */
import type { Endpoint } from "comlink";
// oxlint-disable-next-line import/default -- Vite makes the default export
import workerUrl from "../worker/main.ts?worker&url";
import { trustedScript } from "./parts/trusted-script.ts";

/** A worker, or anything that speaks like one. */
export interface EngineWorker extends Endpoint {
  terminate(): void;
}

export type Spawn = () => EngineWorker;

/** The part of the Storage Access API's handle that TypeScript's DOM library does not name. */
export interface StorageAccessHandle {
  readonly SharedWorker: (url: string, options: WorkerOptions) => SharedWorker;
}

const NAME = "affiche-engine";

/** Under Trusted Types no other script can be a worker. */
const trustedWorkerUrl = (): string => trustedScript("affiche-worker", workerUrl);

let url: string | null = null;

/** A dedicated worker: its storage is that of this page's place, a partner's partition in a frame. */
export function engineSpawner(): Spawn {
  url ??= trustedWorkerUrl();
  return () => new Worker(url!, { type: "module", name: NAME });
}

/**
 * A worker with the storage of Affiche's own site, by a handle that the person has granted. It is
 * shared by name only: every spawn has a name and thus a worker of its own, gone with this page.
 */
export function profileEngineSpawner(handle: StorageAccessHandle): Spawn {
  url ??= trustedWorkerUrl();
  return () => {
    const worker = handle.SharedWorker(url!, { type: "module", name: `${NAME}-${crypto.randomUUID()}` });
    const { port } = worker;
    return {
      postMessage: (message, transfer) => port.postMessage(message, transfer ?? []),
      addEventListener: (type, listener, options) =>
        (type === "error" ? worker : port).addEventListener(type, listener, options),
      removeEventListener: (type, listener, options) =>
        (type === "error" ? worker : port).removeEventListener(type, listener, options),
      start: () => port.start(),
      terminate() {
        port.postMessage("close");
        port.close();
      },
    };
  };
}
