export const HELP = `A fast, local-first LLM router: any OpenAI, Anthropic, Gemini or Ollama client, any provider.

Usage
  opensourcellmrouter [CONFIG] [--host HOST] [--port PORT]
                                run the router; CONFIG is config.toml unless named. Without one it
                                serves the keys and local model servers it finds
  opensourcellmrouter check [CONFIG]
                                only check the config: every problem, with line and column
  opensourcellmrouter init [FILE]
                                write a commented config.toml for what is found; never overwrites
  opensourcellmrouter reindex [CONFIG]
                                make the index of the log anew; a router may run meanwhile
  opensourcellmrouter plugin new NAME [--classifier | --response-classifier | --rule]
                                write plugins/NAME.ts and its test, a plugin of your own to begin with
  opensourcellmrouter schema    print the JSON Schema of the config, for editors

Options
  --host HOST     address to listen on, instead of [server] host
  --port PORT     port to listen on, instead of [server] port
  -h, --help      this text
  -V, --version   the version

The short name llmrouter does the same.
Exit codes: 0 done, 1 failed, 2 the command line or the config is wrong.`;
