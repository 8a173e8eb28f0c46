import "./app/styles.css";
import { AfficheApp } from "./app/affiche-app.ts";
import { parseRoute } from "./app/router.ts";
import { EngineClient, engineSpawner } from "./client.ts";
import { loadFonts } from "./parts/fonts.ts";

const { bundle, device } = parseRoute(location.hash);
const fallback = document.querySelector<HTMLMetaElement>('meta[name="affiche-bundle"]')?.content;

const client = new EngineClient(engineSpawner());
client.start({
  bundleName: bundle ?? fallback ?? "demo",
  modelsUrl: new URL("models/", document.baseURI).href,
  backend: device,
});

const app = new AfficheApp();
app.client = client;
document.body.append(app);
loadFonts();
