// SPDX-License-Identifier: Apache-2.0
package dev.simul.tools.repl;

import java.util.List;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import jdk.jshell.ImportSnippet;
import jdk.jshell.JShell;
import jdk.jshell.MethodSnippet;
import jdk.jshell.Snippet;
import jdk.jshell.TypeDeclSnippet;
import jdk.jshell.VarSnippet;

/** The commands of the JDK's {@code jshell} that make sense here: they begin with a slash, as nothing else in Java does but comments. */
final class Commands {
    private static final Pattern COMMAND = Pattern.compile("\\s*/(\\p{Alpha}\\w*|[?!-]\\w*)(\\s.*)?", Pattern.DOTALL);

    private static final String HELP = """
            |  Type Java: an expression, a statement or a declaration. await(...) works at top level, and the tasks
            |  that a snippet makes go on while you type the next.
            |
            |  /vars      the variables, and their values
            |  /methods   the methods
            |  /types     the classes, interfaces, records and enums
            |  /imports   what is imported
            |  /list      all that was typed and is valid
            |  /help, /?  this
            |  /exit      cancels the tasks that are left, waits for them and leaves; so do exit and Ctrl-D
            |
            |  Ctrl-C cancels what is awaited, and TAB completes.
            """;

    private final JShell shell;

    Commands(JShell shell) {
        this.shell = shell;
    }

    /** Whether {@code text} is a command, of whatever kind. */
    static boolean isCommand(String text) {
        return COMMAND.matcher(text).matches();
    }

    /** Does what {@code text} says if it is a command, and returns whether it is one. */
    boolean run(String text) {
        Matcher command = COMMAND.matcher(text);
        if (!command.matches()) {
            return false;
        }
        switch (command.group(1)) {
            case "help", "?" -> System.out.print(HELP);
            case "vars" -> list(shell.variables(), it -> it.typeName() + " " + it.name() + " = " + shell.varValue(it));
            case "methods" -> list(shell.methods(), Commands::declaration);
            case "types" -> list(shell.types(), TypeDeclSnippet::name);
            case "imports" -> list(shell.imports(), Commands::declaration);
            case "list" -> list(shell.snippets().filter(this::isTyped), it -> it.id() + " : " + it.source().strip());
            default -> System.err.println("|  '/" + command.group(1) + "' is no command here; /help lists them");
        }
        return true;
    }

    private static String declaration(MethodSnippet method) {
        String signature = method.signature();
        String result = signature.substring(signature.indexOf(')') + 1);
        return result + " " + method.name() + "(" + method.parameterTypes() + ")";
    }

    private static String declaration(ImportSnippet imported) {
        return "import " + (imported.isStatic() ? "static " : "") + imported.fullname();
    }

    private boolean isTyped(Snippet snippet) {
        return shell.status(snippet).isActive() && Character.isDigit(snippet.id().charAt(0));
    }

    private <T extends Snippet> void list(Stream<T> snippets, Function<T, String> inWords) {
        List<T> active = snippets.filter(snippet -> shell.status(snippet).isActive()).toList();
        active.forEach(snippet -> inWords.apply(snippet).lines().forEach(line -> System.out.println("|    " + line)));
    }
}
