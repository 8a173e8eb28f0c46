import "./app/styles.css";
import { AfficheApp } from "./app/affiche-app.ts";
import { Installation } from "./app/installation.ts";
import { Releases } from "./app/releases.ts";
import { parseRoute } from "./app/router.ts";
import { EngineClient } from "./client.ts";
import { engineSpawner } from "./engine-worker.ts";
import { loadFonts } from "./parts/fonts.ts";
import { readPreferences } from "./parts/preferences.ts";

const { bundle, device, retrieval } = parseRoute(location.hash);
const fallback = document.querySelector<HTMLMetaElement>('meta[name="affiche-bundle"]')?.content;

const client = new EngineClient(engineSpawner());
client.start({
  bundleName: bundle ?? fallback ?? "demo",
  modelsUrl: new URL("models/", document.baseURI).href,
  backend: device,
  retrieval: retrieval ?? readPreferences().retrieval,
});

afterPaint(() => {
  const app = new AfficheApp();
  app.client = client;
  // Not in development, where there is no service worker, and not in a frame.
  const kept = import.meta.env.PROD && window.top === window;
  app.releases = new Releases(kept ? navigator.serviceWorker : undefined, () => location.reload());
  app.installation = new Installation();
  document.body.append(app);
  void app.updateComplete.then(() => document.querySelector("#first")?.remove());
  setTimeout(loadFonts);
});

/** Lets the first screen of index.html be seen, and a tap on it be answered, before the app is drawn. */
function afterPaint(act: () => void): void {
  if (document.visibilityState === "hidden") act();
  else requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(act)));
}
