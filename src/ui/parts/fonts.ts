/**
 * Loads every face of every subset at the start, always. A face that the browser fetched only when a
 * character or a family first appears would tell the server what stands on the page.
 */
export function loadFonts(): void {
  // A face that does not arrive leaves the system's fonts; nothing waits for it.
  for (const face of document.fonts) face.load().catch(() => {});
}
