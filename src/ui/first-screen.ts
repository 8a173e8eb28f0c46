/**
 * Runs before the first paint, ahead of the app's own script: it says to the style sheet in which
 * language and theme the first screen of index.html stands, and whether it is the home page's.
 */
import { parseRoute } from "./app/router.ts";
import { readPreferences } from "./parts/preferences.ts";

const { language, theme } = readPreferences();
document.documentElement.lang = language;
document.documentElement.dataset["theme"] = theme;
document.documentElement.dataset["first"] = parseRoute(location.hash).page.name;
