/** One HTML file that opens offline: nothing from elsewhere, whole or not at all. */
import { createHash } from "node:crypto";
import { access, constants, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { EngineError } from "../../../src/model/errors.ts";
import { html, Markup } from "./markup.ts";

const STYLE = new URL("report.css", import.meta.url);
const FONT = new URL(
  "../../../node_modules/@fontsource-variable/bricolage-grotesque/files/bricolage-grotesque-latin-wdth-normal.woff2",
  import.meta.url,
);
/** Nothing may be loaded but the style and the font inside; a title that got past the escaping could run nothing. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; font-src data:; base-uri 'none'; form-action 'none'";

export interface HtmlPage {
  readonly title: string;
  /** Trusted: it is put in as it is. */
  readonly style: string;
  readonly body: Markup;
  /** Trusted; the only script that the page may run. None: it runs nothing. */
  readonly script?: string;
}

export function htmlPage({ title, style, body, script }: HtmlPage): string {
  // The one thing that ends a script early; within JavaScript the two are the same.
  const code = script?.replaceAll("</script", String.raw`<\/script`);
  const policy =
    code === undefined
      ? POLICY
      : `${POLICY}; script-src 'sha256-${createHash("sha256").update(code).digest("base64")}'`;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="no-referrer" />
        <title>${title}</title>
        <style>
          ${new Markup(style)}
        </style>
      </head>
      <body>
        ${body}${code === undefined ? null : new Markup(`<script>${code}</script>`)}
      </body>
    </html> `.text;
}

/** The style of all pages, its font inside. */
export async function pageStyle(): Promise<string> {
  const [style, font] = await Promise.all([readFile(STYLE, "utf8"), readFile(FONT, "base64")]);
  return style.replace("FONT", `data:font/woff2;base64,${font}`);
}

/** Before hours of fitting: whether a page can be written there. @throws OUTPUT_FAILED */
export async function checkHtmlPath(path: string): Promise<void> {
  await access(dirname(path), constants.W_OK).catch((cause: unknown) => {
    throw outputFailed(path, cause);
  });
}

/** Whole or not at all. @throws OUTPUT_FAILED */
export async function writePage(path: string, page: string): Promise<void> {
  const part = `${path}.part`;
  try {
    await writeFile(part, page);
    await rename(part, path);
  } catch (cause) {
    await rm(part, { force: true });
    throw outputFailed(path, cause);
  }
}

const outputFailed = (path: string, cause: unknown): EngineError =>
  new EngineError("OUTPUT_FAILED", { path, reason: (cause as NodeJS.ErrnoException).code ?? String(cause) }, cause);
