import "../app/styles.css";
import "./embed.css";
import { partners } from "../../../partners.json";
import { EngineClient } from "../client.ts";
import type { Spawn } from "../engine-worker.ts";
import { loadFonts } from "../parts/fonts.ts";
import { alone } from "./alone.ts";
import { AfficheEmbed } from "./affiche-embed.ts";
import { rememberedSpawn } from "./profile.ts";
import { awaitHost } from "./protocol.ts";
import type { HostChannel } from "./protocol.ts";

/** An engine of its own for each profile. */
function startClient(spawn: Spawn): EngineClient {
  const client = new EngineClient(spawn);
  client.start({
    bundleName: document.querySelector<HTMLMetaElement>('meta[name="affiche-bundle"]')?.content ?? "demo",
    modelsUrl: new URL("models/", document.baseURI).href,
    backend: null,
    retrieval: null,
  });
  return client;
}

async function show(channel: HostChannel): Promise<void> {
  const { own, spawn } = await rememberedSpawn();
  const embed = new AfficheEmbed();
  embed.startClient = startClient;
  embed.client = startClient(spawn);
  embed.own = own;
  embed.channel = channel;
  document.body.append(embed);
  loadFonts();
}

if (window.parent === window) alone();
else awaitHost(partners, (channel) => void show(channel));
