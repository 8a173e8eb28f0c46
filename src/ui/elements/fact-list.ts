import { html } from "lit";

/** "" is unknown and left out. */
export type Fact = readonly [name: string, value: unknown];

/** Names with their values. */
export function factList(facts: readonly Fact[], className: string) {
  return html`<dl class=${className}>
    ${facts
      .filter(([, value]) => value !== "")
      .map(
        ([name, value]) =>
          html`<div>
            <dt>${name}</dt>
            <dd>${value}</dd>
          </div>`,
      )}
  </dl>`;
}
