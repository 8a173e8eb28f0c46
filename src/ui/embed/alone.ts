import { html, render } from "lit";
import { Locale } from "../parts/locale.ts";
import { readPreferences } from "../parts/preferences.ts";

/** What embed.html is, for who opened it in a window of its own. */
export function alone(): void {
  const { language, theme } = readPreferences();
  const { t } = new Locale(language);
  document.documentElement.lang = language;
  document.documentElement.dataset["theme"] = theme;
  render(
    html`<main class="alone">
      <p>${t.embedAlone}</p>
      <p><a href="./">${t.embedApp}</a></p>
    </main>`,
    document.body,
  );
}
