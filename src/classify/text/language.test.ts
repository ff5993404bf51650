import assert from "node:assert/strict";
import { test } from "node:test";
import { languageOf } from "./language.ts";

const SAID: readonly (readonly [string, string])[] = [
  ["en", "How do I sort a list in Python?"],
  ["en", "Please fix the failing test and explain what was wrong."],
  ["de", "Wie sortiere ich eine Liste in Python?"],
  ["de", "Schreib bitte einen Test für die Funktion, die das nicht kann."],
  ["fr", "Comment trier une liste avec Python dans le terminal ?"],
  ["es", "¿Cómo puedo ordenar una lista en Python para que no se repita?"],
  ["pt", "Como posso ordenar uma lista em Python se não sei o tamanho dela?"],
  ["it", "Come posso ordinare una lista di numeri con Python, e non solo?"],
  ["nl", "Hoe sorteer ik een lijst van woorden met Python?"],
  ["pl", "Jak mam posortować listę, żeby nie było powtórzeń, i czy to jest szybkie?"],
  ["cs", "Jak mám seřadit seznam, aby se nic neopakovalo, a je to rychlé?"],
  ["cs", "Prosím, napiš test pro funkci, co ještě nejsou hotové, a dej ho do složky."],
  ["sv", "Hur kan jag sortera en lista och inte förlora ordningen?"],
  ["tr", "Bir listeyi nasıl sıralarım, bu çok daha hızlı değil mi?"],
  ["ru", "Как мне отсортировать список и не потерять порядок?"],
  ["uk", "Як мені відсортувати список і не втратити порядок? Що це?"],
  ["ja", "Pythonでリストを並べ替える方法を教えてください"],
  ["zh", "如何用Python对列表排序？"],
  ["ko", "파이썬에서 리스트를 정렬하는 방법은?"],
  ["el", "Πώς ταξινομώ μια λίστα;"],
  ["ar", "كيف أرتب قائمة في بايثون؟"],
  ["he", "איך ממיינים רשימה בפייתון?"],
  ["th", "จัดเรียงรายการใน Python อย่างไร"],
  ["hi", "पायथन में सूची कैसे क्रमबद्ध करें?"],
];

test("the language of a sentence", () => {
  for (const [language, said] of SAID) assert.equal(languageOf(said), language, said);
});

test("English is English also where its commonest words are another language's", () => {
  for (const said of [
    "Write a function to reverse a string",
    "Add a button to a form and a link to a page",
    "Convert a CSV to a table, then do a check",
    "Rename the user's file to a.ts; it's what Bob's test asks for",
    "Explain a regex to a beginner, as if you were a teacher",
    "Don't do a rewrite, do a small change to a function or two",
    "Is there a way to do a dry run on a branch?",
    "Give me a plan to move a service on to a new host",
  ])
    assert.equal(languageOf(said), "en", said);
  // Nothing here is English alone.
  assert.notEqual(languageOf("Turn a list to a map"), "cs");
});

test("says nothing of what is not plain: a word, code, numbers", () => {
  for (const said of [
    "",
    "yes",
    "ok",
    "42",
    "fix",
    "DNA",
    "`the and is are`",
    "```\nthe quick and the dead\n```",
    "https://the.and/is/are",
  ])
    assert.equal(languageOf(said), undefined, said);
  assert.equal(languageOf("```ts\nfor (const the of and) is(are);\n```\nWarum ist das nicht schnell?"), "de");
});

test("a long text takes no longer than its beginning", () => {
  assert.equal(languageOf("```".repeat(400_000)), undefined);
  assert.equal(languageOf(`${"<".repeat(1_000_000)}`), undefined);
  assert.equal(languageOf("Das ist nicht die Frage. ".repeat(50_000)), "de");
});
