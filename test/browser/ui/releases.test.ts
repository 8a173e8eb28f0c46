import { afterEach, describe, expect, it, vi } from "vitest";
import { Releases } from "../../../src/ui/app/releases.ts";
import { FakeServiceWorkers } from "../../support/fake-service-worker.ts";

const HOUR_MS = 3_600_000;

async function follow(workers: FakeServiceWorkers) {
  const reload = vi.fn<() => void>();
  const releases = new Releases(workers.container, reload);
  const told = vi.fn<() => void>();
  releases.addEventListener("affiche-release", told);
  await releases.start();
  return { releases, reload, told };
}

afterEach(() => vi.useRealTimers());

describe("releases", () => {
  it("registers the one script beside the page, once", async () => {
    const workers = new FakeServiceWorkers();
    const { releases } = await follow(workers);
    await releases.start();
    expect(workers.registered).toEqual([new URL("sw.js", document.baseURI).href]);
  });

  it("a first visit ends with the app kept, and nothing is asked of the person", async () => {
    const workers = new FakeServiceWorkers();
    const { releases, reload, told } = await follow(workers);
    expect(releases.kept).toBe(false);
    workers.find();
    workers.settle("installed");
    expect([releases.kept, releases.state]).toEqual([false, "current"]);
    told.mockClear();
    workers.takeOver();
    expect([releases.kept, releases.state]).toEqual([true, "current"]);
    expect(told).toHaveBeenCalled();
    expect(reload).not.toHaveBeenCalled();
  });

  it("a new release waits until it is accepted, and reloads this tab alone", async () => {
    const workers = FakeServiceWorkers.kept();
    const { releases, reload } = await follow(workers);
    const other = await follow(workers);
    expect(releases.state).toBe("current");
    workers.find();
    expect(releases.state).toBe("current");
    workers.settle("installed");
    expect([releases.state, other.releases.state]).toEqual(["waiting", "waiting"]);
    const { waiting } = workers.registration;
    expect(waiting!.messages).toEqual([]);
    releases.reload();
    expect(waiting!.messages).toEqual(["skip-waiting"]);
    expect(reload).not.toHaveBeenCalled();
    workers.takeOver();
    expect(reload).toHaveBeenCalledOnce();
    expect(other.reload).not.toHaveBeenCalled();
    expect(other.releases.state).toBe("replaced");
    other.releases.reload();
    expect(other.reload).toHaveBeenCalledOnce();
  });

  it("a release that waits since an earlier visit is told at once", async () => {
    const workers = FakeServiceWorkers.kept();
    workers.find();
    workers.settle("installed");
    expect(new Releases(workers.container, () => {}).kept).toBe(true);
    expect((await follow(workers)).releases.state).toBe("waiting");
  });

  it("a release that did not arrive whole is not spoken of", async () => {
    const workers = FakeServiceWorkers.kept();
    const { releases } = await follow(workers);
    workers.find();
    workers.settle("redundant");
    expect([releases.kept, releases.state]).toEqual([true, "current"]);
  });

  it("a browser that refuses, or has none, leaves the app as it is", async () => {
    const workers = new FakeServiceWorkers();
    workers.refuses = true;
    const { releases } = await follow(workers);
    expect([releases.kept, releases.state]).toEqual([false, "current"]);
    const none = new Releases(undefined, () => {});
    await none.start();
    expect([none.kept, none.state]).toEqual([false, "current"]);
  });

  it("looks again when the page is looked at, once an hour", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const workers = FakeServiceWorkers.kept();
    await follow(workers);
    const look = () => document.dispatchEvent(new Event("visibilitychange"));
    look();
    vi.setSystemTime(Date.now() + HOUR_MS - 1);
    look();
    expect(workers.registration.updates).toBe(0);
    vi.setSystemTime(Date.now() + 1);
    look();
    look();
    expect(workers.registration.updates).toBe(1);
  });
});
