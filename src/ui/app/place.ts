/** Reads and restores where the person was on a page. */
import type { Place } from "./router.ts";

const shelfLists = (root: HTMLElement): (readonly [string, HTMLElement])[] =>
  [...root.querySelectorAll<HTMLElement>("[data-shelf]")].map(
    (shelf) => [shelf.dataset["shelf"]!, shelf.querySelector<HTMLElement>("ul")!] as const,
  );

export function readPlace(root: HTMLElement): Place {
  return {
    scrollY: window.scrollY,
    anchor: window.scrollY === 0 ? null : anchorOf(root),
    shelves: Object.fromEntries(shelfLists(root).map(([key, list]) => [key, list.scrollLeft])),
    focus: focusedCard(root),
  };
}

/** The shelf that the person looks at: the one with the focus, else the one nearest to the middle of the view. */
function anchorOf(root: HTMLElement): Place["anchor"] {
  const shelves = shelfLists(root).map(([key, list]) => {
    const { top, bottom } = list.getBoundingClientRect();
    const seen = bottom > 0 && top < innerHeight;
    const distance = list.matches(":focus-within") && seen ? 0 : 1 + Math.abs(top + bottom - innerHeight);
    return { key, top, distance };
  });
  const [nearest] = shelves.toSorted((one, two) => one.distance - two.distance);
  return nearest ?? null;
}

/** Only cards are found again: everything else is at hand anyway. */
function focusedCard(root: HTMLElement): string | null {
  const card = document.activeElement?.closest("affiche-card")?.querySelector<HTMLElement>("[data-item-id]");
  if (!card || !root.contains(card)) return null;
  const shelf = card.closest<HTMLElement>("[data-shelf]")?.dataset["shelf"];
  const within = shelf === undefined ? "" : `[data-shelf="${CSS.escape(shelf)}"] `;
  return `${within}[data-item-id="${CSS.escape(card.dataset["itemId"]!)}"]`;
}

export function restorePlace(root: HTMLElement, { scrollY, anchor, shelves, focus }: Place): void {
  for (const [key, list] of shelfLists(root)) list.scrollTo({ left: shelves[key] ?? 0, behavior: "instant" });
  if (focus !== null) root.querySelector<HTMLElement>(focus)?.focus({ preventScroll: true });
  window.scrollTo({ top: scrollY, behavior: "instant" });
  const shelf = shelfLists(root).find(([key]) => key === anchor?.key)?.[1];
  if (shelf === undefined) return;
  window.scrollBy({ top: shelf.getBoundingClientRect().top - anchor!.top, behavior: "instant" });
}
