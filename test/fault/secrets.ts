/** The keys of the two targets: in no log, in no answer, at no other provider. */
export const KEYS = { ONE_KEY: "canary-key-of-target-one", TWO_KEY: "canary-key-of-target-two" };
/** What is asked, where nothing else has to be. */
export const PROMPT = "canary of the prompt";
