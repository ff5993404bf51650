import { useEffect, useState } from "react";

/** Copies `text`; says for a moment that it did. */
export function CopyButton({ text, label = "Copy" }: { text: string; label?: string }) {
  const [said, setSaid] = useState<string>();
  useEffect(() => {
    if (said === undefined) return;
    const timer = setTimeout(() => setSaid(undefined), 1_500);
    return () => clearTimeout(timer);
  }, [said]);
  const copy = () => {
    copyText(text).then(
      () => setSaid("Copied"),
      () => setSaid("Select it and copy"),
    );
  };
  return (
    <button type="button" className="copy" onClick={copy} aria-live="polite">
      {said ?? label}
    </button>
  );
}

/** A line to paste into a terminal. */
export function CopyLine({ label, text }: { label: string; text: string }) {
  return (
    <div className="copy-line">
      <span className="copy-label">{label}</span>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <code tabIndex={0}>{text}</code>
      <CopyButton text={text} />
    </div>
  );
}

/** Browsers give the clipboard to pages of localhost and https only; elsewhere the old way has to do. */
async function copyText(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  if (!copied) throw new Error("the browser does not let the page copy");
}
