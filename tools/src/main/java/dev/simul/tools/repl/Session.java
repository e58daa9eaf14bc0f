// SPDX-License-Identifier: Apache-2.0
package dev.simul.tools.repl;

import dev.simul.bodies.CarrierKt;
import dev.simul.facade.Asyncio;
import dev.simul.facade.BackgroundLoop;
import dev.simul.loop.RunningLoopKt;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import jdk.jshell.JShell;
import jdk.jshell.Snippet;
import jdk.jshell.SnippetEvent;
import jdk.jshell.SourceCodeAnalysis;
import jdk.jshell.SourceCodeAnalysis.Completeness;
import jdk.jshell.spi.ExecutionControl;
import jdk.jshell.spi.ExecutionControlProvider;
import jdk.jshell.spi.ExecutionEnv;

/** A JShell on a loop in the background. */
final class Session implements AutoCloseable {
    private static final Pattern EXIT = Pattern.compile("\\s*/?(exit|quit)\\s*(\\(\\s*\\))?\\s*;?\\s*");

    private final boolean isDebugging;
    private final BackgroundLoop loop;
    private final LoopExecution execution;
    private final JShell shell;
    private final SourceCodeAnalysis analysis;
    private final Commands commands;
    private boolean showsDeclarations;

    /** How many have been evaluated for the user; their numbers stand in traces. */
    private int snippets;

    Session(boolean debug) {
        var loader = new SnippetLoader(Session.class.getClassLoader());
        Thread.currentThread().setContextClassLoader(loader); // The loop's threads take it over.
        isDebugging = debug;
        loop = Asyncio.open(debug ? true : null, null);
        execution = new LoopExecution(loader, loop);
        shell = JShell.builder()
                .executionEngine(new Provider(execution), Map.of())
                .idGenerator((snippet, number) -> snippets == 0 ? "import" + number : "" + snippets)
                .compilerOptions("-classpath", System.getProperty("java.class.path"), "-Xlint:-options")
                .build();
        analysis = shell.sourceCodeAnalysis();
        commands = new Commands(shell);
        for (String imported : Imports.all()) {
            if (shell.eval(imported).get(0).status() != Snippet.Status.VALID) {
                throw new IllegalStateException("snippets cannot have '" + imported + "'");
            }
        }
    }

    private record Provider(ExecutionControl execution) implements ExecutionControlProvider {
        @Override
        public String name() {
            return "simul";
        }

        @Override
        public ExecutionControl generate(ExecutionEnv environment, Map<String, String> parameters) {
            return execution;
        }
    }

    SourceCodeAnalysis analysis() {
        return analysis;
    }

    /** From now on also what declares no value is answered. */
    void showDeclarations() {
        showsDeclarations = true;
    }

    static boolean isExit(String text) {
        return EXIT.matcher(text).matches();
    }

    /** What greets somebody at a terminal. */
    String banner() {
        String version = Session.class.getPackage().getImplementationVersion();
        return "Simul " + (version == null ? "" : version + " ") + "on Java " + Runtime.version().feature()
                + ", carrier " + loop.submit(Session::carrier).join() + (isDebugging ? ", debug mode" : "")
                + "; await(...) works at top level; exit leaves";
    }

    private static String carrier() {
        return CarrierKt.getCarrier(RunningLoopKt.getRunningLoop()).name().toLowerCase(Locale.ROOT);
    }

    /** Whether {@code text} ends inside a snippet. */
    boolean isUnfinished(String text) {
        if (Commands.isCommand(text)) {
            return false;
        }
        String rest = text;
        while (!rest.isBlank()) {
            var info = analysis.analyzeCompletion(rest);
            if (!info.completeness().isComplete()) {
                return info.completeness() != Completeness.EMPTY;
            }
            rest = info.remaining();
        }
        return false;
    }

    /**
     * Evaluates the snippets of {@code text}, or does what it says if it is a command, and prints what came of them; after one that
     * fails, the others are dropped.
     *
     * @return the beginning of a snippet that is left, or an empty string
     */
    String evaluate(String text) {
        execution.begin();
        if (commands.run(text)) {
            return "";
        }
        String rest = text;
        while (!rest.isBlank()) {
            var info = analysis.analyzeCompletion(rest);
            if (!info.completeness().isComplete()) {
                return info.completeness() == Completeness.EMPTY ? "" : rest;
            }
            if (!evaluateOne(info.source())) {
                return "";
            }
            rest = info.remaining();
        }
        return "";
    }

    /** As {@link #evaluate}, but all of it is one snippet, finished or not. Returns whether it did not fail. */
    boolean evaluateOne(String source) {
        boolean succeeded = true;
        snippets++;
        List<SnippetEvent> events = shell.eval(source);
        for (SnippetEvent event : events) {
            if (event.causeSnippet() == null) {
                var answer = new Answer(shell, event, execution.isInterrupted());
                answer.print(showsDeclarations);
                succeeded &= !answer.isFailure();
            }
        }
        return succeeded;
    }

    /** Cancels the snippet that is being evaluated. */
    void interrupt() {
        execution.interrupt();
    }

    /** Cancels all tasks, waits for them, and closes the loop. */
    @Override
    public void close() {
        loop.close();
        shell.close();
    }
}
