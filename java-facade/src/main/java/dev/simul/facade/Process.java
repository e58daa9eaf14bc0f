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
 * <p>It goes on whatever becomes of the task that has started it, until it ends, is killed, or the loop is closed.
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

    /** What the child reads; null if that is no pipe. Source: {@code Process.stdin}. */
    public @Nullable StreamWriter stdin() {
        return stdin;
    }

    /** What the child writes; null if that goes to no pipe. Source: {@code Process.stdout}. */
    public @Nullable StreamReader stdout() {
        return stdout;
    }

    /** Standard error of the child; null if it is not a pipe. Source: {@code Process.stderr}. */
    public @Nullable StreamReader stderr() {
        return stderr;
    }

    /** The number by which the system knows the child; with a shell, the shell's. Source: {@code Process.pid}. */
    public long pid() {
        return delegate.getPid();
    }

    /**
     * What the child has ended with; null while it runs. For signals see {@link SubprocessTransport#getReturncode}.
     *
     * <p>Source: {@code Process.returncode}.
     */
    public @Nullable Integer returncode() {
        return delegate.getReturncode();
    }

    /**
     * Waits until the child has ended. Its pipes may stay open: its own children may hold them, and what was written is there to read.
     *
     * <p>A child that writes more than its pipes and readers hold ends only if somebody reads: use {@link #communicate}, or read. Any
     * number of tasks may wait; cancelling one of them ends its wait, and nothing else.
     *
     * <p>It has another name than in Python, since every class of Java has a {@code wait}. Source: {@code Process.wait()}.
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
     * Writes {@code input}, closes {@code stdin}, reads {@code stdout} and {@code stderr} to their ends, all at the same time, and
     * waits for the child.
     *
     * <p>A child that does not read its input is no error. All output is kept in memory, up to the end of the pipes: if a child of the
     * child holds one, this waits for it too. If the task is cancelled the child goes on: kill it, and wait for it.
     *
     * <p>Source: {@code Process.communicate(input)}.
     *
     * @param input nothing if it is null; ignored if {@code stdin} is no pipe
     * @return fails with {@link IOException} if a pipe breaks that is read from
     */
    public Future<Output> communicate(byte @Nullable [] input) {
        return call(continuation -> delegate.communicate(input, continuation), Output::of);
    }

    /** As {@link #communicate(byte[])}, for a text, which is encoded in UTF-8. */
    public Future<Output> communicate(String input) {
        return communicate(input.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Sends the child a signal: as {@link SubprocessTransport#sendSignal}.
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
     * Asks the child to end, by the signal {@code TERM}. Windows knows no such thing, and kills it.
     *
     * <p>Source: {@code Process.terminate()}.
     *
     * @throws ProcessLookupException if the child has ended and its pipes are closed
     */
    public void terminate() throws ProcessLookupException {
        delegate.terminate();
    }

    /**
     * Ends the child at once, by the signal {@code KILL}; not its own children.
     *
     * <p>Source: {@code Process.kill()}.
     *
     * @throws ProcessLookupException if the child has ended and its pipes are closed
     */
    public void kill() throws ProcessLookupException {
        delegate.kill();
    }

    /**
     * Ends the child at once, and all that it has started, and what that has started, by the signal {@code KILL}.
     *
     * <p>Parents come first, so that none sees its child die and goes on, as a shell does with its next command. What has ended
     * already is passed over: this never fails. What a process that has ended had started is not found, since the system no
     * longer knows whose it was; what one starts at the very moment of its end may escape. With all of them dead their pipes end,
     * and so do {@link #communicate()} and the readers.
     *
     * <p>It looks through the system's processes, and so holds up the loop for milliseconds. asyncio has no equivalent.
     */
    public void killTree() {
        delegate.killTree();
    }

    @Override
    public String toString() {
        return delegate.toString();
    }
}
