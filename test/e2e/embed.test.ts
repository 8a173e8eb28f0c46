/** The shelf in other people's pages, as they serve it: another site, a strict policy, partitioned storage. */
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import type { FrameLocator, Page } from "playwright";
import { describe, expect, test } from "vitest";
import type { Interaction } from "../../src/model/contract.ts";
import {
  cards,
  hostPage,
  itemsOf,
  newPage,
  openHost,
  records,
  say,
  shelf,
  sites,
  takeComplaints,
  useHosts,
  visit,
} from "./embed-host.ts";
import type { HostWindow } from "./embed-host.ts";

useHosts();

const VERNE = "book-vingt-mille-lieues-sous-les-mers";
/** A busy machine takes its time. */
const PATIENT = { timeout: 20_000 };
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const heightOf = (page: Page): Promise<number> =>
  page.locator("affiche-shelf").evaluate((element) => element.getBoundingClientRect().height);
const heading = (frame: FrameLocator): Promise<string> => frame.locator("[data-shelf] h2").innerText();
const evaluateIn = <T>(frame: FrameLocator, code: string): Promise<T> => frame.locator("html").evaluate(code);

/** What the person did, as it stands in the frame's own database, oldest first. */
function history(frame: FrameLocator): Promise<Interaction[]> {
  return frame.locator("html").evaluate(
    () =>
      new Promise<Interaction[]>((resolve, reject) => {
        const request = indexedDB.open("affiche");
        request.addEventListener("error", () => reject(request.error!));
        request.addEventListener("success", () => {
          const all = request.result.transaction("history").objectStore("history").getAll();
          all.addEventListener("success", () =>
            resolve((all.result as { interaction: Interaction }[]).map(({ interaction }) => interaction)),
          );
          request.result.close();
        });
      }),
  );
}

describe("the element", () => {
  test("shows a shelf in a lazy, titled, sandboxed frame, at the height that it reserved", async () => {
    const page = await visit();
    await page.goto(hostPage(sites.library, `<affiche-shelf item="${VERNE}" limit="6" locale="fr"></affiche-shelf>`));
    const reserved = await heightOf(page);
    await cards(shelf(page)).first().waitFor();
    expect(await cards(shelf(page)).count()).toBe(6);
    expect(await heading(shelf(page))).toBe("Dans l’esprit de «\u00a0Vingt mille lieues sous les mers\u00a0»");
    expect(await heightOf(page)).toBe(reserved);
    const frame = page.locator("affiche-shelf iframe");
    expect(await frame.evaluate((element) => getComputedStyle(element).opacity)).toBe("1");
    const attributes = ["title", "loading", "sandbox", "referrerpolicy", "src"];
    expect(await Promise.all(attributes.map((name) => frame.getAttribute(name)))).toEqual([
      "Recommandations par Affiche",
      "lazy",
      "allow-scripts allow-same-origin allow-storage-access-by-user-activation",
      "no-referrer",
      `${sites.app}/embed.html`,
    ]);
    expect((await records(page)).told).toEqual([{ type: "affiche-ready", detail: {} }]);
  });

  test("follows its attributes, its width and its events are typed", async () => {
    const page = await visit();
    const frame = await openHost(page, sites.library, `kind="film" limit="5"`);
    const set = (name: string, value: string) =>
      page
        .locator("affiche-shelf")
        .evaluate((element, [key, text]) => element.setAttribute(key!, text!), [name, value]);
    expect(await heading(frame)).toBe("Films");
    await set("kind", "museum");
    await expect.poll(() => heading(frame), PATIENT).toBe("Museums");
    await set("limit", "3");
    await expect.poll(() => cards(frame).count(), PATIENT).toBe(3);
    await set("locale", "fr-CA");
    await expect.poll(() => heading(frame), PATIENT).toBe("Musées");
    await set("theme", "dark");
    await expect.poll(() => evaluateIn(frame, "document.documentElement.dataset.theme"), PATIENT).toBe("dark");
    await set("limit", "999");
    await expect.poll(() => cards(frame).count(), PATIENT).toBe(20);
    await set("item", "no-such-item");
    await expect
      .poll(async () => (await records(page)).told.at(-1), PATIENT)
      .toEqual({
        type: "affiche-error",
        detail: { code: "ITEM_UNKNOWN", message: expect.stringContaining("no-such-item") as string },
      });
    await expect.poll(() => cards(frame).count(), PATIENT).toBe(20);
    const wide = await heightOf(page);
    await page.setViewportSize({ width: 390, height: 800 });
    await expect.poll(() => heightOf(page), PATIENT).toBeLessThan(wide);
    expect(await evaluateIn(frame, "document.documentElement.scrollWidth - innerWidth")).toBe(0);
    await page.setViewportSize({ width: 1280, height: 800 });
    await expect.poll(() => heightOf(page), PATIENT).toBe(wide);
  });

  test("can be taken out, put back and moved", async () => {
    const page = await visit();
    await openHost(page, sites.library, `kind="film"`);
    const run = (act: (element: Element) => void) => page.locator("affiche-shelf").evaluate(act);
    const heard = async () => (await records(page)).told.filter(({ type }) => type === "affiche-ready").length;
    await run((element) => {
      (window as unknown as { kept: Element }).kept = element;
      element.remove();
    });
    await page.waitForTimeout(300);
    await page.evaluate(() => document.body.append((window as unknown as { kept: Element }).kept));
    await cards(shelf(page)).first().waitFor();
    await expect.poll(heard, PATIENT).toBe(2);
    expect(await page.locator("affiche-shelf iframe").count()).toBe(1);
    await run((element) => {
      const section = document.body.appendChild(document.createElement("section"));
      section.append(element);
    });
    await cards(shelf(page)).first().waitFor();
    await expect.poll(heard, PATIENT).toBe(3);
    // A move that keeps state keeps the frame.
    const moved = await run((element) => {
      const body = document.body as unknown as { moveBefore?(node: Node, before: null): void };
      body.moveBefore?.(element, null);
    });
    expect(moved).toBeUndefined();
    await page.waitForTimeout(500);
    expect(await heard()).toBe(3);
    expect(await cards(shelf(page)).count()).toBe(12);
  });

  test("takes the host's colours and lengths, and again when asked", async () => {
    const page = await visit();
    const look = "--affiche-background:#102a2b;--affiche-text:#e4efec;--affiche-card:120px;--affiche-radius:9px";
    await page.goto(hostPage(sites.library, `<affiche-shelf kind="film"></affiche-shelf>`));
    const frame = shelf(page);
    await cards(frame).first().waitFor();
    const seen = () =>
      evaluateIn<string[]>(
        frame,
        `(() => {
          const cover = document.querySelector("affiche-cover");
          return [getComputedStyle(document.body).backgroundColor, cover.offsetWidth + "px",
            getComputedStyle(cover).borderRadius, getComputedStyle(document.body).colorScheme];
        })()`,
      );
    expect(await seen()).toEqual(["rgb(249, 246, 241)", "176px", "3px", "light dark"]);
    const dress = (style: string) =>
      page.locator("affiche-shelf").evaluate((element, text) => {
        (element as HTMLElement).style.cssText = text;
      }, style);
    await dress(look);
    await expect.poll(seen, PATIENT).toEqual(["rgb(16, 42, 43)", "120px", "9px", "dark"]);
    // A text that could not be read, an address, a variable, a length out of range: as if not said.
    for (const bad of [
      "--affiche-background:#fff;--affiche-text:#eee",
      "--affiche-background:url(https://example.org/x);--affiche-text:#000",
      "--affiche-background:transparent;--affiche-text:#000",
      "--affiche-card:9999px;--affiche-radius:-4px",
    ]) {
      await dress(look);
      await expect.poll(async () => (await seen())[1], PATIENT).toBe("120px");
      await dress(bad);
      await expect.poll(seen, PATIENT).toEqual(["rgb(249, 246, 241)", "176px", "3px", "light dark"]);
    }
    await dress("");
    await page.evaluate(() => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync("affiche-shelf { --affiche-card: 140px; }");
      document.adoptedStyleSheets = [sheet];
    });
    await page.locator("affiche-shelf").evaluate((element) => (element as unknown as { refresh(): void }).refresh());
    await expect.poll(async () => (await seen())[1], PATIENT).toBe("140px");
  });

  test.each([
    ["light", 1280],
    ["dark", 390],
  ] as const)("%s, %i px: axe finds nothing in the shelf and in an offer", async (colorScheme, width) => {
    const page = await visit({ colorScheme, viewport: { width, height: 900 }, bypassCSP: true });
    await page.context().addInitScript({ content: AXE });
    const frame = await openHost(page, sites.library, `item="${VERNE}" select locale="en"`);
    const violations = () =>
      evaluateIn<string[]>(
        frame,
        // A frame is a part of its host's page, whose first heading is not ours.
        "axe.run({ rules: { 'page-has-heading-one': { enabled: false } } }).then(({ violations }) => violations.map(({ id, nodes }) => id + ' ' + nodes.map(({ html }) => html)))",
      );
    expect(await violations()).toEqual([]);
    await cards(frame).first().click();
    await frame.locator(".offer-panel").waitFor();
    expect(await violations()).toEqual([]);
  });

  test("a page that demands COEP can show it", async () => {
    const page = await visit();
    await openHost(page, sites.library, `kind="film"`, true);
    expect(await page.evaluate(() => performance.getEntriesByType("resource").length)).toBeGreaterThan(0);
    expect((await records(page)).told).toEqual([{ type: "affiche-ready", detail: {} }]);
  });

  test("a site that is no partner is shown nothing, and told so", async () => {
    const page = await visit();
    await page.goto(hostPage(sites.stranger, `<affiche-shelf kind="film"></affiche-shelf>`));
    await expect
      .poll(async () => (await records(page)).told, PATIENT)
      .toEqual([
        {
          type: "affiche-error",
          detail: { code: "FRAME_SILENT", message: expect.stringContaining("partners.json") as string },
        },
      ]);
    expect(await heightOf(page)).toBe(0);
    expect(takeComplaints().join()).toMatch(/frame-ancestors/u);
  });

  test("opened by itself it says what it is and leads to the app", async () => {
    const page = await visit();
    await page.goto(`${sites.app}/embed.html`);
    await page.getByRole("link", { name: "Open Affiche" }).click();
    await expect.poll(() => page.url(), PATIENT).toBe(`${sites.app}/`);
  });
});

describe("what the person does", () => {
  test("an offer opens inside the frame, at the same height, and leaves the browser's history alone", async () => {
    const page = await visit();
    const frame = await openHost(page, sites.library, `item="${VERNE}"`);
    const [height, entries] = [await heightOf(page), await page.evaluate(() => window.history.length)];
    const [first] = await itemsOf(frame);
    await cards(frame).first().click();
    const panel = frame.locator(".offer-panel");
    expect(await panel.getAttribute("data-offer-id")).toBe(first);
    await panel.locator('[data-verdict="favourite"]').click();
    await expect
      .poll(() => panel.locator('[data-verdict="favourite"]').getAttribute("aria-disabled"), PATIENT)
      .toBe("true");
    await frame.getByRole("button", { name: "Undo" }).click();
    await expect
      .poll(() => panel.locator('[data-verdict="favourite"]').getAttribute("aria-disabled"), PATIENT)
      .toBe("false");
    expect((await history(frame)).map(({ event, itemId }) => [event, itemId])).toEqual([["click", first]]);
    expect(await heightOf(page)).toBe(height);
    await panel.getByRole("button", { name: "Back" }).click();
    await expect.poll(() => panel.count(), PATIENT).toBe(0);
    expect(await evaluateIn(frame, "document.activeElement.matches('a[data-item-id]')")).toBe(true);
    await expect.poll(() => itemsOf(frame), PATIENT).not.toContain(first);
    // Escape closes as well; a middle click opens here too, for no window may be opened.
    await cards(frame).first().click({ button: "middle" });
    await panel.waitFor();
    await page.keyboard.press("Escape");
    await expect.poll(() => panel.count(), PATIENT).toBe(0);
    expect([await heightOf(page), await page.evaluate(() => window.history.length)]).toEqual([height, entries]);
    expect(page.context().pages()).toHaveLength(1);
  });

  test("each partner is a profile of its own; what was set aside stays away in it", async () => {
    const page = await visit();
    let library = await openHost(page, sites.library, `kind="film"`);
    const [unwanted, ...others] = await itemsOf(library);
    expect(await evaluateIn(library, "isSecureContext")).toBe(true);
    await say(library, unwanted!, "dismiss");
    await expect.poll(() => itemsOf(library), PATIENT).not.toContain(unwanted);
    for (const id of others.slice(0, 3)) {
      await library.locator(`[data-item-id="${id}"]`).click();
      await library.locator(".offer-panel .link").click();
      await expect.poll(() => itemsOf(library), PATIENT).not.toContain(id);
    }
    const cinemaPage = await newPage(page.context());
    const cinema = await openHost(cinemaPage, sites.cinema, `kind="film"`);
    expect(await itemsOf(cinema)).toEqual(expect.arrayContaining([unwanted]));
    expect(await history(cinema)).toEqual([]);
    await page.reload();
    library = shelf(page);
    await cards(library).first().waitFor();
    expect(await history(library)).toHaveLength(4);
    expect(await itemsOf(library)).not.toContain(unwanted);
  });

  test("two shelves of one page are one profile", async () => {
    const page = await visit();
    await page.goto(
      hostPage(sites.library, `<affiche-shelf kind="film"></affiche-shelf><affiche-shelf kind="film"></affiche-shelf>`),
    );
    await Promise.all([0, 1].map((at) => cards(shelf(page, at)).first().waitFor()));
    const [unwanted] = await itemsOf(shelf(page, 0));
    await say(shelf(page, 0), unwanted!, "dismiss");
    await expect.poll(() => itemsOf(shelf(page, 1)), PATIENT).not.toContain(unwanted);
    expect(await history(shelf(page, 1))).toMatchObject([{ event: "dismiss", itemId: unwanted }]);
  });

  test("the app's own data is neither seen nor touched", async () => {
    const page = await visit();
    await page.goto(sites.app);
    await page.locator("[data-shelf] [data-item-id]").first().click();
    await page.locator('.offer-actions [data-verdict="favourite"]').click();
    await page.locator(".toast").waitFor();
    await page.evaluate(() => localStorage.setItem("affiche-probe", "first-party"));
    await page.goto("about:blank");
    const dump = async () => {
      const own = await newPage(page.context());
      // By itself it starts no engine.
      await own.goto(`${sites.app}/embed.html`);
      const text = await own.evaluate(DUMP);
      await own.close();
      return text;
    };
    // The app's service worker may still be keeping its release.
    let before = await dump();
    await expect
      .poll(
        async () => {
          const earlier = before;
          before = await dump();
          return JSON.stringify(before) === JSON.stringify(earlier);
        },
        { timeout: 40_000, interval: 2_000 },
      )
      .toBe(true);
    expect(JSON.stringify(before)).toContain("first-party");
    expect(JSON.stringify(before)).toContain("favourite");
    const frame = await openHost(page, sites.library, `item="${VERNE}"`);
    expect(await evaluateIn(frame, 'localStorage.getItem("affiche-probe")')).toBe(null);
    expect(await history(frame)).toEqual([]);
    await cards(frame).first().click();
    await frame.locator('.offer-panel [data-verdict="dismiss"]').click();
    await frame.locator(".toast").waitFor();
    expect(await evaluateIn(frame, "navigator.serviceWorker.getRegistrations().then((all) => all.length)")).toBe(0);
    await page.goto("about:blank");
    expect(await dump()).toEqual(before);
  });

  /** Every database, local store and cache of the origin, as text where it can be compared. */
  const DUMP = `(async () => {
    const request = (one) => new Promise((resolve, reject) => {
      one.onsuccess = () => resolve(one.result);
      one.onerror = () => reject(one.error);
    });
    const digest = async (value) => {
      const text = JSON.stringify(value, (key, part) =>
        part instanceof ArrayBuffer ? [...new Uint8Array(part)] : ArrayBuffer.isView(part) ? [...part] : part);
      if (text.length < 10_000) return text;
      const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
      return text.length + " " + new Uint8Array(hash).join();
    };
    const dumped = { local: { ...localStorage }, caches: {}, databases: {} };
    for (const { name } of await indexedDB.databases()) {
      const database = await request(indexedDB.open(name));
      for (const store of database.objectStoreNames) {
        const objects = database.transaction(store).objectStore(store);
        dumped.databases[name + "/" + store] = [await digest(await request(objects.getAllKeys())),
          await digest(await request(database.transaction(store).objectStore(store).getAll()))];
      }
      database.close();
    }
    for (const name of await caches.keys()) {
      dumped.caches[name] = (await (await caches.open(name)).keys()).map(({ url }) => url);
    }
    return dumped;
  })()`;
});

describe("what the host learns", () => {
  /** A whole session with one taste. @returns heights as they were told, and the requests to Affiche's site */
  async function session(attributes: string, taste: "like" | "dismiss") {
    const page = await visit();
    const requests: string[] = [];
    page.context().on("request", (request) => {
      if (request.url().startsWith(sites.app)) requests.push(`${request.method()} ${request.url()}`);
    });
    const frame = await openHost(page, sites.library, attributes);
    const measured = [await heightOf(page)];
    const told = new Set<string>();
    for (let step = 0; step < 3; step++) {
      const ids = await itemsOf(frame);
      const id = taste === "like" ? ids[0]! : ids.at(-1)!;
      told.add(id);
      await say(frame, id, taste === "like" ? "favourite" : "dismiss");
      measured.push(await heightOf(page));
      await frame.locator(".toast-close").click();
      const opened = (await itemsOf(frame)).filter((one) => !told.has(one)).at(taste === "like" ? 0 : -1)!;
      await frame.locator(`[data-item-id="${opened}"]`).click();
      await frame.locator(".offer-panel").waitFor();
      measured.push(await heightOf(page));
      await frame.locator(`.offer-panel [data-verdict="${taste === "like" ? "booking" : "dismiss"}"]`).click();
      await frame.locator(".toast").waitFor();
      await frame.locator(".offer-panel .link").click();
      await expect.poll(() => itemsOf(frame), PATIENT).not.toContain(opened);
      await frame.locator(".toast-close").click();
    }
    await page.reload();
    await cards(shelf(page)).first().waitFor();
    await page.waitForTimeout(300);
    const shown = await itemsOf(shelf(page));
    return { page, requests, measured, shown, ...(await records(page)) };
  }

  test("two opposite histories give the same heights, messages and requests", async () => {
    const fond = await session(`kind="book"`, "like");
    const cross = await session(`kind="book"`, "dismiss");
    expect(fond.shown).not.toEqual(cross.shown);
    for (const one of [fond, cross]) {
      expect(new Set(one.measured).size).toBe(1);
      expect(one.heard.map(({ type }) => type).toSorted()).toEqual(["height", "ready"]);
      expect(one.told).toEqual([{ type: "affiche-ready", detail: {} }]);
      expect(JSON.stringify(one.heard)).not.toMatch(/book-|film-|history|score|because/u);
    }
    expect(fond.heard).toEqual(cross.heard);
    expect(fond.measured).toEqual(cross.measured);
    expect(fond.requests.toSorted()).toEqual(cross.requests.toSorted());
    expect(fond.requests.length).toBeGreaterThan(10);
    for (const request of fond.requests) expect(new URL(request.split(" ")[1]!).search).toBe("");
  });

  test("which offer was opened, only where the host asked and the shelf says so", async () => {
    const page = await visit();
    const frame = await openHost(page, sites.library, `item="${VERNE}" select locale="en"`);
    const host = new URL(sites.library).host;
    expect(await frame.locator(".select-notice").innerText()).toBe(`Opening an offer tells ${host} which one.`);
    const [first, second] = await itemsOf(frame);
    await cards(frame).first().click();
    await frame.locator('.offer-panel [data-verdict="favourite"]').click();
    await frame.locator(".toast").waitFor();
    const title = await frame.locator(".offer-panel h2").innerText();
    const selections = async () => (await records(page)).told.filter(({ type }) => type === "affiche-select");
    await expect
      .poll(selections, PATIENT)
      .toEqual([{ type: "affiche-select", detail: { itemId: first, title, url: "" } }]);
    // Without it, a new frame: the notice goes, and so does the message.
    await page.locator("affiche-shelf").evaluate((element) => element.removeAttribute("select"));
    await expect.poll(() => shelf(page).locator(".select-notice").count(), PATIENT).toBe(0);
    await shelf(page).locator(`[data-item-id="${second}"]`).click();
    await shelf(page).locator(".offer-panel").waitFor();
    await page.waitForTimeout(300);
    expect(await selections()).toHaveLength(1);
  });
});

describe("a hostile host", () => {
  const CONNECT = { type: "affiche-connect", version: 1, select: false };
  const SETTINGS = { type: "settings", item: null, kind: "film", limit: 5, locale: "en", theme: "auto", look: {} };

  /** A page with a frame of its own making, and what it hears by any way. */
  async function hostile(host: string, app = sites.app): Promise<{ page: Page; frame: FrameLocator }> {
    const page = await visit();
    await page.goto(hostPage(host, "<iframe hidden></iframe>", false, app));
    await page.evaluate(async (url) => {
      const { heard } = window as unknown as HostWindow;
      addEventListener("message", ({ data }) => heard.push(data));
      const frame = document.createElement("iframe");
      frame.setAttribute("sandbox", "allow-scripts allow-same-origin");
      frame.id = "shelf";
      frame.width = "900";
      frame.height = "500";
      frame.src = url;
      const loaded = new Promise((resolve) => frame.addEventListener("load", resolve));
      document.body.append(frame);
      await loaded;
    }, `${app}/embed.html`);
    return { page, frame: page.locator("#shelf").contentFrame() };
  }

  /** Posts to the frame's window, with as many ports; settings follow over each of them. */
  const knock = (page: Page, data: unknown, ports = 1): Promise<void> =>
    page.evaluate(
      ([message, count, settings]) => {
        const channels = Array.from({ length: count as number }, () => new MessageChannel());
        for (const { port1 } of channels) {
          port1.start();
          port1.postMessage(settings);
        }
        const { contentWindow } = document.querySelector<HTMLIFrameElement>("#shelf")!;
        contentWindow!.postMessage(
          message,
          "*",
          channels.map(({ port2 }) => port2),
        );
      },
      [data, ports, SETTINGS] as const,
    );
  const heardOn = async (page: Page) => (await records(page)).heard;

  test("of another origin is not heard, even where headers let it frame the page", async () => {
    const { page, frame } = await hostile(sites.stranger, sites.careless);
    await knock(page, CONNECT);
    await page.waitForTimeout(1_000);
    expect(await heardOn(page)).toEqual([]);
    expect(await frame.locator("affiche-embed").count()).toBe(0);
  });

  test("another window of a partner's is not heard", async () => {
    const { page, frame } = await hostile(sites.library);
    await page.evaluate(() => {
      const { port1, port2 } = new MessageChannel();
      port1.start();
      (window as unknown as { port2: MessagePort }).port2 = port2;
    });
    const sibling = page.frames().find((one) => one !== page.mainFrame() && !one.url().startsWith(sites.app))!;
    await sibling.evaluate((message) => {
      const { port2 } = window.parent as unknown as { port2: MessagePort };
      window.parent.document
        .querySelector<HTMLIFrameElement>("#shelf")!
        .contentWindow!.postMessage(message, "*", [port2]);
    }, CONNECT);
    await page.waitForTimeout(1_000);
    expect(await frame.locator("affiche-embed").count()).toBe(0);
    // The same words from the page itself are heard.
    await knock(page, CONNECT);
    await frame.locator("affiche-embed").waitFor();
  });

  test("connects once, with one port and the right words", async () => {
    const { page, frame } = await hostile(sites.library);
    await knock(page, CONNECT, 0);
    await knock(page, CONNECT, 2);
    for (const bad of [null, "affiche-connect", 1, [CONNECT], { ...CONNECT, version: 2 }, { ...CONNECT, extra: 1 }]) {
      await knock(page, bad);
    }
    await knock(page, { type: "affiche-connect", version: 1 });
    await page.waitForTimeout(1_000);
    expect(await heardOn(page)).toEqual([]);
    expect(await frame.locator("affiche-embed").count()).toBe(0);
    await knock(page, CONNECT);
    await cards(frame).first().waitFor();
    await expect.poll(async () => (await heardOn(page)).length, PATIENT).toBe(2);
    await knock(page, { ...CONNECT, select: true });
    await page.waitForTimeout(500);
    expect((await heardOn(page)).map(({ type }) => type).toSorted()).toEqual(["height", "ready"]);
    expect(await frame.locator("affiche-embed, .select-notice").count()).toBe(1);
  });

  test("has no effect with thousands of malformed messages", async () => {
    const { page, frame } = await hostile(sites.library);
    await knock(page, CONNECT);
    await cards(frame).first().waitFor();
    await expect.poll(async () => (await heardOn(page)).length, PATIENT).toBe(2);
    const before = { items: await itemsOf(frame), heard: await heardOn(page) };
    const sent = await page.evaluate(
      async ([settings, app]) => {
        // mulberry32
        let state = 20_261_122;
        const random = (): number => {
          state = (state + 0x6d2b79f5) | 0;
          let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
          mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
          return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
        };
        const pick = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)]!;
        const polluted = (): unknown =>
          JSON.parse('{"__proto__":{"type":"settings"},"constructor":{"prototype":{"a":1}}}');
        const cyclic = (): unknown => {
          const one: Record<string, unknown> = {};
          one["self"] = one;
          return one;
        };
        const evil: readonly (() => unknown)[] = [
          () => undefined,
          () => Number.NaN,
          () => -0.5,
          () => Number.POSITIVE_INFINITY,
          () => 1n,
          () => true,
          () => "",
          () => "x".repeat(300),
          () => "x".repeat(200_000),
          () => [],
          () => [null],
          () => new Date(Number.NaN),
          () => /x/u,
          () => new Map([["type", "settings"]]),
          () => new Set(),
          () => new Error("x"),
          () => new Uint8Array(64),
          polluted,
          cyclic,
        ];
        const typed = ["item", "kind", "limit", "locale", "theme", "look", "type"];
        const colours = ["accent", "background", "text", "radius", "card", "gap"];
        const bad = (): unknown => pick(evil)();
        const shapes: readonly (() => unknown)[] = [
          bad,
          () => ({ ...settings, [pick(typed)]: bad() }),
          () => ({ ...settings, [pick(["history", "record", "undo", "__proto__", "then"])]: bad() }),
          () => ({ ...settings, look: { [pick(colours)]: bad() } }),
          () => ({
            ...settings,
            look: { [pick(colours)]: pick(["red;}", "url(x)", "var(--x)", "1e9px", "expression(1)"]) },
          }),
          () => ({
            type: pick(["ready", "height", "select", "error", "record", "undo", "eraseEverything"]),
            value: bad(),
          }),
          // The words of the engine's own channel.
          () => ({ id: "1", type: "APPLY", path: ["eraseEverything"], argumentList: [] }),
          () => ({ type: "affiche-connect", version: 1, select: true, extra: bad() }),
          () => Object.assign(polluted() as object, settings, { [pick(typed)]: bad() }),
        ];
        const port = (window as unknown as HostWindow).ports[0]!;
        const { contentWindow } = document.querySelector<HTMLIFrameElement>("#shelf")!;
        for (let sent = 0; sent < 4_000; sent++) {
          const message = pick(shapes)();
          const transfer: Transferable[] =
            random() < 0.1 ? [pick([new MessageChannel().port1, new ArrayBuffer(8)])] : [];
          if (random() < 0.7) port.postMessage(message, transfer);
          else contentWindow!.postMessage(message, app as string, transfer);
          if (sent % 200 === 0) await new Promise((resolve) => setTimeout(resolve));
        }
        return 4_000;
      },
      [SETTINGS, sites.app] as const,
    );
    expect(sent).toBe(4_000);
    await page.waitForTimeout(1_000);
    expect({ items: await itemsOf(frame), heard: await heardOn(page) }).toEqual(before);
    expect(await history(frame)).toEqual([]);
    expect(await evaluateIn(frame, "document.documentElement.style.cssText + Object.keys(Object.prototype)")).toBe("");
    // And the channel still serves.
    await page.evaluate(
      (settings) => (window as unknown as HostWindow).ports[0]!.postMessage({ ...settings, kind: "museum" }),
      SETTINGS,
    );
    await expect.poll(() => heading(frame), PATIENT).toBe("Museums");
  });
});
