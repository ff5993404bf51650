/** So much of a text is looked at. */
const SAMPLE_CHARS = 4_000;
const MIN_SCRIPT_LETTERS = 2;
/**
 * Different words that have to speak for a language, what share of all words they are, and how many times as many of them another
 * language lacks as it has own ones.
 */
const MIN_WORDS = 2;
const MIN_SHARE = 0.1;
const MIN_LEAD = 1.5;

/** Scripts that one language has, or one far more than the others. Kana come first: Japanese has the Chinese letters, too. */
const SCRIPTS: readonly (readonly [string, RegExp])[] = [
  ["ja", /[\p{Script=Hiragana}\p{Script=Katakana}]/gu],
  ["ko", /\p{Script=Hangul}/gu],
  ["zh", /\p{Script=Han}/gu],
  ["el", /\p{Script=Greek}/gu],
  ["he", /\p{Script=Hebrew}/gu],
  ["th", /\p{Script=Thai}/gu],
  ["hi", /\p{Script=Devanagari}/gu],
  ["fa", /[پچژگک]/gu],
  ["ar", /\p{Script=Arabic}/gu],
];

/** The words each language has most of, but for those that several have. */
const WORDS: Readonly<Record<string, string>> = {
  en: `the and is are was were of to in that it for with you this what how do does i my not be have can please an on
    from a as at or by if we so when which your should would has will but into there they me all write make use add
    give get need want explain then come`,
  de: "der die das und ist sind nicht ein eine einen ich du wir sie mit für auf wie was bitte zu den dem von im auch oder wird",
  fr: "le la les et est sont une des du je vous nous dans pour avec que qui pas ne sur ce cette comment au mon ma être",
  es: "el los las y es son una del que en con por para no se me lo mi cómo qué está como quiero puedo su al más",
  pt: "os as e é são uma do da dos das que em com por para não se eu meu minha como você está mais ao no na um",
  it: "il gli e è sono una del della che di in con per non si io mio mia come questo nel alla anche più un ho",
  nl: "de het en is zijn een van ik je wij niet met voor op hoe wat dat dit ook naar kan mijn maar bij aan",
  pl: "i jest są nie się w na z do że jak co ten ta to dla mam czy przez mój po od proszę",
  sv: "och är att det som en ett jag du inte med för på av hur vad den till kan har om min",
  da: "og er at det som en et jeg du ikke med for på af hvordan hvad den til kan har om min",
  fi: "ja on ei se että mutta minä sinä miten mikä tämä kun kuin voi ovat olen ole kanssa",
  cs: "a je jsou se v na s do že jak co ten ta to pro ale mám nebo můj prosím při jsem",
  tr: "ve bir bu için ile ne nasıl değil ben sen mi mı var yok çok daha olarak gibi bana",
  vi: "là và của không có tôi bạn một cho với được trong này như làm thế nào những người",
  id: "yang dan di ini itu untuk dengan tidak saya kamu dari apa bagaimana adalah pada ke bisa akan",
  ro: "și este sunt nu un o în cu pe pentru că ce cum din la mai eu care sau să",
  ru: "и в не на что я мне с как это по но из у за мне от для или так есть мой бы он она",
  uk: "і в не на що я з як це але у за мені від для або так є мій та він вона",
};

let languagesOf: ReadonlyMap<string, readonly string[]> | undefined;

/** The ISO 639-1 code of a text's language; undefined where that is not plain, as of a few words or of code. */
export function languageOf(text: string): string | undefined {
  const sample = prose(text.slice(0, SAMPLE_CHARS));
  const letters = count(sample, /\p{L}/gu);
  for (const [language, script] of SCRIPTS) {
    const own = count(sample, script);
    // Few kana make it Japanese, and few such letters Persian; of the others most letters have to be of the script.
    const least = language === "ja" || language === "fa" ? letters / 20 : letters / 2;
    if (own >= MIN_SCRIPT_LETTERS && own >= least) return language;
  }
  return byWords(sample);
}

/**
 * Without code, addresses and tags, which speak English whatever their author does, and without the ends of English short forms:
 * `s` and `t` are words elsewhere.
 */
function prose(text: string): string {
  return text
    .replace(/```[^`]*(```|$)/g, " ")
    .replace(/`[^`\n]*`/g, " ")
    .replace(/\b\w+:\/\/\S+/g, " ")
    .replace(/<[^<>\n]*>/g, " ")
    .replace(/['’](?:s|t|re|ve|ll|d|m)(?!\p{L})/giu, "");
}

function byWords(sample: string): string | undefined {
  languagesOf ??= wordTable();
  const all = sample.toLowerCase().match(/[\p{L}\p{M}]+/gu) ?? [];
  const said = new Map<string, Said>();
  const hits = new Map<string, number>();
  for (const word of all) {
    const languages = languagesOf.get(word);
    if (!languages) continue;
    for (const language of languages) hits.set(language, (hits.get(language) ?? 0) + 1);
    const known = said.get(word);
    if (known) known.times++;
    else said.set(word, { languages, times: 1 });
  }
  const [first, ...others] = [...hits].toSorted(([, one], [, other]) => other - one);
  if (!first) return undefined;
  const [language, own] = first;
  const words = [...said.values()];
  const isPlain =
    words.filter(({ languages }) => languages.includes(language)).length >= MIN_WORDS &&
    own >= all.length * MIN_SHARE &&
    others.every(([other]) => leads(language, other, words));
  return isPlain ? language : undefined;
}

interface Said {
  readonly languages: readonly string[];
  times: number;
}

/** What both have speaks for neither: Czech has English's `a`, `to` and `do`. */
function leads(language: string, other: string, words: readonly Said[]): boolean {
  let own = 0;
  let theirs = 0;
  for (const { languages, times } of words) {
    const isTheirs = languages.includes(other);
    if (isTheirs === languages.includes(language)) continue;
    if (isTheirs) theirs += times;
    else own += times;
  }
  return own > 0 && own >= theirs * MIN_LEAD;
}

function wordTable(): Map<string, string[]> {
  const table = new Map<string, string[]>();
  for (const [language, words] of Object.entries(WORDS)) {
    for (const word of words.split(/\s+/)) table.set(word, [...(table.get(word) ?? []), language]);
  }
  return table;
}

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}
