import "../../../src/ui/app/styles.css";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { page, userEvent } from "vitest/browser";
import { AfficheShelf } from "../../../src/ui/elements/shelf.ts";
import { Locale } from "../../../src/ui/parts/locale.ts";
import { ITEMS } from "../../support/fake-engine.ts";
import { frame, until } from "./harness.ts";

const entries = (from: number, to: number) =>
  ITEMS.slice(from, to).map((item) => ({ item, reason: { type: "popular" } as const, probabilities: null }));

let shelf: AfficheShelf;
const list = () => shelf.querySelector("ul")!;
const links = () => [...shelf.querySelectorAll<HTMLElement>("a.card")];
const buttons = () => [...shelf.querySelectorAll<HTMLElement>(".shelf-buttons button")];
const disabled = () => buttons().map((button) => button.getAttribute("aria-disabled"));
const focused = () => links().indexOf(document.activeElement as HTMLElement);

async function show(count: number, gradual = false): Promise<void> {
  shelf = new AfficheShelf();
  shelf.key = "for-you";
  shelf.heading = "Chosen for you";
  shelf.gradual = gradual;
  shelf.items = entries(0, count);
  shelf.locale = new Locale("en");
  shelf.hrefOf = (itemId) => `#page=offer&item=${itemId}`;
  document.body.append(shelf);
  await shelf.updateComplete;
  await frame();
  list().style.setProperty("scroll-behavior", "auto");
}

beforeEach(async () => {
  await page.viewport(1000, 700);
});
afterEach(() => shelf.remove());

describe("shelf", () => {
  it("is a labelled section with a list of links", async () => {
    await show(12);
    const section = shelf.querySelector("section")!;
    expect(document.getElementById(section.getAttribute("aria-labelledby")!)!.textContent).toBe("Chosen for you");
    expect(section.dataset["shelf"]).toBe("for-you");
    expect(list().getAttribute("role")).toBe("list");
    expect(list().children).toHaveLength(12);
    expect(links().map((link) => link.dataset["itemId"])).toEqual(shelf.items.map(({ item }) => item.id));
    expect(links().every((link) => link.dataset["kind"])).toBe(true);
  });

  it("says title, kind and maker once", async () => {
    await show(12);
    for (const link of links()) {
      const { title, maker } = ITEMS.find(({ id }) => id === link.dataset["itemId"])!;
      const spoken = link.cloneNode(true) as HTMLElement;
      for (const hidden of spoken.querySelectorAll("[aria-hidden=true]")) hidden.remove();
      const words = spoken.textContent;
      expect(words.split(title)).toHaveLength(2);
      expect(words.split(maker)).toHaveLength(2);
    }
  });

  it("moves with the arrow keys, Home and End", async () => {
    await show(12);
    links()[0]!.focus();
    await userEvent.keyboard("{ArrowRight}{ArrowRight}");
    expect(focused()).toBe(2);
    await userEvent.keyboard("{ArrowLeft}");
    expect(focused()).toBe(1);
    await userEvent.keyboard("{End}");
    expect(focused()).toBe(11);
    await userEvent.keyboard("{ArrowRight}");
    expect(focused()).toBe(11);
    const box = links()[11]!.getBoundingClientRect();
    expect(box.right).toBeLessThanOrEqual(innerWidth);
    await userEvent.keyboard("{Home}");
    expect(focused()).toBe(0);
  });

  it("End and the right arrow reach cards that are not drawn yet", async () => {
    for (const [key, reached] of [
      ["End", 39],
      ["ArrowRight", 1],
    ] as const) {
      await show(40, true);
      // However many cards the machine has drawn by now: no timer draws another before the key is pressed.
      shelf.drawn = 1;
      await shelf.updateComplete;
      await shelf.querySelector("affiche-card")!.updateComplete;
      const [first] = links();
      expect(links()).toHaveLength(1);
      first!.focus();
      first!.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
      await until(() => focused() === reached, `${key} did not reach its card`);
      expect(links()).toHaveLength(40);
      shelf.remove();
    }
  });

  it("its buttons are 44 px, move 0.8 of the view and are disabled at the ends", async () => {
    await show(16);
    expect(disabled()).toEqual(["true", "false"]);
    const { width, height } = buttons()[0]!.getBoundingClientRect();
    expect([width, height]).toEqual([44, 44]);
    list().style.setProperty("scroll-snap-type", "none");
    buttons()[1]!.click();
    await until(() => list().scrollLeft > 0, "the shelf did not move");
    expect(Math.abs(list().scrollLeft - 0.8 * list().clientWidth)).toBeLessThan(2);
    await until(() => disabled().join() === "false,false", "the first button stayed disabled");
    list().scrollLeft = list().scrollWidth;
    await until(() => disabled().join() === "false,true", "the end was not noticed");
  });

  it("a shelf that fits needs no buttons", async () => {
    await show(3);
    expect(buttons()).toEqual([]);
  });

  it("measures again after being detached and attached", async () => {
    await show(12);
    const parent = shelf.parentElement!;
    shelf.remove();
    await frame();
    parent.append(shelf);
    await page.viewport(2800, 700);
    await until(() => buttons().length === 0, "the width was not noticed");
    await page.viewport(600, 700);
    await until(() => disabled().join() === "true,false", "the narrow width was not noticed");
    links()[0]!.focus();
    await userEvent.keyboard("{ArrowRight}");
    expect(focused()).toBe(1);
  });

  it("keeps the focus on a card that moves, and hands it on when the card goes", async () => {
    await show(6);
    links()[2]!.focus();
    const id = links()[2]!.dataset["itemId"];
    shelf.items = [...entries(0, 6)].toReversed();
    await shelf.updateComplete;
    expect((document.activeElement as HTMLElement).dataset["itemId"]).toBe(id);
    shelf.items = shelf.items.filter(({ item }) => item.id !== id);
    await shelf.updateComplete;
    expect(focused()).toBe(3);
  });

  it("stays at its start when other items come first", async () => {
    await show(16);
    links()[0]!.focus();
    shelf.items = [...entries(20, 24), ...entries(0, 12)];
    await shelf.updateComplete;
    await frame();
    await frame();
    expect(list().scrollLeft).toBe(0);
    expect(disabled()).toEqual(["true", "false"]);
  });

  it("keeps the elements of the items that stay", async () => {
    await show(6);
    const before = links()[3];
    shelf.items = entries(2, 8);
    await shelf.updateComplete;
    expect(links()[1]).toBe(before);
  });
});
