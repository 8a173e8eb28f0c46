import { defineConfig } from "vite";

export default defineConfig({
  // Relative addresses: the folder can be served from any path.
  base: "./",
  build: {
    target: "es2023",
    // The policy allows no data: address.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // tfjs-core and its WebGPU backend; loaded by the worker, never by the page.
    chunkSizeWarningLimit: 800,
  },
  worker: { format: "es" },
  server: { port: 5173, strictPort: true },
});
