/** The script inside a page by parts: a history typed by hand, and its page by the towers that the page embeds. */
import { pageByParts } from "../page-by-parts.ts";
import { decodeParted } from "../parted-file.ts";
import type { EmbeddedTowers } from "../parted-report.ts";
import { TitleIndex } from "../titles.ts";
import { historyView, pageView } from "../view.ts";
import type { Drawn } from "../view.ts";

/** Options offered at a time: a list of all titles is slow to open. */
const OFFERED = 20;

const one = (id: string): HTMLElement => document.querySelector<HTMLElement>(`#${id}`)!;

function nodeOf({ tag, attributes, children }: Drawn): HTMLElement {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children.map((child) => (typeof child === "string" ? child : nodeOf(child))));
  return node;
}

const embedded = JSON.parse(one("towers").textContent) as EmbeddedTowers;
const towers = decodeParted(Uint8Array.from(atob(embedded.towers), (letter) => letter.charCodeAt(0)));
const index = new TitleIndex(embedded.items, towers.popularity);
const input = document.querySelector<HTMLInputElement>("#title")!;
const status = one("status");
let history: readonly number[] = embedded.history;

function draw(): void {
  const page = pageByParts(towers, history, embedded.places);
  history = page.history;
  one("history").replaceChildren(nodeOf(historyView(history, index.labels, true)));
  one("page").replaceChildren(...pageView(page, index.labels).map(nodeOf));
}

function offer(): void {
  const options = index.matching(input.value, OFFERED).map((row) => {
    const option = document.createElement("option");
    option.value = index.labels[row]!;
    return option;
  });
  one("titles").replaceChildren(...options);
}

one("add").addEventListener("submit", (event) => {
  event.preventDefault();
  const found = index.find(input.value);
  if (found.row === null) {
    const near = found.candidates.map((row) => index.labels[row]!).join(", ");
    status.textContent = `${found.reason === "unknown" ? "No such title" : "More than one"}. Perhaps: ${near}`;
    return;
  }
  const again = history.includes(found.row);
  const known = towers.popularity[found.row]! > 0;
  status.textContent = known ? "" : "Nobody in training has this title: it changes little.";
  if (again) status.textContent = "Now the newest.";
  history = [...history, found.row];
  input.value = "";
  offer();
  draw();
});
input.addEventListener("input", offer);
one("history").addEventListener("click", ({ target }) => {
  const row = (target as HTMLElement).dataset["row"];
  if (row === undefined) return;
  history = history.filter((other) => other !== Number(row));
  status.textContent = `${index.labels[Number(row)]!} is removed.`;
  draw();
  input.focus();
});
offer();
draw();
