/// <reference lib="dom" />
/** Short hands for the document. */

/** The element of the page with this id. */
export const byId = (id: string): HTMLElement => document.getElementById(id)!;
export const inputOf = (id: string): HTMLInputElement => byId(id) as HTMLInputElement;
export const buttonOf = (id: string): HTMLButtonElement => byId(id) as HTMLButtonElement;
export const canvasOf = (id: string): HTMLCanvasElement => byId(id) as HTMLCanvasElement;

/** Sets an element's text, unless it is unchanged: then no layout is needed. */
export function setText(id: string, text: string): void {
  const element = byId(id);
  if (element.textContent !== text) element.textContent = text;
}

/** An element with text or children. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  element.append(...children);
  return element;
}
