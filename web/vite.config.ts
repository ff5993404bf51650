import { gzipSync } from "node:zlib";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

/** All scripts together, gzipped: what a phone on a slow line can still open within a second. */
const MAX_SCRIPT_BYTES = 200 * 1024;

/** Says how large the page has become, and refuses to build one that is too large. */
function budget(): Plugin {
  return {
    name: "budget",
    generateBundle(_options, bundle) {
      const scripts = Object.values(bundle).filter((file) => file.type === "chunk");
      const bytes = scripts.reduce((sum, { code }) => sum + gzipSync(code).length, 0);
      const size = `${(bytes / 1024).toFixed(1)} KB of ${MAX_SCRIPT_BYTES / 1024} KB`;
      if (bytes > MAX_SCRIPT_BYTES) this.error(`the page's script is too large: ${size} gzipped`);
      console.log(`script, gzipped: ${size}`);
    },
  };
}

export default defineConfig({
  root: import.meta.dirname,
  base: "/dashboard/",
  plugins: [react(), budget()],
  build: {
    outDir: "dist",
    emptyOutDir: true,
    // The policy of the page allows no inline data but images.
    assetsInlineLimit: 0,
    modulePreload: false,
  },
});
