/** Hands the person a file that was made here. */
export function downloadJson(name: string, content: unknown): void {
  const url = URL.createObjectURL(new Blob([JSON.stringify(content, null, 2)], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The download holds the bytes itself once the click has been handled.
  setTimeout(() => URL.revokeObjectURL(url));
}
