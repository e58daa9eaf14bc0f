// SPDX-License-Identifier: Apache-2.0
package dev.simul.tools.repl;

import dev.simul.facade.BackgroundLoop;
import dev.simul.facade.Context;
import dev.simul.facade.Future;
import dev.simul.facade.TaskOptions;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import jdk.jshell.execution.DirectExecutionControl;
import org.jspecify.annotations.Nullable;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.timeout;

/** Evaluates each snippet as a body of one loop, and waits for it. All of them share their context variables. */
final class LoopExecution extends DirectExecutionControl {
    private static final long PATIENCE_MILLIS = 300;

    private final BackgroundLoop loop;
    private final TaskOptions options = new TaskOptions().context(new Context());
    private volatile @Nullable Evaluation evaluation;
    private volatile boolean isInterrupted;

    LoopExecution(SnippetLoader loader, BackgroundLoop loop) {
        super(loader);
        this.loop = loop;
    }

    @Override
    protected @Nullable String invoke(Method snippet) throws Exception {
        var current = new Evaluation(snippet);
        evaluation = current;
        if (isInterrupted) {
            current.result.cancel();
        }
        try {
            return current.result.await();
        } catch (CancellationException e) {
            throw new InvocationTargetException(e); // Cancelled before it has begun.
        } finally {
            evaluation = null;
        }
    }

    /** What was interrupted is over: from now on snippets are evaluated again. */
    void begin() {
        isInterrupted = false;
    }

    /**
     * Cancels the snippet that is being evaluated, and those to come until {@link #begin}; one that does not await has its
     * thread interrupted.
     */
    void interrupt() {
        isInterrupted = true;
        Evaluation current = evaluation;
        if (current != null) {
            current.interrupt();
        }
    }

    /** Whether somebody has interrupted what was begun. */
    boolean isInterrupted() {
        return isInterrupted;
    }

    /** One snippet on the loop. */
    private final class Evaluation {
        final Future<@Nullable String> result;
        private volatile @Nullable Thread thread;
        private int interrupts;

        Evaluation(Method snippet) {
            result = loop.submit(options, () -> {
                thread = Thread.currentThread();
                Object value = snippet.invoke(null);
                // As a call of its own: so a call that the snippet leaves behind has begun when it is printed.
                return await(timeout(null, () -> valueString(value)));
            });
        }

        synchronized void interrupt() {
            if (++interrupts > 2) {
                Runtime.getRuntime().halt(130);
            }
            result.cancel();
            if (!hasTakenNotice()) {
                Thread busy = thread;
                if (busy != null) {
                    busy.interrupt();
                }
                if (interrupts == 2) {
                    System.err.println("This snippet neither awaits nor heeds an interrupt: Ctrl-C once more kills the session.");
                }
            } else {
                interrupts = 0;
            }
        }

        private boolean hasTakenNotice() {
            var noticed = new CountDownLatch(1);
            loop.getLoop().callSoonThreadsafe(noticed::countDown);
            try {
                return noticed.await(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                return true;
            }
        }
    }
}
