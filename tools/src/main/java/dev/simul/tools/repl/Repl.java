// SPDX-License-Identifier: Apache-2.0
package dev.simul.tools.repl;

import java.io.Console;
import org.jspecify.annotations.Nullable;

/**
 * {@code simul repl}: JShell, in whose snippets {@code await} works, on a loop that goes on while the user types.
 *
 * <p>Source: {@code python -m asyncio}.
 */
public final class Repl {
    private static final String HELP = """
            Usage: simul repl [--debug]

              Evaluates Java as you type it. Each snippet is a body of one loop, so that await(...) works at top level,
              and the tasks it makes go on while you type the next.

            Options:
              --debug     the loop is in debug mode, as by SIMUL_DEBUG=1
              -h, --help  shows this

              exit, or Ctrl-D   cancels the tasks that are left, waits for them and leaves
              Ctrl-C            cancels what is awaited; at the prompt, drops what is typed
              TAB               completes
              /help             lists commands, such as /vars and /imports

              What was typed is kept in ~/.simul_history. Input that is piped in is evaluated without prompts: values go to
              stdout, errors to stderr, and after an error it goes on; the exit status is 0.
            """;

    private Repl() {}

    /** Runs the REPL until the end of its input. */
    public static void main(String[] args) {
        boolean debug = false;
        for (String argument : args) {
            switch (argument) {
                case "--debug" -> debug = true;
                case "-h", "--help" -> {
                    System.out.print(HELP);
                    return;
                }
                default -> fail(2, "unknown argument '" + argument + "'; 'simul repl --help' lists what there is.");
            }
        }
        if (ModuleLayer.boot().findModule("jdk.jshell").isEmpty()) {
            fail(1, System.getProperty("java.home") + " is no whole JDK, it lacks jdk.jshell: set JAVA_HOME to one.");
        }
        // Not in this class: it could not be loaded without jdk.jshell.
        try (Session session = new Session(debug)) {
            if (isTerminal(System.console())) {
                new Conversation(session).run();
            } else {
                new Script(session).run();
            }
        }
        System.exit(0); // Snippets may have started threads of their own.
    }

    /** Since JDK 22 there may be a console also where input or output is none. */
    private static boolean isTerminal(@Nullable Console console) {
        if (console == null || Runtime.version().feature() < 22) {
            return console != null;
        }
        try {
            return (boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    private static void fail(int status, String reason) {
        System.err.println("simul repl: " + reason);
        System.exit(status);
    }
}
