// SPDX-License-Identifier: Apache-2.0
package dev.simul.tools;

import dev.simul.tools.inspect.Inspect;
import dev.simul.tools.repl.Repl;
import java.util.Arrays;

/** {@code java -jar simul-tools.jar}: runs the tool that its first argument names. The launcher, {@code ./simul}, does so by name alone. */
public final class Main {
    private static final String HELP = """
            Usage: java -jar simul-tools.jar <tool> [arguments]

              repl    Java at a prompt, where await(...) works at top level
              ps      lists the tasks of a running JVM
              pstree  shows them as trees of who awaits whom
              top     shows them live

              '<tool> --help' tells the options of one.
            """;

    private Main() {}

    /** Runs the tool that {@code args} begin with; without any, lists the tools. */
    public static void main(String[] args) {
        String tool = args.length == 0 ? "--help" : args[0];
        switch (tool) {
            case "repl" -> Repl.main(Arrays.copyOfRange(args, 1, args.length));
            case "ps", "pstree", "top" -> System.exit(Inspect.inspect(args));
            case "-h", "--help" -> System.out.print(HELP);
            default -> {
                System.err.println("simul-tools: unknown tool '" + tool + "'; '--help' lists the tools.");
                System.exit(2);
            }
        }
    }
}
