import { defineConfig } from "vite";
import { firstScreenPlugin } from "./scripts/site/first-screen-plugin.ts";
import { sitePlugin } from "./scripts/site/site-plugin.ts";

export default defineConfig({
  // Relative addresses: the folder can be served from any path.
  base: "./",
  plugins: [firstScreenPlugin(), sitePlugin()],
  build: {
    target: "es2023",
    // The policy allows no data: address.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: { main: "index.html", embed: "embed.html" } },
    // tfjs-core and its WebGPU backend; loaded by the worker, never by the page.
    chunkSizeWarningLimit: 800,
  },
  worker: { format: "es" },
  server: { port: 5173, strictPort: true },
});
