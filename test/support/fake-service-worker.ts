/** A browser's service worker container that a test moves through the life of its releases. */

class FakeScript extends EventTarget {
  readonly messages: unknown[] = [];
  postMessage(message: unknown): void {
    this.messages.push(message);
  }
}

class FakeRegistration extends EventTarget {
  installing: FakeScript | null = null;
  waiting: FakeScript | null = null;
  active: FakeScript | null = null;
  updates = 0;
  async update(): Promise<void> {
    this.updates++;
  }
}

export class FakeServiceWorkers extends EventTarget {
  readonly registration = new FakeRegistration();
  readonly registered: string[] = [];
  controller: FakeScript | null = null;
  /** Whether the browser refuses to register. */
  refuses = false;

  /** As this page's visit begins: release 1 is kept and serves the page. */
  static kept(): FakeServiceWorkers {
    const workers = new FakeServiceWorkers();
    workers.controller = workers.registration.active = new FakeScript();
    return workers;
  }

  async register(url: unknown): Promise<FakeRegistration> {
    if (this.refuses) throw new TypeError("refused");
    this.registered.push(String(url));
    return this.registration;
  }

  /** A release begins to be downloaded. */
  find(): void {
    this.registration.installing = new FakeScript();
    this.registration.dispatchEvent(new Event("updatefound"));
  }

  /** What was found is kept whole, or is given up. */
  settle(outcome: "installed" | "redundant"): void {
    const found = this.registration.installing!;
    this.registration.installing = null;
    if (outcome === "installed") this.registration.waiting = found;
    found.dispatchEvent(new Event("statechange"));
  }

  /** The release that waits takes every page over. */
  takeOver(): void {
    const { registration } = this;
    const next = registration.waiting!;
    registration.waiting = null;
    registration.active = this.controller = next;
    this.dispatchEvent(new Event("controllerchange"));
    next.dispatchEvent(new Event("statechange"));
  }

  /** To be given to what expects the browser's. */
  get container(): ServiceWorkerContainer {
    return this as unknown as ServiceWorkerContainer;
  }
}
