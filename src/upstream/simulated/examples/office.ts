import type { Conversation } from "./example.ts";

/** What must not leave the house: each holds a word the demo's classifier knows. */
const confidential: readonly Conversation[] = [
  [
    {
      to: "Confidential: rewrite this note on the takeover of Brandt & Söhne so that it fits into three lines.",
      say: "We take over Brandt & Söhne on 1 April, all 48 people included.\nThe name stays for two years; the Kassel site stays for good.\nNobody outside this list is to know before the 15th.",
    },
    {
      to: "Add one line for the works council.",
      say: "The works council is told on the 12th, in person, before anything is in writing.",
    },
  ],
  [
    {
      to: "Draft an answer: a colleague asks why her salary is below the band for her grade.",
      say: "Dear Jana, thank you for asking so directly. You are right that you are below the middle of your band; that is because the band was raised in January and the review follows in May. I have asked for yours to be looked at first. You will have an answer, with the figures, by the 20th.",
    },
  ],
  [
    {
      to: "Summarise for the handover: patient in 12B, second day after the operation, slept badly, temperature 37.4.",
      say: "12B, day 2 after the operation: poor night, 37.4 °C. Watch the temperature (again at 14:00, call from 38.0) and ask about pain before the evening round.",
    },
  ],
  [
    {
      to: "Is it safe to send a password by e-mail if I delete the message afterwards?",
      say: "No. You delete your copy; the server's, the recipient's and the backups stay. Use the shared vault, or tell half of it by phone.",
    },
  ],
];

/** Texts and tables. */
const writing: readonly Conversation[] = [
  [
    {
      to: "Shorten: Owing to the fact that the delivery has not arrived as of yet, we are not in a position to proceed.",
      say: "The delivery has not arrived, so we cannot go on.",
    },
  ],
  [
    {
      to: "Write a friendly reminder for an invoice that is two weeks late.",
      say: "Hello Mr Okafor, our invoice 2207 of 3 March seems to have slipped through: €480, due two weeks ago. Could you have a look? If it crossed with your payment, forget this note and accept our thanks.",
    },
    {
      to: "He is an old customer. Make it two sentences.",
      say: "Hello Chidi, invoice 2207 is still open on our side, which is not like you at all. Could you have a look when you find a minute?",
    },
  ],
  [
    {
      to: "Three bullet points for the stand-up: payments slow, two fixes released, search next.",
      say: "- Payments: answers took 4 s at the peak, cause found (a missing index)\n- Released: the fix for it, and the one for empty carts\n- Next: search, beginning with what people type wrong",
    },
  ],
  [
    {
      to: "Turn these minutes into a list of who does what until when.",
      say: "| who | what | until |\n|---|---|---|\n| Amara | ask the landlord about the second door | Thursday |\n| Piotr | three quotes for the shelves | 14 March |\n| Lena | invite everybody, with the plan | when Piotr is done |",
    },
  ],
  [
    {
      to: "Find a subject line for a newsletter about our new opening hours.",
      say: "“We now stay open until you are off work”",
    },
  ],
];

/** Answers that programs read: JSON by a schema. */
const forms: readonly Conversation[] = [
  [
    {
      to: "Which product is this complaint about, and how urgent is it? 'My kettle has stopped working and I have guests tonight!'",
      say: '{"product":"kettle","urgency":"high","mood":"upset"}',
    },
  ],
  [
    {
      to: "Which product is this complaint about, and how urgent is it? 'The lamp is fine, just a little crooked.'",
      say: '{"product":"lamp","urgency":"low","mood":"content"}',
    },
  ],
  [
    {
      to: "Which product is this complaint about, and how urgent is it? 'Third time I write about the bicycle pump.'",
      say: '{"product":"bicycle pump","urgency":"medium","mood":"annoyed"}',
    },
  ],
];

export const OFFICE = { confidential, writing, forms };
