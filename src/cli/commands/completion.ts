import { type Command, defineCommand } from "../command.ts";
import { completionScript, SHELLS } from "../completion/scripts.ts";

/** `commands`: all there are, this one among them. */
export function completionCommand(commands: () => readonly Command[]): Command {
  return defineCommand({
    name: "completion",
    group: "set up",
    summary: "print what makes a shell complete commands and options",
    operands: [{ name: "SHELL", choices: SHELLS }],
    options: {},
    examples: [
      [
        "completion bash > ~/.local/share/bash-completion/completions/opensourcellmrouter",
        "for bash, from its next start",
      ],
      ["completion fish > ~/.config/fish/completions/opensourcellmrouter.fish", "for fish"],
      ["completion zsh >> ~/.zshrc", "for zsh, behind compinit"],
    ],
    run({ operands: [shell] }, io) {
      io.out(completionScript(SHELLS.find((name) => name === shell) ?? "bash", commands()));
      return 0;
    },
  });
}
