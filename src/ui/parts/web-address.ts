/** A catalogue is input: an address of the web, else "". */
export function webAddress(url: string): string {
  return URL.canParse(url) && ["http:", "https:"].includes(new URL(url).protocol) ? url : "";
}
