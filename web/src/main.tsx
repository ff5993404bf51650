import { createRoot } from "react-dom/client";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/shell.css";
import "./styles/parts.css";
import { AppRoot } from "./app/app.tsx";
import { showStoredTheme } from "./app/theme.ts";
import { takeKey } from "./client/key.ts";

const apiKey = takeKey();
showStoredTheme();
const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");
createRoot(root).render(<AppRoot apiKey={apiKey} />);
