export interface Segment {
  name: string;
  words: string;
  href: string;
  /** Where the words are short. */
  title?: string;
}

/** One of a few, chosen by its address: so that a choice can be linked to, and gone back from. */
export function Segments({ label, chosen, of }: { label: string; chosen: string; of: readonly Segment[] }) {
  return (
    <nav className="segments" aria-label={label}>
      {of.map(({ name, words, href, title }) => (
        <a key={name} href={href} title={title} aria-current={name === chosen ? "true" : undefined}>
          {words}
        </a>
      ))}
    </nav>
  );
}
