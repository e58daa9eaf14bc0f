// SPDX-License-Identifier: Apache-2.0
package dev.simul.tools.repl;

import dev.simul.exceptions.CancelledException;
import java.io.PrintStream;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.stream.Collectors;
import jdk.jshell.DeclarationSnippet;
import jdk.jshell.Diag;
import jdk.jshell.EvalException;
import jdk.jshell.ExpressionSnippet;
import jdk.jshell.JShell;
import jdk.jshell.JShellException;
import jdk.jshell.MethodSnippet;
import jdk.jshell.Snippet;
import jdk.jshell.Snippet.Status;
import jdk.jshell.Snippet.SubKind;
import jdk.jshell.SnippetEvent;
import jdk.jshell.TypeDeclSnippet;
import jdk.jshell.UnresolvedReferenceException;
import jdk.jshell.VarSnippet;
import org.jspecify.annotations.Nullable;

/** What came of a snippet, in words. */
final class Answer {
    /** What a snippet ends with that somebody has interrupted. */
    private static final Set<String> INTERRUPTS = Set.of(
            CancelledException.class.getName(), CancellationException.class.getName(), InterruptedException.class.getName());

    private final JShell shell;
    private final SnippetEvent event;
    private final Snippet snippet;
    private final boolean isInterrupted;

    Answer(JShell shell, SnippetEvent event, boolean isInterrupted) {
        this.shell = shell;
        this.event = event;
        this.snippet = event.snippet();
        this.isInterrupted = isInterrupted;
    }

    boolean isFailure() {
        return event.status() == Status.REJECTED || event.exception() != null;
    }

    void print(boolean withDeclarations) {
        if (event.status() == Status.REJECTED) {
            shell.diagnostics(snippet).filter(Diag::isError).forEach(this::print);
        } else if (event.exception() != null) {
            print("Exception ", event.exception());
        } else if (!printValue() && withDeclarations) {
            printDeclaration();
        }
    }

    private boolean printValue() {
        String value = event.value();
        String name = snippet instanceof VarSnippet variable ? variable.name()
                : snippet instanceof ExpressionSnippet expression ? expression.name() : null;
        if (value == null || name == null || event.status() != Status.VALID) {
            return false;
        }
        if (!isNothing(value)) {
            System.out.println(name + " ==> " + value);
        }
        return true;
    }

    /** Whether this is an await of what has no result: nobody has asked for a value. */
    private boolean isNothing(String value) {
        return snippet.subKind() == SubKind.TEMP_VAR_EXPRESSION_SUBKIND
                && snippet instanceof VarSnippet variable
                && variable.typeName().equals("Void")
                && value.equals("null");
    }

    private void printDeclaration() {
        String declared = declared(snippet);
        if (declared != null) {
            String missing = snippet instanceof DeclarationSnippet declaration ? missingFor(declaration) : "";
            String verb = event.previousStatus() == Status.NONEXISTENT ? "created " : "replaced ";
            System.out.println("|  " + verb + declared + (missing.isEmpty() ? "" : ", which needs " + missing + " first"));
        }
    }

    private static @Nullable String declared(Snippet snippet) {
        if (snippet instanceof MethodSnippet method) {
            return "method " + method.name() + "(" + method.parameterTypes() + ")";
        }
        if (snippet instanceof TypeDeclSnippet type) {
            String kind = switch (type.subKind()) {
                case INTERFACE_SUBKIND -> "interface ";
                case ENUM_SUBKIND -> "enum ";
                case ANNOTATION_TYPE_SUBKIND -> "annotation ";
                default -> type.subKind().name().startsWith("RECORD") ? "record " : "class ";
            };
            return kind + type.name();
        }
        return snippet instanceof VarSnippet variable ? "variable " + variable.name() : null;
    }

    private String missingFor(DeclarationSnippet declaration) {
        return shell.unresolvedDependencies(declaration).collect(Collectors.joining(" and "));
    }

    // Errors.

    private void print(Diag diagnostic) {
        PrintStream err = System.err;
        err.println("|  Error:");
        diagnostic.getMessage(Locale.getDefault()).lines()
                .filter(line -> !line.strip().startsWith("location:"))
                .forEach(line -> err.println("|  " + line));
        String source = snippet.source();
        int start = (int) Math.min(diagnostic.getStartPosition(), source.length());
        int end = (int) Math.min(diagnostic.getEndPosition(), source.length());
        if (start < 0) {
            return;
        }
        int lineStart = source.lastIndexOf('\n', start - 1) + 1;
        int newline = source.indexOf('\n', start);
        int lineEnd = newline < 0 ? source.length() : newline;
        String line = source.substring(lineStart, lineEnd);
        int length = Math.max(1, Math.min(end, lineEnd) - start);
        // Tabs are kept, so that the caret stands under what it means.
        String indent = line.substring(0, start - lineStart).replaceAll("[^\t]", " ");
        err.println("|  " + line);
        err.println("|  " + indent + (length == 1 ? "^" : "^" + "-".repeat(length - 2) + "^"));
    }

    private void print(String introduction, JShellException thrown) {
        PrintStream err = System.err;
        if (isInterrupted && isInterrupt(thrown)) {
            err.println("KeyboardInterrupt");
            return;
        }
        String message = thrown.getMessage();
        if (thrown instanceof EvalException evaluated) {
            String name = evaluated.getExceptionClassName();
            err.println("|  " + introduction + name + (message == null || message.isEmpty() ? "" : ": " + message));
        } else if (thrown instanceof UnresolvedReferenceException unresolved) {
            DeclarationSnippet declaration = unresolved.getSnippet();
            err.println("|  Error:");
            err.println("|  " + declared(declaration) + " needs " + missingFor(declaration) + " first");
        }
        for (StackTraceElement frame : thrown.getStackTrace()) {
            if (isOfSnippet(frame)) {
                String place = "(" + frame.getFileName() + ":" + frame.getLineNumber() + ")";
                err.println("|        at " + nameOf(frame) + place);
            }
        }
        if (thrown.getCause() instanceof JShellException cause) {
            print("Caused by: ", cause);
        }
    }

    private static boolean isInterrupt(JShellException thrown) {
        return thrown instanceof EvalException evaluated && INTERRUPTS.contains(evaluated.getExceptionClassName());
    }

    /** JShell calls the file of a snippet by its number. */
    private static boolean isOfSnippet(StackTraceElement frame) {
        return frame.getFileName() != null && frame.getFileName().startsWith("#");
    }

    private static String nameOf(StackTraceElement frame) {
        String method = frame.getMethodName();
        if (method.startsWith("lambda$")) {
            return "lambda ";
        }
        if (method.isEmpty()) {
            return "";
        }
        String type = frame.getClassName();
        return (type.isEmpty() ? "" : type + ".") + method + " ";
    }
}
