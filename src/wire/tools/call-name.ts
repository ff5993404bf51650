/**
 * The name of a call, as a provider gives it. Without one no client can run the call, and most of their APIs cannot even say it:
 * such an answer is broken, and is said to be.
 */
export function callName(name: string | undefined): string {
  if (!name) throw new Error("the provider called a tool without naming it");
  return name;
}
