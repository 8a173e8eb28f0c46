import "../../../src/ui/app/styles.css";
import { AfficheApp } from "../../../src/ui/app/affiche-app.ts";
import { Installation } from "../../../src/ui/app/installation.ts";
import { Releases } from "../../../src/ui/app/releases.ts";
import { EngineClient } from "../../../src/ui/client.ts";
import type { EngineState } from "../../../src/model/contract.ts";
import { fakeEngine } from "../../support/fake-engine.ts";
import type { FakeEngine } from "../../support/fake-engine.ts";
import { FakeWorker } from "../../support/fake-worker.ts";

export interface Mounted {
  readonly app: AfficheApp;
  readonly client: EngineClient;
  readonly engine: FakeEngine;
  /** The first element that matches, once there is one. */
  find<E extends HTMLElement = HTMLElement>(selector: string): Promise<E>;
  all<E extends HTMLElement = HTMLElement>(selector: string): E[];
  unmount(): void;
}

/** The app at an address, on a fake engine. */
export function mount(hash = "", state?: EngineState, releases = new Releases(undefined, () => {})): Mounted {
  history.replaceState(null, "", `${location.pathname}${location.search}${hash}`);
  const engine = fakeEngine(state);
  const client = new EngineClient(() => new FakeWorker(engine));
  client.start({ bundleName: "demo", modelsUrl: `${location.origin}/models/`, backend: null, retrieval: null });
  const app = new AfficheApp();
  app.client = client;
  app.releases = releases;
  app.installation = new Installation();
  document.body.append(app);
  return {
    app,
    client,
    engine,
    find: <E extends HTMLElement>(selector: string) =>
      until(() => app.querySelector<E>(selector), `nothing matches ${selector}`),
    all: <E extends HTMLElement>(selector: string) => [...app.querySelectorAll<E>(selector)],
    unmount() {
      app.remove();
      client.stop();
      history.replaceState(null, "", location.pathname + location.search);
    },
  };
}

export const frame = (): Promise<unknown> => new Promise((resolve) => requestAnimationFrame(resolve));

/** @throws after ten seconds without a truthy answer: machines can be busy */
export async function until<T>(ask: () => T | null | undefined | false, complaint: string): Promise<T> {
  for (const start = performance.now(); performance.now() - start < 10_000;) {
    const answer = ask();
    if (answer !== null && answer !== undefined && answer !== false) return answer;
    await frame();
  }
  throw new Error(complaint);
}
