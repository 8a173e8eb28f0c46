import { LitElement } from "lit";

/**
 * An element without a shadow root: headings, labels and the style sheet reach its content, and the
 * strict `style-src 'self'` needs no exception.
 */
export class LightElement extends LitElement {
  protected override createRenderRoot(): HTMLElement {
    return this;
  }
}

/** Defines an element once, also where a module is evaluated twice. */
export function define(name: string, element: CustomElementConstructor): void {
  if (customElements.get(name) === undefined) customElements.define(name, element);
}
