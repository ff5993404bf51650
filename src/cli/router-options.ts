/** The options of commands that talk to a router that runs. */
export const ROUTER_OPTIONS = {
  "key-env": {
    type: "string",
    value: "NAME",
    summary: "environment variable with the router's key, instead of OPENSOURCELLMROUTER_API_KEY",
  },
} as const;
