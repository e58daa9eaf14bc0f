// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How to start a child, for {@link Asyncio#createSubprocessExec} and similar methods. Immutable: each method returns a changed
 * copy.
 *
 * <pre>{@code
 * createSubprocessExec(new ProcessOptions().stdout(Redirect.PIPE).cwd(folder), "git", "log");
 * }</pre>
 *
 * <p>By default the child inherits this process's streams with {@link Asyncio#createSubprocessExec} and
 * {@link Asyncio#createSubprocessShell}, and gets pipes with {@link EventLoop#subprocessExec} and
 * {@link EventLoop#subprocessShell}.
 *
 * <p>Source: the keyword arguments of {@code asyncio.create_subprocess_exec}.
 */
public final class ProcessOptions extends Options<ProcessOptions> {
    static final ProcessOptions NONE = new ProcessOptions();

    private @Nullable Redirect stdin;
    private @Nullable Redirect stdout;
    private @Nullable Redirect stderr;
    private int limit = StreamReader.DEFAULT_LIMIT;
    private @Nullable Path cwd;
    private @Nullable Map<String, String> env;

    /** The defaults. */
    public ProcessOptions() {}

    /** Sets the child's standard input. */
    public ProcessOptions stdin(Redirect stdin) {
        return with(it -> it.stdin = stdin);
    }

    /** Sets the child's standard output. */
    public ProcessOptions stdout(Redirect stdout) {
        return with(it -> it.stdout = stdout);
    }

    /** Sets the child's standard error. */
    public ProcessOptions stderr(Redirect stderr) {
        return with(it -> it.stderr = stderr);
    }

    /** Sets the limit of the {@link StreamReader}s, in bytes. */
    public ProcessOptions limit(int limit) {
        return with(it -> it.limit = limit);
    }

    /** Sets the child's working directory; the default is that of this process. */
    public ProcessOptions cwd(Path directory) {
        return with(it -> it.cwd = directory);
    }

    /** Gives the child only these environment variables; by default it inherits those of this process. */
    public ProcessOptions env(Map<String, String> variables) {
        return with(it -> it.env = Map.copyOf(variables));
    }

    /** Returns these options with pipes for the streams that are not set. */
    ProcessOptions orPipes() {
        return with(it -> {
            it.stdin = stdin == null ? Redirect.PIPE : stdin;
            it.stdout = stdout == null ? Redirect.PIPE : stdout;
            it.stderr = stderr == null ? Redirect.PIPE : stderr;
        });
    }

    private static dev.simul.process.@Nullable Redirect delegateOf(@Nullable Redirect redirect) {
        return redirect == null ? null : redirect.delegate;
    }

    dev.simul.process.@Nullable Redirect stdin() {
        return delegateOf(stdin);
    }

    dev.simul.process.@Nullable Redirect stdout() {
        return delegateOf(stdout);
    }

    dev.simul.process.@Nullable Redirect stderr() {
        return delegateOf(stderr);
    }

    int limit() {
        return limit;
    }

    @Nullable Path cwd() {
        return cwd;
    }

    @Nullable Map<String, String> env() {
        return env;
    }
}
