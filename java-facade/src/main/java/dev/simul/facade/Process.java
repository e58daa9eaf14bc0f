// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.process.ProcessLookupException;
import dev.simul.process.SubprocessTransport;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

import static dev.simul.facade.Calls.call;

/**
 * A child of this process, with streams for its pipes; made by {@link Asyncio#createSubprocessExec} and
 * {@link Asyncio#createSubprocessShell}.
 *
 * <p>It runs independently of the task that started it, until it exits, is killed, or the loop is closed.
 *
 * <p>Source: {@code asyncio.subprocess.Process}.
 */
public final class Process {
    private final dev.simul.process.Process delegate;
    private final @Nullable StreamWriter stdin;
    private final @Nullable StreamReader stdout;
    private final @Nullable StreamReader stderr;

    Process(dev.simul.process.Process delegate) {
        this.delegate = delegate;
        stdin = delegate.getStdin() == null ? null : new StreamWriter(delegate.getStdin());
        stdout = delegate.getStdout() == null ? null : new StreamReader(delegate.getStdout());
        stderr = delegate.getStderr() == null ? null : new StreamReader(delegate.getStderr());
    }

    /** Standard input of the child; null if it is not a pipe. Source: {@code Process.stdin}. */
    public @Nullable StreamWriter stdin() {
        return stdin;
    }

    /** Standard output of the child; null if it is not a pipe. Source: {@code Process.stdout}. */
    public @Nullable StreamReader stdout() {
        return stdout;
    }

    /** Standard error of the child; null if it is not a pipe. Source: {@code Process.stderr}. */
    public @Nullable StreamReader stderr() {
        return stderr;
    }

    /** The child's process id; with a shell, the shell's. Source: {@code Process.pid}. */
    public long pid() {
        return delegate.getPid();
    }

    /**
     * The child's exit status; null while it runs. For signals see {@link SubprocessTransport#getReturncode}.
     *
     * <p>Source: {@code Process.returncode}.
     */
    public @Nullable Integer returncode() {
        return delegate.getReturncode();
    }

    /**
     * Waits until the child has exited. Its pipes may stay open: its own children may hold them, and its output can still be
     * read.
     *
     * <p>A child that writes more than its pipes and readers hold exits only if its output is read: use {@link #communicate}, or
     * read. Any number of tasks may wait; cancelling one of them ends only its wait.
     *
     * <p>The name differs from Python's, since every Java class has a {@code wait}. Source: {@code Process.wait()}.
     *
     * @return {@link #returncode}
     */
    public Future<Integer> waitFor() {
        return call(delegate::wait);
    }

    /** As {@link #communicate(byte[])}, without input. */
    public Future<Output> communicate() {
        return communicate((byte @Nullable []) null);
    }

    /**
     * Writes {@code input}, closes {@code stdin}, reads {@code stdout} and {@code stderr} to their ends, all concurrently, and
     * waits for the child.
     *
     * <p>It is not an error if the child does not read its input. All output is kept in memory, up to the end of the pipes: if a
     * child of the child holds a pipe, this waits for that too. If the task is cancelled the child keeps running: kill it, and
     * wait for it.
     *
     * <p>Source: {@code Process.communicate(input)}.
     *
     * @param input null for none; ignored if {@code stdin} is not a pipe
     * @return fails with {@link IOException} if reading from a pipe fails
     */
    public Future<Output> communicate(byte @Nullable [] input) {
        return call(continuation -> delegate.communicate(input, continuation), Output::of);
    }

    /** As {@link #communicate(byte[])}, for a text, which is encoded in UTF-8. */
    public Future<Output> communicate(String input) {
        return communicate(input.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Sends the child a signal, as {@link SubprocessTransport#sendSignal} does.
     *
     * <p>Source: {@code Process.send_signal(signal)}.
     *
     * @param signal its name: {@code "HUP"} or {@code "SIGHUP"}
     * @throws ProcessLookupException if the child has ended and its pipes are closed
     * @throws IllegalArgumentException if this system knows no signal of that name
     * @throws IOException if the system refuses
     */
    public void sendSignal(String signal) throws IOException {
        delegate.sendSignal(signal);
    }

    /**
     * Asks the child to end, by the signal {@code TERM}. Windows has no such signal, and kills the child.
     *
     * <p>Source: {@code Process.terminate()}.
     *
     * @throws ProcessLookupException if the child has ended and its pipes are closed
     */
    public void terminate() throws ProcessLookupException {
        delegate.terminate();
    }

    /**
     * Kills the child, but not its own children, by the signal {@code KILL}.
     *
     * <p>Source: {@code Process.kill()}.
     *
     * @throws ProcessLookupException if the child has ended and its pipes are closed
     */
    public void kill() throws ProcessLookupException {
        delegate.kill();
    }

    /**
     * Kills the child and all its descendants, by the signal {@code KILL}.
     *
     * <p>Parents are killed first, so that none sees its child die and continues, as a shell does with its next command.
     * Processes that have already ended are skipped, so this never fails. It does not find the children of a process that has
     * already ended, since the system no longer knows their parent, and it may miss a process that is started while this runs.
     * When all of them are dead their pipes end, and so do {@link #communicate()} and the readers.
     *
     * <p>It scans the system's processes, which blocks the loop for some milliseconds. asyncio has no equivalent.
     */
    public void killTree() {
        delegate.killTree();
    }

    @Override
    public String toString() {
        return delegate.toString();
    }
}
