import axe from "axe-core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { page, userEvent } from "vitest/browser";
import type { EngineState } from "../../../src/model/contract.ts";
import { EngineError } from "../../../src/model/errors.ts";
import { Releases } from "../../../src/ui/app/releases.ts";
import { READY } from "../../support/fake-engine.ts";
import { FakeServiceWorkers } from "../../support/fake-service-worker.ts";
import { frame, mount, until } from "./harness.ts";
import type { Mounted } from "./harness.ts";

const PAGES = [
  ["home", "", "affiche-shelf a.card"],
  ["offer", "#page=offer&item=work-0", ".offer"],
  ["search", "#page=search&q=de", ".grid a.card"],
  ["search without results", "#page=search&q=zzzz", ".grid"],
  ["data", "#page=data", ".machine"],
] as const;
const LOADING: EngineState = {
  ...READY,
  bundle: { status: "loading", doneBytes: 500_000, totalBytes: 2_000_000 },
  device: null,
};
const FAILED: EngineState = {
  ...READY,
  bundle: { status: "failed", error: { code: "BUNDLE_UNREACHABLE", details: { url: "x", reason: "offline" } } },
};

let mounted: Mounted;
const open = (...how: Parameters<typeof mount>): Mounted => (mounted = mount(...how));
const verdict = (event: string) => `[data-verdict=${event}]`;
const recorded = () => mounted.engine.recorded.map(({ itemId, event }) => `${event} ${itemId}`);
const shown = () => mounted.all("[data-shelf=for-you] a.card").map((link) => link.dataset["itemId"]!);

/** The engine has said its first word, which is LOADING. */
const begun = () => until(() => mounted.app.textContent.includes("500 kB"), "the engine says nothing");

async function complaints(): Promise<string[]> {
  const { violations } = await axe.run(mounted.app);
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}

beforeEach(async () => {
  localStorage.clear();
  localStorage.setItem("affiche-language", "en");
  await page.viewport(1280, 900);
});
afterEach(() => mounted.unmount());

describe.each(["light", "dark"])("in %s", (theme) => {
  beforeEach(() => localStorage.setItem("affiche-theme", theme));

  it.each(PAGES)("axe finds nothing on %s", async (_, hash, settled) => {
    open(hash);
    await mounted.find(settled);
    await frame();
    expect(await complaints()).toEqual([]);
  });

  it("axe finds nothing while loading, after a failure, in an open menu, with a toast", async () => {
    open("", LOADING);
    await mounted.find("progress");
    expect(await complaints()).toEqual([]);
    mounted.engine.say(FAILED);
    await mounted.find("[role=alert]");
    expect(await complaints()).toEqual([]);
    mounted.engine.say(READY);
    (await mounted.find(".card-more")).click();
    await mounted.find(".menu-why");
    expect(await complaints()).toEqual([]);
    (await mounted.find(`.menu ${verdict("favourite")}`)).click();
    const toast = await mounted.find(".toast");
    await Promise.all(toast.getAnimations().map(({ finished }) => finished));
    expect(await complaints()).toEqual([]);
  });
});

describe.each([
  [390, "fr"],
  [320, "fr"],
  [320, "en"],
])("on a phone %i px wide, in %s", (width, language) => {
  it.each(PAGES)("nothing overflows on %s, and targets are large", async (_, hash, settled) => {
    localStorage.setItem("affiche-language", language);
    await page.viewport(width, 844);
    open(hash);
    await mounted.find(settled);
    await frame();
    expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(width);
    for (const target of mounted.all("button, select, nav a")) {
      const box = target.getBoundingClientRect();
      const large = box.width === 0 || (box.height >= 44 && box.width >= 44);
      expect([target.className, large]).toEqual([target.className, true]);
    }
  });
});

describe("home", () => {
  it("shows the shelves, the count of items, the device, and that the audience is simulated", async () => {
    open();
    await mounted.find("affiche-shelf a.card");
    const text = mounted.app.textContent;
    expect(text).toContain("612 works");
    expect(text).toContain("audience is simulated");
    expect(mounted.all(".chip")[0]!.textContent.trim()).toBe("On this device · WebAssembly");
    expect(mounted.all("[data-shelf]").length).toBeGreaterThanOrEqual(5);
    expect(document.title).toBe("For you · Affiche");
    expect(mounted.all("main")[0]!.getAttribute("aria-busy")).toBe("false");
  });

  it("says how far the download is, once and politely", async () => {
    open("", LOADING);
    const bar = await mounted.find<HTMLProgressElement>(".download:not([data-idle]) progress");
    expect(bar.position).toBeCloseTo(0.25);
    expect(mounted.app.textContent).toContain("500 kB of 2 MB");
    expect(mounted.all("[role=status]").filter((status) => status.textContent.trim() !== "")).toHaveLength(1);
    expect(mounted.all("[aria-busy=true]").length).toBeGreaterThan(0);
  });

  it("a failure says what to do, and the retry brings the page", async () => {
    open("", FAILED);
    const alert = await mounted.find("[role=alert]");
    expect(alert.textContent).toContain("Check the connection");
    (await mounted.find("[role=alert] button")).click();
    await mounted.find("affiche-shelf a.card");
    expect(mounted.all("[role=alert]")).toHaveLength(0);
  });

  it("says why, with the numbers", async () => {
    open();
    (await mounted.find(".card-more")).click();
    const why = await mounted.find(".menu-why");
    expect(why.textContent).toContain("Many people choose it.");
    expect(why.textContent).toContain("Chance that you open it 42%, that you book it 8%.");
  });

  it("less like this: the item goes in place, and comes back with Undo", async () => {
    open();
    await mounted.find("[data-shelf=for-you] li:nth-child(2) a.card");
    const [first, second] = shown() as [string, string];
    const kept = mounted.all(`[data-shelf=for-you] [data-item-id=${second}]`)[0];
    window.scrollTo(0, 120);
    (await mounted.find("[data-shelf=for-you] .card-more")).click();
    (await mounted.find(`.menu ${verdict("dismiss")}`)).click();
    await until(() => shown()[0] === second, "the item stayed");
    expect(shown()).not.toContain(first);
    expect(mounted.all(`[data-shelf=for-you] [data-item-id=${second}]`)[0]).toBe(kept);
    expect(window.scrollY).toBe(120);
    expect(recorded()).toEqual([`dismiss ${first}`]);
    const toast = await mounted.find(".toast");
    expect(toast.closest("[role=status]")).not.toBeNull();
    (await mounted.find(".toast-action")).click();
    await until(() => shown()[0] === first, "the item did not come back");
    expect(recorded()).toEqual([]);
  });
});

describe("going about", () => {
  it("opening a card records one click; going back or reloading records none", async () => {
    open();
    (await mounted.find("affiche-shelf a.card")).click();
    await mounted.find(".offer");
    expect(location.hash).toBe("#page=offer&item=work-0");
    await until(() => recorded().length === 1, "no click was recorded");
    history.back();
    await mounted.find("affiche-home");
    history.forward();
    await mounted.find(".offer");
    mounted.unmount();
    open("#page=offer&item=work-0");
    await mounted.find(".offer");
    await frame();
    expect(recorded()).toEqual([]);
  });

  it("the home page is asked anew after a click", async () => {
    open();
    (await mounted.find("[data-shelf=popular] [data-item-id=work-26]")).click();
    await mounted.find(".offer");
    history.back();
    await mounted.find('[data-shelf="because:0"]');
    expect(mounted.app.textContent).toContain("Because you opened “Persepolis”");
  });

  it("back finds scroll and focus where they were", async () => {
    open();
    await mounted.find("affiche-shelf a.card");
    const list = await mounted.find('[data-shelf=popular] ul[aria-busy="false"]');
    list.scrollTo({ left: 300, behavior: "instant" });
    window.scrollTo(0, 640);
    const link = mounted.all("[data-shelf=popular] a.card")[3]!;
    link.focus({ preventScroll: true });
    const left = list.scrollLeft;
    const { top } = link.getBoundingClientRect();
    link.click();
    await mounted.find(".offer");
    await until(() => document.activeElement?.matches(".offer h1"), "the new page's heading has no focus");
    expect(window.scrollY).toBe(0);
    history.back();
    // The click has brought a shelf above: the place on the screen counts, not the distance from the top.
    await mounted.find('[data-shelf="because:0"]');
    const found = () => document.activeElement as HTMLElement;
    await until(() => found().dataset["itemId"] === link.dataset["itemId"], "the focus was lost");
    await until(() => Math.abs(found().getBoundingClientRect().top - top) < 2, "the scroll position was lost");
    expect((await mounted.find("[data-shelf=popular] ul")).scrollLeft).toBeCloseTo(left, 0);
  });

  it("bundle and device stay in every address", async () => {
    open("#bundle=ml-1m&device=wasm");
    await mounted.find("affiche-shelf a.card");
    for (const link of mounted.all<HTMLAnchorElement>("a[href^='#']:not(.skip)")) {
      expect(link.hash).toContain("bundle=ml-1m&device=wasm");
    }
  });

  it("the skip link leads to the content", async () => {
    open();
    (await mounted.find(".skip")).click();
    expect(document.activeElement?.id).toBe("main");
    expect(location.hash).toBe("");
  });

  it("offline is said in the chip", async () => {
    open();
    await mounted.find("affiche-shelf a.card");
    const chip = () => mounted.app.querySelector(".chip")!.textContent.trim();
    const online = vi.spyOn(navigator, "onLine", "get").mockReturnValue(false);
    dispatchEvent(new Event("offline"));
    await mounted.app.updateComplete;
    expect(chip()).toBe("On this device · WebAssembly · offline");
    online.mockRestore();
    dispatchEvent(new Event("online"));
    await mounted.app.updateComplete;
    expect(chip()).toBe("On this device · WebAssembly");
  });

  it("works on after being detached and attached", async () => {
    open("", LOADING);
    await mounted.find("progress");
    mounted.app.remove();
    document.body.append(mounted.app);
    mounted.engine.say(READY);
    (await mounted.find("affiche-shelf a.card")).click();
    await mounted.find(".offer");
    await until(() => recorded().length > 0, "no click was recorded");
    expect(recorded()).toEqual(["click work-0"]);
  });
});

describe("offline", () => {
  const NOTICE: EngineState = {
    ...READY,
    bundle: {
      ...READY.bundle,
      notice: { code: "BUNDLE_UNREACHABLE", details: { url: "x", reason: "Failed to fetch" } },
    } as EngineState["bundle"],
  };
  const goes = (onLine: boolean) => {
    vi.spyOn(navigator, "onLine", "get").mockReturnValue(onLine);
    dispatchEvent(new Event(onLine ? "online" : "offline"));
    return mounted.app.updateComplete;
  };
  afterEach(() => vi.restoreAllMocks());

  it("the chip says it, and the notice of the stored catalogue does not say it again", async () => {
    open("", NOTICE);
    await mounted.find("main .notice");
    await goes(false);
    expect(mounted.all("main .notice")).toHaveLength(0);
    expect(mounted.all(".chip")[0]!.textContent).toContain("offline");
  });

  it("another trouble is said, offline too", async () => {
    const { bundle } = NOTICE;
    open("", { ...NOTICE, bundle: { ...bundle, notice: { code: "STORAGE_FULL", details: {} } } as typeof bundle });
    await mounted.find("main .notice");
    await goes(false);
    expect(mounted.all("main .notice")).toHaveLength(1);
  });

  it("back online the catalogue is asked for again, and the notice goes", async () => {
    open("", NOTICE);
    await mounted.find("main .notice");
    await goes(false);
    await goes(true);
    await until(() => mounted.all("main .notice").length === 0, "the notice stayed");
    expect(mounted.client.state.bundle).toEqual(READY.bundle);
  });
});

describe("a new release of the app", () => {
  async function withRelease(language = "en"): Promise<{ workers: FakeServiceWorkers; reload: () => void }> {
    localStorage.setItem("affiche-language", language);
    const workers = FakeServiceWorkers.kept();
    const reload = vi.fn<() => void>();
    open("", READY, new Releases(workers.container, reload));
    await mounted.find("affiche-shelf a.card");
    await until(() => workers.registered.length === 1, "the service worker was not registered");
    expect(mounted.all(".bar")).toHaveLength(0);
    workers.find();
    workers.settle("installed");
    return { workers, reload };
  }

  it("is not asked for before the page stands", async () => {
    const workers = new FakeServiceWorkers();
    open("", LOADING, new Releases(workers.container, () => {}));
    await begun();
    expect(workers.registered).toEqual([]);
    mounted.engine.say(FAILED);
    await until(() => workers.registered.length === 1, "the service worker was not registered");
  });

  it.each(["en", "fr"])("is said politely and waits for the person, in %s", async (language) => {
    const { workers, reload } = await withRelease(language);
    const bar = await mounted.find("[data-bar=release]");
    expect(bar.closest("[role=status]")).not.toBeNull();
    await Promise.all(bar.getAnimations().map(({ finished }) => finished));
    expect(await complaints()).toEqual([]);
    expect(bar.textContent).toContain(language === "en" ? "new version" : "nouvelle version");
    expect(workers.registration.waiting!.messages).toEqual([]);
    bar.querySelector("button")!.click();
    await until(() => workers.registration.waiting!.messages.length === 1, "the release was not asked in");
    workers.takeOver();
    expect(reload).toHaveBeenCalledOnce();
  });

  it("waits for what is being recorded", async () => {
    const { workers } = await withRelease();
    let acknowledge: (() => void) | null = null;
    vi.spyOn(mounted.engine, "record").mockImplementationOnce(
      () => new Promise((resolve) => (acknowledge = () => resolve({ ...mounted.engine.recorded[0]! }))),
    );
    mounted.all("affiche-shelf a.card")[0]!.click();
    (await mounted.find("[data-bar=release] button")).click();
    const kept = await until(() => acknowledge as (() => void) | null, "nothing is recorded");
    await frame();
    expect(workers.registration.waiting!.messages).toEqual([]);
    kept();
    await until(() => workers.registration.waiting!.messages.length === 1, "the release was not asked in");
    vi.restoreAllMocks();
  });

  it("can be put off, stands on the data page, and is said again when another tab takes it", async () => {
    const { workers, reload } = await withRelease();
    (await mounted.find(".bar-close")).click();
    await until(() => mounted.all(".bar").length === 0, "the bar stayed");
    mounted.all("nav a")[2]!.click();
    await mounted.find(".machine");
    expect(mounted.all(".machine")[0]!.textContent).toContain("a new one is ready");
    workers.takeOver();
    expect((await mounted.find("[data-bar=release]")).textContent).toContain("updated in another tab");
    expect(reload).not.toHaveBeenCalled();
  });
});

describe("installing", () => {
  /** The browser's offer; an answer to it. */
  const offer = (outcome: "accepted" | "dismissed") => {
    const prompt = vi.fn<() => Promise<unknown>>(async () => ({ outcome }));
    const event = Object.assign(new Event("beforeinstallprompt", { cancelable: true }), { prompt });
    dispatchEvent(event);
    return { event, prompt };
  };
  async function afterChoices(count: number): Promise<void> {
    open("", LOADING);
    await begun();
    for (let at = 0; at < count; at++) {
      mounted.engine.recorded.push({ id: `${at}`, itemId: `work-${at}`, event: "click", atMs: at });
    }
    mounted.engine.say(READY);
    await mounted.find("affiche-shelf a.card");
  }
  /** A browser without a prompt, which Chromium is not. */
  function withoutPrompt(userAgent: string): void {
    const event = Object.getOwnPropertyDescriptor(window, "onbeforeinstallprompt")!;
    Reflect.deleteProperty(window, "onbeforeinstallprompt");
    restore = () => Object.defineProperty(window, "onbeforeinstallprompt", event);
    vi.spyOn(navigator, "userAgent", "get").mockReturnValue(userAgent);
  }
  let restore = () => {};
  afterEach(() => {
    restore();
    restore = () => {};
    vi.restoreAllMocks();
  });
  const bar = () => mounted.all("[data-bar=install]").length;

  it("is proposed from the third choice on, by a button of our own that asks once", async () => {
    await afterChoices(2);
    const { event, prompt } = offer("accepted");
    expect(event.defaultPrevented).toBe(true);
    await frame();
    expect(bar()).toBe(0);
    mounted.unmount();
    await afterChoices(3);
    const second = offer("accepted");
    const shown = await mounted.find("[data-bar=install]");
    await Promise.all(shown.getAnimations().map(({ finished }) => finished));
    expect(await complaints()).toEqual([]);
    (await mounted.find("[data-bar=install] [data-install]")).click();
    await until(() => bar() === 0, "the bar stayed");
    expect(second.prompt).toHaveBeenCalledOnce();
    expect(prompt).not.toHaveBeenCalled();
    dispatchEvent(new Event("appinstalled"));
    mounted.all("nav a")[2]!.click();
    await mounted.find(".machine");
    expect(mounted.all(".machine")[0]!.textContent).toMatch(/Installed\s*yes/);
  });

  it.each(["Not now", "the browser's own no"])("is not proposed again after %s", async (no) => {
    await afterChoices(3);
    offer("dismissed");
    const answer = no === "Not now" ? "[data-decline]" : "[data-bar=install] [data-install]";
    (await mounted.find(answer)).click();
    await until(() => bar() === 0, "the bar stayed");
    await until(() => localStorage.getItem("affiche-install") === "declined", "the answer was not kept");
    mounted.unmount();
    await afterChoices(3);
    offer("dismissed");
    await frame();
    expect(bar()).toBe(0);
    // But it can be had where one looks for it.
    mounted.all("nav a")[2]!.click();
    await mounted.find("affiche-data [data-install]");
  });

  it("is explained where the browser has no prompt", async () => {
    withoutPrompt("Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) Version/26.0 Mobile/15E148 Safari/604.1");
    await afterChoices(3);
    const button = await mounted.find("[data-bar=install] [data-install]");
    expect(button.textContent.trim()).toBe("How to install");
    button.click();
    const dialog = await mounted.find<HTMLDialogElement>("[data-steps]");
    expect(dialog.open).toBe(true);
    expect(dialog.textContent).toContain("Add to Home Screen");
    expect(await complaints()).toEqual([]);
    dialog.querySelector("button")!.click();
    expect(dialog.open).toBe(false);
  });

  it("is not proposed where the browser cannot, and the data page says so", async () => {
    withoutPrompt("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0");
    await afterChoices(3);
    expect(bar()).toBe(0);
    mounted.all("nav a")[2]!.click();
    await mounted.find(".machine");
    expect(mounted.all(".machine")[0]!.textContent).toContain("installs no pages");
    expect(mounted.all("[data-install]")).toHaveLength(0);
  });
});

describe("offer", () => {
  it("shows the facts, names itself in the title, and links only to the web", async () => {
    open("#page=offer&item=work-0");
    const offer = await mounted.find(".offer");
    for (const fact of [
      "Vingt mille lieues sous les mers",
      "Jules Verne",
      "Book",
      "1870",
      "France",
      "French",
      "Free",
      "amour",
    ]) {
      expect(offer.textContent).toContain(fact);
    }
    expect(document.title).toBe("Vingt mille lieues sous les mers · Affiche");
    const link = await mounted.find<HTMLAnchorElement>(".outside a");
    expect([link.rel, link.referrerPolicy]).toEqual(["noreferrer noopener", "no-referrer"]);
    mounted.unmount();
    open("#page=offer&item=work-1");
    await mounted.find(".offer");
    expect(mounted.app.innerHTML).not.toContain("javascript:");
  });

  it("takes a verdict once, and takes it back", async () => {
    open("#page=offer&item=work-2");
    (await mounted.find(verdict("booking"))).click();
    const done = await mounted.find(`.offer ${verdict("booking")}[data-done]`);
    expect(done.textContent.trim()).toBe("You booked it");
    done.click();
    (await mounted.find(".toast-action")).click();
    await until(() => mounted.all(`.offer ${verdict("booking")}[data-done]`).length === 0, "it was not taken back");
    expect(recorded()).toEqual([]);
  });

  it("an unknown item says so", async () => {
    open("#page=offer&item=nothing");
    expect((await mounted.find("[role=alert]")).textContent).toContain("not in the catalogue");
  });

  it("an event that could not be kept is said, and sent again with the same id", async () => {
    open("#page=offer&item=work-2");
    await mounted.find(".offer");
    const ids: string[] = [];
    const record = vi.spyOn(mounted.client, "record").mockImplementationOnce(async ({ id }) => {
      ids.push(id);
      throw new EngineError("STORAGE_FAILED", { reason: "x" });
    });
    (await mounted.find(verdict("favourite"))).click();
    (await mounted.find(".toast-action")).click();
    await until(() => recorded().length === 1, "it was not sent again");
    expect(mounted.engine.recorded[0]!.id).toBe(ids[0]);
    record.mockRestore();
  });
});

describe("search", () => {
  it("searches as one types and keeps the text in the fragment", async () => {
    open("#page=search");
    const entries = history.length;
    const field = await mounted.find<HTMLInputElement>("input[type=search]");
    await userEvent.type(field, "dra");
    await until(() => mounted.all(".grid a.card").length > 0, "no results");
    expect(mounted.all(".grid a.card").map((link) => link.dataset["itemId"])).toEqual(["work-30"]);
    expect((await mounted.find(".search-status")).textContent).toBe("1 result");
    expect(location.hash).toBe("#page=search&q=dra");
    expect(history.length).toBe(entries);
    await userEvent.type(field, "zzz");
    await until(() => mounted.all(".grid a.card").length === 0, "the results stayed");
    expect((await mounted.find(".search-status")).textContent).toContain("Nothing for “drazzz”");
  });
});

describe("your data", () => {
  async function withHistory(): Promise<void> {
    open("#page=offer&item=work-2");
    (await mounted.find(verdict("favourite"))).click();
    await mounted.find("[data-done]");
    mounted.all("nav a")[2]!.click();
    await mounted.find(".history li");
  }

  it("lists the history and what runs where", async () => {
    await withHistory();
    expect(mounted.all(".history li")[0]!.textContent).toMatch(/Gymnopédies\s+Liked/);
    const [app, machine] = mounted.all(".machine").map(({ textContent }) => textContent);
    expect(app).toMatch(/Works offline\s*not yet/);
    expect(machine).toContain("Not on WebGPU");
    expect(machine).toContain("6 ms in all");
    await until(() => /Kept\s*until/.test(mounted.app.textContent), "the persistence is not told");
  });

  it("exports the history as a file", async () => {
    await withHistory();
    const saved = new Promise<HTMLAnchorElement>((resolve) => {
      vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementationOnce(function (this: HTMLAnchorElement) {
        resolve(this);
      });
    });
    mounted.all<HTMLButtonElement>(".row-buttons button")[1]!.click();
    const link = await saved;
    const file = (await fetch(link.href).then((response) => response.json())) as { interactions: unknown[] };
    expect(link.download).toBe("affiche-history-demo.json");
    expect(file).toMatchObject({ format: "affiche-history", formatVersion: 1 });
    expect(file.interactions).toHaveLength(1);
  });

  const engine = async () => mounted.find<HTMLSelectElement>("[data-retrieval]");
  async function chooseEngine(value: string): Promise<void> {
    const select = await engine();
    select.value = value;
    select.dispatchEvent(new Event("change", { bubbles: true }));
  }
  const machine = () => (mounted.all(".machine")[1]?.textContent ?? "").replaceAll(/\s+/gu, " ");
  const says = (words: string) => until(() => machine().includes(words), `the machine does not say: ${words}`);

  it("tells which engine retrieves, why that one, why no other, and what each takes", async () => {
    open("#page=data");
    await says("WebAssembly SIMD chosen automatically");
    expect(machine()).not.toContain("One retrieval takes");
    const device = READY.device!;
    mounted.engine.say({
      ...READY,
      device: {
        ...device,
        retrieval: { engine: "wasm", choice: "remembered", timings: { wasm: 0.42, wgsl: 21 }, rejected: [] },
      },
    });
    await says("the fastest, measured at an earlier visit");
    expect(machine()).toContain("One retrieval takes WGSL 21 ms · WebAssembly 0.4 ms");
    const rejected = [{ engine: "wgsl", reason: "more than 1024 dimensions" }] as const;
    mounted.engine.say({ ...READY, device: { ...device, retrieval: { ...device.retrieval, rejected } } });
    await says("Retrieval not by WGSL more than 1024 dimensions");
  });

  it("retrieves by another engine at once, in French too, and keeps the choice", async () => {
    localStorage.setItem("affiche-language", "fr");
    open("#page=data");
    await chooseEngine("exact");
    await says("JavaScript, ligne par ligne votre choix");
    mounted.unmount();
    open("#page=data");
    expect((await engine()).value).toBe("exact");
    await chooseEngine("");
    await says("choix automatique");
    expect(localStorage.getItem("affiche-retrieval")).toBeNull();
    mounted.unmount();
    open("#page=data");
    expect((await engine()).value).toBe("");
  });

  it("takes the engine from the address until the person chooses one, and forgets it with everything", async () => {
    localStorage.setItem("affiche-retrieval", "wgsl");
    open("#page=data&retrieval=wasm");
    expect((await engine()).value).toBe("wasm");
    await chooseEngine("exact");
    await says("row by row your choice");
    expect(location.hash).toBe("#page=data");
    expect(localStorage.getItem("affiche-retrieval")).toBe("exact");
    location.hash = "#page=data&retrieval=wgsl";
    await says("WGSL on the graphics device your choice");
    expect((await engine()).value).toBe("wgsl");
    history.back();
    await says("row by row your choice");
    mounted.all<HTMLButtonElement>(".row-buttons button")[2]!.click();
    (await mounted.find("[data-erase]")).click();
    await mounted.find("affiche-shelf a.card");
    mounted.all("nav a")[2]!.click();
    expect((await engine()).value).toBe("");
    await says("WebAssembly SIMD chosen automatically");
  });

  it("erases everything, after a question, and starts anew", async () => {
    await withHistory();
    mounted.all<HTMLButtonElement>(".row-buttons button")[2]!.click();
    const dialog = await mounted.find<HTMLDialogElement>("dialog");
    expect(dialog.open).toBe(true);
    expect(await complaints()).toEqual([]);
    dialog.querySelector<HTMLButtonElement>("button")!.click();
    expect([dialog.open, recorded().length]).toEqual([false, 1]);
    mounted.all<HTMLButtonElement>(".row-buttons button")[2]!.click();
    dialog.querySelector<HTMLButtonElement>("[data-erase]")!.click();
    await mounted.find("affiche-shelf a.card");
    expect(recorded()).toEqual([]);
    expect(localStorage.getItem("affiche-language")).toBeNull();
  });
});

describe("language and theme", () => {
  it("switch at once, are kept, and mark the document", async () => {
    open();
    await mounted.find("affiche-shelf a.card");
    mounted.all<HTMLButtonElement>(".languages button[lang=fr]")[0]!.click();
    await until(() => mounted.app.textContent.includes("De quoi nourrir votre soirée"), "the language did not change");
    expect(document.documentElement.lang).toBe("fr");
    const background = () => getComputedStyle(document.body).backgroundColor;
    const seen = new Set<string>();
    for (let turn = 0; turn < 3; turn++) {
      mounted.all<HTMLButtonElement>(".theme")[0]!.click();
      await mounted.app.updateComplete;
      seen.add(background());
    }
    expect(seen.size).toBe(2);
    expect(localStorage.getItem("affiche-language")).toBe("fr");
  });

  it("work where localStorage is forbidden", async () => {
    const forbidden = vi.spyOn(Storage.prototype, "getItem").mockImplementation(() => {
      throw new DOMException("denied", "SecurityError");
    });
    open();
    expect(await mounted.find("affiche-shelf a.card")).toBeInstanceOf(HTMLAnchorElement);
    forbidden.mockRestore();
  });
});
