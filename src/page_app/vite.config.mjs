// How app/ becomes files: one script, one style sheet, one font. What the browser may not do is said by the
// server's content security policy; nothing here needs an inline script or another host.
import { fileURLToPath } from "node:url";

export default {
  root: fileURLToPath(new URL("app/", import.meta.url)),
  base: "/",
  logLevel: "warn",
  clearScreen: false,
  publicDir: false,
  esbuild: { jsx: "automatic", jsxImportSource: "preact", legalComments: "none" },
  build: {
    // light-dark() and container queries: Chromium 123, Firefox 120, Safari 17.5.
    target: "es2022",
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    // The polyfill would be a second script for browsers that are too old for the styles.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    emptyOutDir: true,
  },
};
