import { createHash } from "node:crypto";
import { pageHeaders } from "../../core/answer-headers.ts";
import type { Endpoint } from "../call.ts";

/**
 * The page takes the key out of the address bar and keeps it for the tab, so a reload comes without: this hands it on again,
 * once. An address with a key in it that was refused carries a wrong one, which is forgotten, and stays in no history.
 */
const SCRIPT = `const given = new URLSearchParams(location.search).has("api_key");
const kept = sessionStorage.getItem("api_key");
if (given) sessionStorage.removeItem("api_key");
if (location.search) history.replaceState(null, "", "/dashboard" + location.hash);
else if (kept) location.replace("/dashboard?api_key=" + encodeURIComponent(kept) + location.hash);
if (given) document.getElementById("wrong").hidden = false;`;

const STYLE = `:root { color-scheme: light dark; font: 14px/1.5 system-ui, sans-serif; }
body { display: grid; place-items: center; min-height: 90vh; margin: 0; background: light-dark(#fbfbf9, #131514); color: light-dark(#1b1e1d, #e4e7e5); }
form { display: grid; gap: 12px; width: min(22rem, 90vw); }
h1 { margin: 0; font-size: 18px; }
p { margin: 0; color: light-dark(#59605d, #9aa39f); }
#wrong { color: light-dark(#b3261e, #ff8a7d); }
label { display: grid; gap: 4px; }
input, button { font: inherit; padding: 6px 10px; border: 1px solid light-dark(#8a918d, #6a736f); border-radius: 4px; }
button { background: light-dark(#0b6e6a, #4cc9bd); color: light-dark(#fff, #06201e); cursor: pointer; }`;

const HTML = Buffer.from(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sign in · router</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<form method="get" action="/dashboard">
<h1>opensourcellmrouter</h1>
<p id="wrong" role="alert" hidden>That key was not right.</p>
<label>The router's key
<input type="password" name="api_key" required autofocus autocomplete="current-password"></label>
<button>Sign in</button>
<p>It is the value of the environment variable that <code>admin_key_env</code> under <code>[server]</code> names, or <code>api_key_env</code> where there is none.</p>
</form>
</main>
<script>${SCRIPT}</script>
</body>
</html>
`);

const hashOf = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

const HEADERS = [
  ...["content-type", "text/html; charset=utf-8", "content-length", String(HTML.length), "cache-control", "no-store"],
  ...pageHeaders(
    `default-src 'none'; script-src ${hashOf(SCRIPT)}; style-src ${hashOf(STYLE)}; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`,
  ),
];

/** 401 for people: a form that sends the key in the address, from where the page takes it. Works without its script too. */
export const signInEndpoint: Endpoint = ({ res }) => {
  res.writeHead(401, HEADERS);
  res.end(HTML);
};
