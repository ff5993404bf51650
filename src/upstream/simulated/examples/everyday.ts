import type { Conversation } from "./example.ts";

/** Small talk with a model. */
const chat: readonly Conversation[] = [
  [
    {
      to: "What would be a good name for a small bakery next to the railway station?",
      say: "Platform Bread. It says where you are, it is easy to remember, and it leaves room for a sign that looks like a departure board: 07:10 rye, 07:25 rolls, 07:40 still warm.",
    },
    {
      to: "A bit warmer, please, less like a brand.",
      say: "Then perhaps “The Early Train”. People will say “I'll get something at the early train”, and by the second week it will sound as if it had always been there.",
    },
  ],
  [
    {
      to: "How long do I boil an egg at 2,000 metres?",
      say: "About eight minutes for one that is soft at sea level after six. Water boils at roughly 93 °C up there, so everything takes a third longer; a lid helps, patience helps more.",
    },
  ],
  [
    {
      to: "Translate into Spanish: We will be ten minutes late, please start without us.",
      say: "Llegaremos diez minutos tarde; por favor, empezad sin nosotros. (In Latin America: “empiecen sin nosotros”.)",
    },
  ],
  [
    {
      to: "Übersetze ins Englische: Der Schlüssel liegt unter dem Blumentopf.",
      say: "The key is under the flowerpot.",
    },
  ],
  [
    {
      to: "Quelle est la différence entre « amener » et « apporter » ?",
      say: "On amène une personne, on apporte une chose : « J'amène ma sœur et j'apporte le gâteau. » À l'oral on entend souvent « amener » pour les deux, mais à l'écrit la distinction se garde.",
    },
  ],
  [{ to: "富士山の高さは何メートルですか？", say: "富士山の高さは3,776メートルで、日本で一番高い山です。" }],
  [
    {
      to: "What should I pack for three rainy days in Bergen?",
      say: "A rain jacket that deserves the name, shoes that dry overnight, one warm layer of wool, and an umbrella only if you enjoy losing it to the wind. Leave the second pair of jeans at home: they never dry. Bergen has cafés every hundred metres, so pack a book.",
    },
  ],
  [
    {
      to: "Is a tomato a fruit?",
      say: "To a botanist yes, a berry even. To a cook no, and the cook decides what goes into the salad.",
    },
  ],
  [
    {
      to: "Give me three synonyms for 'tired' that are not boring.",
      say: "Weary, frayed, spent. “Frayed” is the one that says how it feels at the edges.",
    },
  ],
  [
    {
      to: "How many weeks are left until the end of the year, counted from 1 October?",
      say: "Thirteen weeks and one day: 92 days.",
    },
  ],
  [
    {
      to: "Why is the sky blue? One sentence.",
      say: "Air scatters short waves of light far more than long ones, so blue reaches your eye from every direction while red mostly passes straight through.",
    },
  ],
  [
    {
      to: "A haiku about a printer that never works.",
      say: "Paper, ink, all there.\nIt blinks, considers, gives up:\nsnow upon the tray.",
    },
  ],
];

/** Answers of some length. */
const long: readonly Conversation[] = [
  [
    {
      to: "Explain how a heat pump can deliver more energy than it takes from the socket.",
      think: "The trick is that heat is moved, not made. I should give the picture first and one number.",
      say: "A heat pump does not make heat, it moves it. There is plenty of it outside even on a cold day, only at too low a temperature to be of use.\n\n**What happens inside.** A liquid that boils far below zero is led through a coil outdoors. It takes heat from the air and becomes a gas. A compressor squeezes this gas; squeezed gas gets hot, 50 °C or more. Indoors it gives that heat to your water, becomes liquid again, is let through a narrow valve, cools down a lot, and the round begins anew.\n\n**Where the numbers come from.** The electricity only drives the compressor. For each kilowatt-hour it uses, two to four more are carried in from outside, so three to five arrive in your rooms. Nothing is created: outdoors it gets a little colder by exactly that amount.\n\n**Where the limit is.** The greater the difference between outside and the water in your radiators, the harder the compressor works. That is why large radiators or floor heating, which are content with 35 °C, matter more than the brand of the pump.",
    },
  ],
  [
    {
      to: "Plan a vegetarian dinner for eight people, with a shopping list and what to do when.",
      say: "**Menu.** Roasted tomato soup; mushroom and chestnut pie with green beans; lemon posset.\n\n**Shopping.** 2 kg tomatoes, 3 onions, 2 heads of garlic, 1 l stock, 1 kg mushrooms, 400 g cooked chestnuts, 2 sheets of puff pastry, 800 g green beans, 3 eggs, thyme, 900 ml cream, 250 g sugar, 6 lemons, bread.\n\n**The day before.** Make the posset: boil cream and sugar for three minutes, stir in the lemon juice, pour into glasses, chill. Cook the filling of the pie and chill it too: warm filling makes limp pastry.\n\n**Two hours before.** Halve the tomatoes, roast them with onion and garlic for 45 minutes at 200 °C, blend with the stock.\n\n**One hour before.** Fill and close the pie, brush with egg, bake 40 minutes at 190 °C. Let it stand while you eat the soup.\n\n**At the table.** Beans in boiling water as the soup goes out: six minutes, butter, salt. Everything else is done, and you sit with your guests.",
    },
  ],
  [
    {
      to: "Write me a short story about a lighthouse keeper and the letter that was sent to the sea.",
      say: "The letter came on a Tuesday, with the flour and the lamp oil. On the envelope, in a careful hand: *To the Sea, at the Lighthouse.* The keeper put it on the shelf, beside the clock, and for three days it was none of his business.\n\nOn the fourth day there was fog. When there is fog, a keeper has time. He held the letter up to the lamp, was ashamed, and put it back.\n\nOn the fifth day he took it down to the rocks at low tide and read it aloud, since that seemed the honest way to deliver it. It was from a girl of nine. She wanted to know whether the sea remembered her father's boat, and if it did, whether it would please be a little sorry.\n\nThe keeper waited. The tide turned, as it does. A wave came further up than the others, put a piece of green glass at his feet, smooth as a sweet, and went.\n\nHe wrote the answer that evening. *It remembers,* he wrote. *It sends you this.* And he wrapped the glass in the page of the logbook for that day, where under “Remarks” it said nothing at all.",
    },
  ],
];

/** With tools: an assistant that can look things up. */
const tools: readonly Conversation[] = [
  [
    {
      to: "Will I need an umbrella in Lisbon tomorrow?",
      call: { get_weather: { city: "Lisbon", day: "tomorrow" } },
      results: { get_weather: '{"sky":"showers after 15:00","high_c":17,"rain_mm":6}' },
      say: "For the afternoon, yes: showers are expected from three o'clock on, about 6 mm. The morning stays dry, with 17 °C at most.",
    },
  ],
  [
    {
      to: "How cold will it be in Oslo on Saturday, and is there snow?",
      call: { get_weather: { city: "Oslo", day: "Saturday" } },
      results: { get_weather: '{"sky":"snow","high_c":-3}' },
      say: "−3 °C at best, and yes, snow all day. Gloves, then.",
    },
  ],
  [
    {
      to: "When is the next train from Utrecht to Groningen?",
      call: { next_departures: { from: "Utrecht Centraal", to: "Groningen" } },
      results: { next_departures: '[{"at":"14:18","platform":"7"},{"at":"14:48","platform":"7"}]' },
      say: "At 14:18 from platform 7, and again half an hour later. It takes two hours without a change.",
    },
  ],
];

/** With a picture. */
const pictures: readonly Conversation[] = [
  [
    {
      to: "What is in this picture?",
      say: "A single square of plain colour, one pixel wide. If it was meant to be more, it was lost before it reached me.",
    },
  ],
  [
    {
      to: "Describe this image for somebody who cannot see it, in one sentence.",
      say: "A tiny square of a single, even colour, with nothing else in it.",
    },
  ],
];

export const EVERYDAY = { chat, long, tools, pictures };
