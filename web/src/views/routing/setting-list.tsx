/** Settings as they stand in the config. */
export function SettingList({ of }: { of: readonly [string, string][] }) {
  return (
    <span className="settings">
      {of.map(([name, value]) => (
        <code key={name}>
          <span className="soft">{name} = </span>
          {value}
        </code>
      ))}
    </span>
  );
}
